# SPDX-License-Identifier: Apache-2.0
"""A second reading of DCAP quotes, trust domain bodies and TD reports.

Written from the tables of Intel's formats alone; it shares nothing with src/sgx. Each reading takes bytes and gives
lines "name value": numbers in decimal, fields in hex, what is borrowed as "offset+size" ("-" if empty)."""
import hashlib
import struct

from refused import Refused, need

MIN_SIZE = 1020
VENDOR = bytes.fromhex("939a7233f79c4ca9940a0db3957f0607")
BODY_SIZES = {1: 384, 2: 584, 3: 648, 4: 885}

# name, offset, size, how: x bytes, n little-endian number
ENCLAVE = [
    ("cpu_svn", 0, 16, "x"), ("misc_select", 16, 4, "n"), ("reserved1", 20, 12, "x"), ("isv_ext_prod_id", 32, 16, "x"),
    ("flags", 48, 8, "n"), ("xfrm", 56, 8, "n"), ("mr_enclave", 64, 32, "x"), ("reserved2", 96, 32, "x"),
    ("mr_signer", 128, 32, "x"), ("reserved3", 160, 32, "x"), ("config_id", 192, 64, "x"), ("isv_prod_id", 256, 2, "n"),
    ("isv_svn", 258, 2, "n"), ("config_svn", 260, 2, "n"), ("reserved4", 262, 42, "x"), ("isv_family_id", 304, 16, "x"),
    ("report_data", 320, 64, "x"),
]
TD = [
    ("tee_tcb_svn", 0, 16, "x"), ("mr_seam", 16, 48, "x"), ("mr_signer_seam", 64, 48, "x"),
    ("seam_attributes", 112, 8, "x"), ("td_attributes", 120, 8, "n"), ("xfam", 128, 8, "n"), ("mr_td", 136, 48, "x"),
    ("mr_config_id", 184, 48, "x"), ("mr_owner", 232, 48, "x"), ("mr_owner_config", 280, 48, "x"),
    ("rtmr0", 328, 48, "x"), ("rtmr1", 376, 48, "x"), ("rtmr2", 424, 48, "x"), ("rtmr3", 472, 48, "x"),
    ("report_data", 520, 64, "x"),
    ("tee_tcb_svn2", 584, 16, "x"), ("mr_service_td", 600, 48, "x"),
    ("vmid", 648, 1, "n"), ("td_id", 649, 32, "x"), ("device_info", 681, 48, "x"),
    ("initial_service_td_hash", 729, 48, "x"), ("initial_service_td_attributes", 777, 8, "n"),
    ("initial_cpu_svn", 785, 16, "x"), ("initial_tee_tcb_svn", 801, 16, "x"), ("initial_fmspc", 817, 12, "x"),
    ("service_td_hash", 829, 48, "x"), ("service_td_attributes", 877, 8, "n"),
]
TD_REPORT = [
    ("type", 0, 1, "n"), ("subtype", 1, 1, "n"), ("version", 2, 1, "n"), ("reserved1", 3, 13, "x"),
    ("cpu_svn", 16, 16, "x"), ("tcb_info_hash", 32, 48, "x"), ("td_info_hash", 80, 48, "x"),
    ("report_data", 128, 64, "x"), ("reserved2", 192, 32, "x"), ("mac", 224, 32, "x"),
    ("valid", 256, 8, "n"), ("tee_tcb_svn", 264, 16, "x"), ("mr_seam", 280, 48, "x"), ("mr_signer_seam", 328, 48, "x"),
    ("seam_attributes", 376, 8, "x"), ("tee_tcb_svn2", 384, 16, "x"), ("reserved3", 400, 95, "x"),
    ("reserved4", 495, 17, "x"),
    ("td_attributes", 512, 8, "n"), ("xfam", 520, 8, "n"), ("mr_td", 528, 48, "x"), ("mr_config_id", 576, 48, "x"),
    ("mr_owner", 624, 48, "x"), ("mr_owner_config", 672, 48, "x"), ("rtmr0", 720, 48, "x"), ("rtmr1", 768, 48, "x"),
    ("rtmr2", 816, 48, "x"), ("rtmr3", 864, 48, "x"), ("mr_service_td", 912, 48, "x"), ("td_id", 960, 32, "x"),
    ("reserved5", 992, 24, "x"), ("vmid", 1016, 1, "n"), ("reserved6", 1017, 3, "x"), ("td_info_valid", 1020, 4, "n"),
]


