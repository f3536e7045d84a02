# SPDX-License-Identifier: Apache-2.0
"""Sound inputs, and ways to damage them that know where structure is. All chance comes from the generator that is
given, so that a seed repeats a run."""
import hashlib
import struct

import der
import pck
import quote

LIMITS = [0, 1, 2, 3, 4, 5, 6, 7, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x10000]
LIMITS += [0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]


# ---- Bytes ----


def put_number(data, place, value):
    at, size = place
    data[at : at + size] = (value % (1 << (8 * size))).to_bytes(size, "little")


def damage_bytes(rng, data, places, others):
    """One to three changes. `places`: (offset, size) of numbers; `others`: inputs to splice with."""
    data = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3))):
        what = rng.random()
        if what < 0.45 and places:
            place = rng.choice(places)
            near = int.from_bytes(data[place[0] : place[0] + place[1]], "little") + rng.choice((-2, -1, 1, 2))
            far = rng.choice(LIMITS)
            put_number(data, place, rng.choice((near, near, far, far, rng.getrandbits(32))))
        elif what < 0.7 and data:
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        elif what < 0.78:
            del data[rng.randrange(len(data) + 1) :]
        elif what < 0.82:
            del data[len(data) - min(len(data), rng.randrange(1, 5)) :]
        elif what < 0.88:
            data += rng.randbytes(rng.randrange(1, 80))
        elif what < 0.92 and data:
            at = rng.randrange(len(data))
            del data[at : at + rng.randrange(1, 9)]
        elif what < 0.96:
            at = rng.randrange(len(data) + 1)
            data[at:at] = rng.randbytes(rng.randrange(1, 9))
        else:
            other = rng.choice(others)
            at = rng.randrange(min(len(data), len(other)) + 1)
            data[at:] = other[at:]
    return bytes(data)


# ---- Quotes, written here from the same tables ----


def write_quote(rng, version, kind, qe_auth_size, certification_type, certification_size):
    size = quote.BODY_SIZES[kind]
    head = struct.pack("<HHIHH", version, 2, 0 if kind == 1 else 0x81, rng.getrandbits(16), rng.getrandbits(16))
    head += quote.VENDOR + rng.randbytes(20)
    if version == 5:
        head += struct.pack("<HI", kind, size)
    certification = rng.randbytes(448) + struct.pack("<H", qe_auth_size) + rng.randbytes(qe_auth_size)
    certification += struct.pack("<HI", certification_type, certification_size) + rng.randbytes(certification_size)
    if version > 3:
        certification = struct.pack("<HI", 6, len(certification)) + certification
    auth = rng.randbytes(128) + certification
    return head + rng.randbytes(size) + struct.pack("<I", len(auth)) + auth


SHAPES = [(3, 1), (4, 1), (4, 2), (5, 1), (5, 2), (5, 3), (5, 4)]


def any_quote(rng):
    version, kind = rng.choice(SHAPES)
    named = rng.choice(((1, 36), (2, 276), (3, 404), (4, rng.randrange(200)), (5, rng.randrange(200))))
    return write_quote(rng, version, kind, rng.choice((0, 1, 32, 32, 300)), *named)


def write_td_report(rng):
    version = rng.choice((0, 1, 3))
    data = bytearray(rng.randbytes(1024))
    data[0:4] = bytes((0x81, 0, version, 0))
    data[256:264] = bytes((0xFF, 1, rng.choice((0, 3)), 0, 0, 0, 0, 0))
    zeros = [(4, 16), (192, 224), (400, 512), (992, 1016), (1017, 1020)]
    if version < 1:
        zeros.append((912, 960))
    if version < 3:
        zeros += [(960, 992), (1016, 1024)]
    for begin, end in zeros:
        data[begin:end] = bytes(end - begin)
    return bind_td_report(data)


def bind_td_report(data):
    data = bytearray(data)
    data[32:80] = hashlib.sha384(data[256:495]).digest()
    data[80:128] = hashlib.sha384(data[512:1024]).digest()
    return bytes(data)


TD_REPORT_PLACES = [(at, size) for _, at, size, _ in quote.TD_REPORT if size <= 4] + [(3, 1)]
TD_REPORT_PLACES += [(at, 1) for at in range(256, 264)]


