# SPDX-License-Identifier: Apache-2.0
"""A second reading of revocation lists (RFC 5280, as Intel's profile has them): DER, PEM, or DER in hex."""
import base64
import re

import der
from refused import Refused, need

ECDSA_SHA256 = bytes.fromhex("300a06082a8648ce3d040302")
COMMON_NAME = bytes.fromhex("550403")
NUMBER, AUTHORITY_KEY = bytes.fromhex("551d14"), bytes.fromhex("551d23")
CONTEXT_0 = 0xA0
U64 = (1 << 64) - 1


def to_der(data):
    if data[:1] == b"\x30":
        return data[:-1] if data[-1:] == b"\0" and der.Element(data, 0, len(data)).end == len(data) - 1 else data
    if data[:1] == b"-":
        found = re.fullmatch(rb"-----BEGIN X509 CRL-----\s([A-Za-z0-9+/=\s]*)-----END X509 CRL-----[ \t\r\n]*", data)
        need(found, "no PEM")
        try:
            return base64.b64decode(re.sub(rb"[ \t\r\n]", b"", found.group(1)), validate=True)
        except ValueError:
            need(False, "no base64")
    digits = data.rstrip(b" \t\r\n")
    need(len(digits) % 2 == 0 and re.fullmatch(rb"[0-9a-fA-F]+", digits), "no hex")
    return bytes.fromhex(digits.decode())


def common_name(name):
    """Of a name whose parts are one attribute each."""
    found = []
    for part in name.of(der.SEQUENCE).children():
        attributes = part.of(der.SET).children()
        need(len(attributes) == 1, "a part of a name that is not one attribute")
        parts = attributes[0].of(der.SEQUENCE).children()
        need(len(parts) == 2, "an attribute of a name is no pair")
        need(parts[1].tag in (der.UTF8, der.PRINTABLE, der.IA5), "kind of text in a name")
        if parts[0].of(der.OID).content == COMMON_NAME:
            found.append(parts[1].content)
    need(len(found) == 1 and found[0], "one common name")
    return found[0]


def extensions(element, once):
    """OID, critical, value. Those in `once` stand there once at most; of others nothing is asked."""
    out = []
    for one in element.of(der.SEQUENCE).children():
        parts = one.of(der.SEQUENCE).children()
        need(2 <= len(parts) <= 3, "form of an extension")
        critical = len(parts) == 3 and der.boolean(parts[1])
        need(len(parts) == 2 or critical, "a default that is spelled out")
        out.append((parts[0].of(der.OID).content, critical, parts[-1].of(der.OCTETS).content))
    names = [name for name, _, _ in out]
    need(all(names.count(name) < 2 for name in once), "an extension twice")
    return out


def read_entry(entry):
    parts = entry.of(der.SEQUENCE).children()
    need(2 <= len(parts) <= 3, "form of an entry")
    serial = der.magnitude(parts[0])
    der.seconds(parts[1])
    critical = len(parts) == 3 and any(one[1] for one in extensions(parts[2], ()))
    return serial, critical


def halves(bits):
    """r || s; zeros for what is no signature, which then verifies under no key."""
    content = bits.of(der.BITS).content
    need(content[:1] == b"\0", "a signature of odd bits")
    try:
        parts = der.only(content[1:], der.SEQUENCE).children()
        numbers = [der.magnitude(part) for part in parts]
    except Refused:
        return bytes(64)
    if len(numbers) != 2 or any(len(one) > 32 for one in numbers):
        return bytes(64)
    return b"".join(one.rjust(32, b"\0") for one in numbers)


def read_crl(data):
    data = to_der(data)
    parts = der.only(data, der.SEQUENCE).children()
    need(len(parts) == 3, "form of a list")
    signed, algorithm, signature = parts
    need(algorithm.whole == ECDSA_SHA256, "algorithm")
    body = signed.of(der.SEQUENCE).children()
    need(len(body) >= 5, "form of what is signed")
    need(der.integer(body[0], 1) == 1, "version")
    need(body[1].whole == ECDSA_SHA256, "algorithm inside")
    name = common_name(body[2])
    this_update, next_update = der.seconds(body[3]), der.seconds(body[4])
    rest = body[5:]
    entries = []
    if rest and rest[0].tag == der.SEQUENCE:
        entries = [read_entry(one) for one in rest.pop(0).children()]
    found = []
    if rest:
        inside = rest.pop(0).of(CONTEXT_0).children()
        need(len(inside) == 1, "extensions")
        found = extensions(inside[0], (NUMBER, AUTHORITY_KEY))
    need(not rest, "something behind the extensions")
    known = {name: value for name, _, value in found if name in (NUMBER, AUTHORITY_KEY)}
    number = 0
    if NUMBER in known:
        magnitude = der.magnitude(der.only(known[NUMBER], der.INTEGER))
        need(len(magnitude) <= 20, "a list number too long")
        number = min(int.from_bytes(magnitude, "big"), U64)
    unknown = any(critical and name not in known for name, critical, _ in found)
    return [f"signed {signed.begin}+{signed.end - signed.begin}", f"signature {halves(signature).hex()}",
            f"issuer {body[2].whole.hex()}", f"name {name.hex()}", f"this_update {this_update}",
            f"next_update {next_update}", f"number {number}",
            f"extensions {int(NUMBER in known) | 2 * int(AUTHORITY_KEY in known)}",
            f"unknown_critical {int(unknown or any(critical for _, critical in entries))}",
            f"revoked {len(entries)}"] + [f"serial {serial.hex()}" for serial, _ in entries]