def number(data, at, size):
    return int.from_bytes(data[at : at + size], "little")


def fields(table, data, base, size, prefix):
    """Fields of the table that lie in `size` bytes; those behind are zero."""
    for name, at, length, how in table:
        part = data[base + at : base + at + length] if at + length <= size else bytes(length)
        yield f"{prefix}{name} {part.hex() if how == 'x' else int.from_bytes(part, 'little')}"


def span(at, size):
    return f"{at}+{size}" if size else "-"


def take(data, at, end, size, what):
    """Moves over `size` bytes that must lie before `end`."""
    need(size <= end - at, f"{what}: {size} bytes at {at}, {end - at} are left")
    return at + size


def read_header(data):
    version, key_type, tee, qe_svn, pce_svn = struct.unpack_from("<HHIHH", data)
    need(3 <= version <= 5, "version")
    need(key_type == 2, "attestation key type")
    need(tee == 0 or (tee == 0x81 and version > 3), "TEE type")
    need(data[12:28] == VENDOR, "vendor id")
    lines = [f"version {version}", f"key_type {key_type}", f"tee {tee}", f"qe_svn {qe_svn}", f"pce_svn {pce_svn}",
             f"vendor_id {data[12:28].hex()}", f"user_data {data[28:48].hex()}"]
    return version, tee, lines


def read_body_type(data, version, tee):
    """Body type and where the body begins."""
    if version < 5:
        return (1 if tee == 0 else 2), 48
    kind, size = struct.unpack_from("<HI", data, 48)
    need(kind in BODY_SIZES, "body type")
    need((kind == 1) == (tee == 0), "body type of another TEE")
    need(size == BODY_SIZES[kind], "body size")
    return kind, 54


def read_certification(data, at, end, exactly):
    """QE report, its signature, QE authentication data and what certifies the QE; to where it ends."""
    report = at
    signature = take(data, report, end, 384, "QE report")
    at = take(data, signature, end, 64, "QE report signature")
    after = take(data, at, end, 2, "QE authentication size")
    auth_size = number(data, at, 2)
    auth = after
    at = take(data, auth, end, auth_size, "QE authentication data")
    after = take(data, at, end, 6, "certification data header")
    kind, size = struct.unpack_from("<HI", data, at)
    need(1 <= kind <= 5, "certification data type")
    at = take(data, after, end, size, "certification data")
    need(not exactly or at == end, "bytes behind the certification data")
    lines = list(fields(ENCLAVE, data, report, 384, "qe."))
    lines += [f"qe_report_bytes {span(report, 384)}", f"qe_report_signature {span(signature, 64)}",
              f"qe_auth_data {span(auth, auth_size)}", f"certification_type {kind}",
              f"certification {span(after, size)}"]
    lines += read_named_platform(data, kind, after, size)
    return at, lines


def read_named_platform(data, kind, at, size):
    """Types 1 to 3: PPID, CPUSVN, PCESVN, PCEID. Types 4 and 5: text, perhaps with a NUL behind it."""
    ppid_size = {1: 16, 2: 256, 3: 384}.get(kind)
    if ppid_size is None:
        nul = size > 0 and data[at + size - 1] == 0
        return [f"pem {span(at, size - nul)}"]
    if size != ppid_size + 20:
        return ["ppid refused"]
    rest = at + ppid_size
    return [f"ppid {span(at, ppid_size)}", f"ppid_cpu_svn {data[rest : rest + 16].hex()}",
            f"ppid_pce_svn {number(data, rest + 16, 2)}", f"ppid_pce_id {number(data, rest + 18, 2)}"]