def damage_td_report(rng, data):
    """With hashes that fit again, as often as not."""
    if rng.random() < 0.5:
        data = bytearray(data)
        _, at, size, _ = rng.choice(quote.TD_REPORT)
        data[at + rng.randrange(size)] ^= 1 << rng.randrange(8)
        return bind_td_report(data) if rng.random() < 0.7 else bytes(data)
    return damage_bytes(rng, data, TD_REPORT_PLACES, [data[::-1]])


# ---- DER: a tree of (tag, bytes or list) ----


def to_tree(element):
    return [element.tag, [to_tree(one) for one in element.children()] if element.tag & 0x20 else bytes(element.content)]


def encode(node, rng=None):
    """With a generator now and then a length that DER does not allow."""
    tag, content = node
    if isinstance(content, list):
        content = b"".join(encode(one, rng) for one in content)
    size = len(content)
    wrong = rng is not None and rng.random() < 0.01
    if wrong and rng.random() < 0.5:
        size = max(0, size + rng.choice((-1, 1, 0x7FFF, 0x7FFFFFFF)))
    if size < 0x80 and not wrong:
        return bytes((tag, size)) + content
    digits = size.to_bytes((size.bit_length() + 7) // 8 or 1, "big")
    if wrong and rng.random() < 0.5:
        digits = b"\0" * rng.choice((1, 2, 5)) + digits
    return bytes((tag, 0x80 | len(digits))) + digits + content


def nodes_of(node):
    yield node
    if isinstance(node[1], list):
        for one in node[1]:
            yield from nodes_of(one)


def copy_tree(node):
    return [node[0], [copy_tree(one) for one in node[1]] if isinstance(node[1], list) else node[1]]


TAGS = [0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0A, 0x0C, 0x13, 0x16, 0x17, 0x18, 0x1E, 0x30, 0x31, 0x80, 0xA0, 0xA1]
CONTENTS = [b"", b"\0", b"\1", b"\xff", b"\x7f", b"\x80", b"\0\x7f", b"\0\x80", b"\0\xff", b"\1\0", b"\xff\xff",
            b"\0\xff\xff", b"\1\0\0", b"\0\0", bytes(5), bytes(6), bytes(7), bytes(15), bytes(17),
            b"\x7f" * 20, b"\x7f" * 21, b"\xff" * 33,
            b"500101000000Z", b"491231235959Z", b"20500101000000Z", b"20490101000000Z", b"250229000000Z",
            b"2501010000Z",
            b"250101000060Z", b"250101000000+0000", b"99991231235959Z", b"00000101000000Z"]


def damage_content(rng, content):
    content = bytearray(content)
    what = rng.randrange(5)
    if what == 0 and content:
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    elif what == 1:
        content = content[:-1]
    elif what == 2:
        content += rng.randbytes(1)
    elif what == 3:
        content = b"\0" + content
    else:
        content = rng.choice(CONTENTS)
    return bytes(content)


def damage_tree(rng, tree):
    tree = copy_tree(tree)
    for _ in range(rng.choice((1, 1, 2))):
        nodes = list(nodes_of(tree))
        node = rng.choice(nodes)
        what = rng.random()
        if isinstance(node[1], list) and node[1]:
            at = rng.randrange(len(node[1]))
            if what < 0.3:
                del node[1][at]
            elif what < 0.5:
                node[1].insert(rng.randrange(len(node[1]) + 1), copy_tree(node[1][at]))
            elif what < 0.8:
                node[1].insert(rng.randrange(len(node[1])), node[1].pop(at))
            elif what < 0.88:
                node[1][at] = copy_tree(rng.choice(nodes[1:] or nodes))
            elif what < 0.94:
                node[1].insert(at + 1, [rng.choice(TAGS), rng.choice(CONTENTS)])
            else:
                node[0] = rng.choice(TAGS)
        elif what < 0.2:
            node[0] = rng.choice(TAGS)
        elif not isinstance(node[1], list):
            node[1] = damage_content(rng, node[1])
    return encode(tree, rng)


def write_extension(rng, platform):
    def pair(name, tag, content):
        return [der.SEQUENCE, [[der.OID, pck.SGX + bytes(name)], [tag, content]]]

    def svn(most):
        value = rng.randrange(most + 1)
        return value.to_bytes(value.bit_length() // 8 + 1, "big")

    tcb = [pair((2, i), der.INTEGER, svn(255)) for i in range(1, 17)]
    tcb += [pair((2, 17), der.INTEGER, svn(65535)), pair((2, 18), der.OCTETS, rng.randbytes(16))]
    items = [pair((1,), der.OCTETS, rng.randbytes(16)), pair((2,), der.SEQUENCE, tcb),
             pair((3,), der.OCTETS, rng.randbytes(2)), pair((4,), der.OCTETS, rng.randbytes(6)),
             pair((5,), der.ENUMERATED, bytes((rng.randrange(3),)))]
    if platform:
        options = [pair((7, i), der.BOOLEAN, rng.choice((b"\0", b"\xff"))) for i in (1, 2, 3)]
        items += [pair((6,), der.OCTETS, rng.randbytes(16)), pair((7,), der.SEQUENCE, options)]
    if rng.random() < 0.3:
        rng.shuffle(items)
    return encode([der.SEQUENCE, items])


def damage_der(rng, data, others):
    if rng.random() < 0.05:
        return data
    if rng.random() < 0.8:
        return damage_tree(rng, to_tree(der.Element(data, 0, len(data))))
    return damage_bytes(rng, data, [(at, 1) for at in range(min(len(data), 40))], others)


def damage_crl(rng, data, others):
    """In one of the three forms in which lists are served."""
    import base64

    data = damage_der(rng, data, others)
    form = rng.random()
    if form < 0.7:
        return data + (b"\0" if rng.random() < 0.05 else b"")
    if form < 0.85:
        text = data.hex() + rng.choice(("", "\n", " \r\n", "\0", "x"))
        text = text.upper() if rng.random() < 0.3 else text
    else:
        lines = base64.encodebytes(data).decode().replace("\n", "").strip()
        width = rng.choice((64, 76, 64, 1 << 20))
        body = "\n".join(lines[i : i + width] for i in range(0, len(lines), width))
        text = f"-----BEGIN X509 CRL-----\n{body}\n-----END X509 CRL-----"
        text += rng.choice(("", "\n", "\r\n", "\n \n", "x"))
    out = bytearray(text.encode())
    if rng.random() < 0.1 and out:
        out[rng.randrange(len(out))] ^= 1 << rng.randrange(7)
    return bytes(out)


# ---- JSON: objects are lists of [name, value] under a mark, so that names may repeat and move ----


class Members(list):
    pass


def to_members(value):
    if isinstance(value, dict):
        return Members([name, to_members(one)] for name, one in value.items())
    return [to_members(one) for one in value] if isinstance(value, list) else value


class Raw(str):
    """Written as it stands."""


def write_json(value, space=""):
    if isinstance(value, Members):
        members = (f'"{name}":{space}{write_json(one, space)}' for name, one in value)
        return "{" + space + ("," + space).join(members) + space + "}"
    if isinstance(value, list):
        return "[" + ("," + space).join(write_json(one, space) for one in value) + "]"
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, str):
        return f'"{value}"'
    words = {True: "true", False: "false", None: "null"}
    return words[value] if value is None or isinstance(value, bool) else str(value)


def spots_of(value, out):
    """Every (container, index) below it, where the index of a member is its place in the list."""
    for at, one in enumerate(value):
        inner = one[1] if isinstance(value, Members) else one
        out.append((value, at))
        if isinstance(inner, list):
            spots_of(inner, out)
    return out


VALUES = [0, -1, 1, 2, 3, 4, 255, 256, 300, 65535, 65536, 2**31, 2**32 - 1, 2**32, 2**63, 2**64]
VALUES += [None, True, False, "", "SGX", "TDX", "QE", "UpToDate", "Revoked", "OutOfDate", "TDRelaunchAdvised"]
VALUES += ["TDX_04", "tdx_03", "TDX_1", "TDX_0G", "TDX_100"]
VALUES += ["2024-02-29T00:00:00Z", "2023-02-29T00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01T00:00:60Z"]
VALUES += ["0000-01-01T00:00:00Z", "2024-01-01T00:00:00.0Z", "2024-1-01T00:00:00Z", "9999-12-31T23:59:59Z"]
VALUES += ["1969-12-31T23:59:59Z", "a" * 31, "a" * 32, "\u00e9" * 16]
VALUES += ["\\u0041", "\\ud800", "\\ud83d\\ude00", "\\u0000", "\\n", "\\x", "\x7f"]
VALUES += [Raw(text) for text in ("-0", "1.0", "1e2", "01", "1E+2", "nul", "NaN", '"\x01"', "[]", "{}", "[[]]")]
VALUES += [Raw(text) for text in ('{"a":1,"a":2}', '{"\\u0061":1}', '["\\u00e9"]', "[" * 26 + "]" * 26)]


def deep(levels):
    return Raw("[" * levels + "]" * levels)


def damage_member(rng, container, at):
    """A change of one value, or of its place."""
    members = isinstance(container, Members)
    value = container[at][1] if members else container[at]
    what = rng.random()
    if what < 0.25:
        new = rng.choice(VALUES) if rng.random() < 0.9 else deep(rng.randrange(24, 36))
    elif what < 0.45 and isinstance(value, str) and not isinstance(value, Raw):
        new = rng.choice((value[:-1], value + "0", value + "00", value.upper(), value.lower(), value[1:] + value[:1],
                          value.replace("0", "1", 1)))
    elif what < 0.55 and isinstance(value, int) and not isinstance(value, bool):
        new = rng.choice((value + 1, max(0, value - 1), 0, 255, 256, 65536, Raw(f"{value}.0"), str(value)))
    elif what < 0.68:
        del container[at]
        return
    elif what < 0.78:
        container.insert(rng.randrange(len(container) + 1), [container[at][0], value] if members else value)
        return
    elif what < 0.9:
        container.insert(rng.randrange(len(container)), container.pop(at))
        return
    elif members:
        old = container[at][0]
        name = rng.choice((old.upper(), "x" + old, "\\u0061", old + "\\n", "id", "tdxModule", ""))
        if rng.random() < 0.5:
            container[at][0] = name
        else:
            container.insert(at, [name, rng.choice(VALUES)])
        return
    else:
        return
    if members:
        container[at][1] = new
    else:
        container[at] = new


def copy_members(value):
    if isinstance(value, Members):
        return Members([name, copy_members(one)] for name, one in value)
    return [copy_members(one) for one in value] if isinstance(value, list) else value


def damage_text(rng, text):
    data = bytearray(text.encode())
    what = rng.randrange(6)
    at = rng.randrange(len(data))
    if what == 0:
        data[at] ^= 1 << rng.randrange(8)
    elif what == 1:
        del data[at:]
    elif what == 2:
        data[at:at] = rng.choice((b" ", b"\n", b"\t\r", b"\0", b"\x0b", b",", b"\xef\xbb\xbf", b"\xc2\xa0", b"/**/"))
    elif what == 3:
        data += rng.choice((b"\n", b" ", b"\0", b"1\0", b"x", b"{}", b","))
    elif what == 4:
        data[:0] = rng.choice((b" ", b"\n", b"\xef\xbb\xbf", b"\0"))
    else:
        del data[at]
    return bytes(data)


def damage_json(rng, document):
    document = copy_members(document)
    for _ in range(rng.choice((0, 1, 1, 1, 2))):
        spots = spots_of(document, [])
        if not spots:
            break
        damage_member(rng, *rng.choice(spots[: 40] if rng.random() < 0.5 else spots))
    text = write_json(document, rng.choice(("", "", "", " ", "\n\t")))
    return damage_text(rng, text) if rng.random() < 0.25 else text.encode("utf-8", "surrogatepass")


def to_version_2(document):
    """TCB info of version 2 from one of version 3 for SGX."""
    out = copy_members(document)
    info = out[0][1]
    info[:] = [[name, 2 if name == "version" else value] for name, value in info if name != "id"]
    for level in dict(map(tuple, info))["tcbLevels"]:
        tcb = level[0][1]
        listed = tcb[0][1]
        tcb[0:1] = [[f"sgxtcbcomp{i:02}svn", one[0][1]] for i, one in enumerate(listed, 1)]
    return out
