# SPDX-License-Identifier: Apache-2.0
"""JSON by RFC 8259, strictly: UTF-8, no name twice, no escapes in names, 32 levels at most, nothing but white space
behind the value. Values keep where they stand and how they were spelled."""
import re

from refused import need

MAX_DEPTH = 32
SPACE = re.compile(r"[ \t\n\r]*")
STRING = re.compile(r'"((?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*)"')
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
WORD = re.compile(r"true|false|null")
SURROGATE = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
LONE = re.compile(r"(?<!\\)(?:\\\\)*\\u[dD][89a-fA-F]")


class Text(str):
    """The characters between the quotes, as they stand."""


class Number(str):
    pass


class Word(str):
    pass


class Object(dict):
    begin = end = 0


class Array(list):
    pass


class Parser:
    def __init__(self, data):
        try:
            self.text = data.decode("utf-8")
        except UnicodeDecodeError:
            need(False, "no UTF-8")
        self.at = 0

    def space(self):
        self.at = SPACE.match(self.text, self.at).end()

    def expect(self, character):
        need(self.text[self.at : self.at + 1] == character, f'"{character}" is missing at {self.at}')
        self.at += 1

    def string(self):
        found = STRING.match(self.text, self.at)
        need(found, f"no text at {self.at}")
        self.at = found.end()
        characters = found.group(1)
        if "\\u" in characters:
            need(not LONE.search(SURROGATE.sub("", characters)), "half of a surrogate pair")
        return Text(characters)

    def value(self, depth):
        first = self.text[self.at : self.at + 1]
        if first == "{":
            return self.object(depth + 1)
        if first == "[":
            return self.array(depth + 1)
        if first == '"':
            return self.string()
        for pattern, kind in ((NUMBER, Number), (WORD, Word)):
            found = pattern.match(self.text, self.at)
            if found:
                self.at = found.end()
                return kind(found.group())
        need(False, f"no value at {self.at}")

    def object(self, depth):
        need(depth <= MAX_DEPTH, "too deep")
        out = Object()
        out.begin = self.at
        self.at += 1
        self.space()
        while self.text[self.at : self.at + 1] != "}" or out:
            name = self.string()
            need("\\" not in name, "an escape in a name")
            need(name not in out, "a name twice")
            self.space()
            self.expect(":")
            self.space()
            out[name] = self.value(depth)
            self.space()
            if self.text[self.at : self.at + 1] != ",":
                break
            self.at += 1
            self.space()
        self.expect("}")
        out.end = self.at
        return out

    def array(self, depth):
        need(depth <= MAX_DEPTH, "too deep")
        out = Array()
        self.at += 1
        self.space()
        while self.text[self.at : self.at + 1] != "]" or out:
            out.append(self.value(depth))
            self.space()
            if self.text[self.at : self.at + 1] != ",":
                break
            self.at += 1
            self.space()
        self.expect("]")
        return out


def parse(data):
    """The value, and the text in which objects say where they stand (offsets in characters)."""
    parser = Parser(data)
    parser.space()
    value = parser.value(0)
    parser.space()
    need(parser.at == len(parser.text), f"something stands behind the value at {parser.at}")
    return value, parser.text
