# SPDX-License-Identifier: Apache-2.0
"""DER by X.690: one encoding of each value, and nothing left over."""
import calendar
import datetime
import re

from refused import need

BOOLEAN, INTEGER, BITS, OCTETS, OID, ENUMERATED = 0x01, 0x02, 0x03, 0x04, 0x06, 0x0A
UTF8, PRINTABLE, IA5, UTC_TIME, GENERALIZED_TIME, SEQUENCE, SET = 0x0C, 0x13, 0x16, 0x17, 0x18, 0x30, 0x31


class Element:
    """A tag, its content, and where the whole of it stands in the input."""

    def __init__(self, data, at, end):
        need(end - at >= 2, f"an element is cut short at {at}")
        self.data, self.begin, self.tag = data, at, data[at]
        need(self.tag & 0x1F != 0x1F, f"a tag of many bytes at {at}")
        size, at = data[at + 1], at + 2
        if size >= 0x80:
            count = size & 0x7F
            need(1 <= count <= 4 and end - at >= count, f"a length that does not fit at {at}")
            size = int.from_bytes(data[at : at + count], "big")
            at += count
            need(size >= 0x80 and size >> (8 * (count - 1)), f"a length longer than it has to be at {at}")
        need(size <= end - at, f"an element of {size} bytes at {at}, {end - at} are left")
        self.inside, self.end = at, at + size

    @property
    def content(self):
        return self.data[self.inside : self.end]

    @property
    def whole(self):
        return self.data[self.begin : self.end]

    def children(self):
        at, out = self.inside, []
        while at < self.end:
            out.append(Element(self.data, at, self.end))
            at = out[-1].end
        return out

    def of(self, tag):
        need(self.tag == tag, f"tag {self.tag:#x} at {self.begin} where {tag:#x} is needed")
        return self


def only(data, tag):
    """One element that fills the input."""
    out = Element(data, 0, len(data)).of(tag)
    need(out.end == len(data), "something stands behind it")
    return out


def magnitude(element, tag=INTEGER):
    """Bytes of an integer that is not negative, without the zero that its sign may need."""
    content = element.of(tag).content
    need(len(content) > 0 and content[0] < 0x80, "an integer below zero, or of no bytes")
    need(len(content) == 1 or content[0] or content[1] >= 0x80, "an integer longer than it has to be")
    return content.lstrip(b"\0")


def integer(element, most, tag=INTEGER):
    value = int.from_bytes(magnitude(element, tag), "big")
    need(value <= most, "an integer too large")
    return value


def boolean(element):
    need(element.of(BOOLEAN).content in (b"\x00", b"\xff"), "no boolean")
    return element.content == b"\xff"


def octets(element, size):
    need(len(element.of(OCTETS).content) == size, f"{size} octets are needed")
    return element.content


def pairs(element):
    """SEQUENCE of SEQUENCE {OID, value}: a dictionary by the OID's bytes, each once."""
    out = {}
    for one in element.of(SEQUENCE).children():
        parts = one.of(SEQUENCE).children()
        need(len(parts) == 2, "no pair")
        name = parts[0].of(OID).content
        need(name not in out, "an item twice")
        out[name] = parts[1]
    return out


def seconds(element):
    """UTCTime until 2049, GeneralizedTime, both in Zulu time and with seconds (RFC 5280)."""
    digits = {UTC_TIME: 2, GENERALIZED_TIME: 4}
    need(element.tag in digits, "no time")
    found = re.fullmatch(rb"([0-9]{%d})" % digits[element.tag] + rb"([0-9]{2})" * 5 + rb"Z", element.content)
    need(found, "no time")
    parts = list(map(int, found.groups()))
    if element.tag == UTC_TIME:
        parts[0] += 2000 if parts[0] < 50 else 1900
    try:
        return calendar.timegm(datetime.datetime(*parts).timetuple())
    except ValueError:
        need(False, "no such time")