def read_quote(data):
    need(len(data) >= MIN_SIZE, "shorter than any quote")
    version, tee, lines = read_header(data)
    kind, body = read_body_type(data, version, tee)
    end = len(data)
    signed_size = take(data, body, end, BODY_SIZES[kind], "body")
    lines.append(f"body_type {kind}")
    if kind == 1:
        lines += fields(ENCLAVE, data, body, 384, "report.")
    else:
        lines += fields(TD, data, body, BODY_SIZES[kind], "td.")
    at = take(data, signed_size, end, 4, "authentication data size")
    auth_end = take(data, at, end, number(data, signed_size, 4), "authentication data")
    signature = at
    key = take(data, signature, auth_end, 64, "signature")
    at = take(data, key, auth_end, 64, "attestation key")
    lines += [f"signed_part {span(0, signed_size)}", f"signature {span(signature, 64)}",
              f"attestation_key {span(key, 64)}"]
    if version == 3:
        at, more = read_certification(data, at, auth_end, False)
    else:
        after = take(data, at, auth_end, 6, "outer certification data header")
        outer, size = struct.unpack_from("<HI", data, at)
        need(outer == 6, "outer certification data type")
        at = take(data, after, auth_end, size, "outer certification data")
        _, more = read_certification(data, after, at, True)
    lines += more
    lines += [f"unclaimed {span(at, auth_end - at)}", f"trailing {span(auth_end, end - auth_end)}"]
    return lines


def quote_places(data):
    """Where the length and type fields of a sound quote are: (offset, size). For those who damage it."""
    version, tee, _ = read_header(data)
    kind, body = read_body_type(data, version, tee)
    places = [(0, 2), (2, 2), (4, 4), (12, 16)] + ([(48, 2), (50, 4)] if version == 5 else [])
    at = body + BODY_SIZES[kind]
    places.append((at, 4))
    at += 4 + 128
    if version > 3:
        places += [(at, 2), (at + 2, 4)]
        at += 6
    at += 448
    places.append((at, 2))
    at += 2 + number(data, at, 2)
    return places + [(at, 2), (at + 2, 4)]


def read_td_body(data):
    """A body by itself, named by its size."""
    kind = {584: 2, 648: 3, 885: 4}.get(len(data))
    need(kind is not None, "no size of a trust domain's body")
    return [f"body_type {kind}"] + list(fields(TD, data, 0, len(data), ""))


def td_report_form(data):
    """A quoting enclave takes it: subtype 0 or 1; versions 0, 1, 3; validity 1ff or 301ff; zeros elsewhere."""
    version, valid = data[2], data[256:264]
    good = data[1] <= 1 and version in (0, 1, 3)
    good = good and valid[0:2] == b"\xff\x01" and valid[2] in (0, 3) and not any(valid[3:])
    zeros = [(3, 16), (192, 224), (400, 512), (992, 1016), (1017, 1020)]
    if version < 1:
        zeros.append((912, 960))
    if version < 3:
        zeros += [(960, 992), (1016, 1017), (1020, 1024)]
    return good and not any(any(data[a:b]) for a, b in zeros)


def read_td_report(data):
    need(len(data) == 1024, "size of a TD report")
    need(data[0] == 0x81, "type of a TD report")
    tcb_info = hashlib.sha384(data[256:495]).digest() == data[32:80]
    td_info = hashlib.sha384(data[512:1024]).digest() == data[80:128]
    return list(fields(TD_REPORT, data, 0, 1024, "")) + [
        f"form {int(td_report_form(data))}", f"bound {int(tcb_info and td_info)}"]
