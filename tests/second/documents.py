# SPDX-License-Identifier: Apache-2.0
"""A second reading of TCB info (versions 2 and 3) and of enclave identities (version 2)."""
import calendar
import datetime
import re

import strict_json
from refused import need
from strict_json import Array, Number, Object, Text

U16, U32 = 0xFFFF, 0xFFFFFFFF
TIME = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})Z")
HEX = re.compile(r"[0-9a-fA-F]*")
INTEGER = re.compile(r"0|[1-9][0-9]*")
PLATFORM_STATUSES = {"UpToDate", "SWHardeningNeeded", "ConfigurationNeeded", "ConfigurationAndSWHardeningNeeded",
                     "OutOfDate", "OutOfDateConfigurationNeeded", "Revoked"}
ENCLAVE_STATUSES = {"UpToDate", "OutOfDate", "Revoked"}
MAX_UNKNOWN = 32  # members of one object
MAX_LEVELS, MAX_MODULES, MAX_MODULE_LEVELS, MAX_ADVISORIES = 128, 16, 128, 1024
MAX_IDENTITY_LEVELS, MAX_IDENTITY_ADVISORIES = 64, 256
MAX_ADVISORY = 31  # characters


def member(of, name, kind):
    need(name in of, f"{name} is missing")
    need(type(of[name]) is kind, f"{name} is of another kind")
    return of[name]


def unsigned(value, most):
    need(type(value) is Number and INTEGER.fullmatch(value), "no whole number")
    need(int(value) <= most, "a number too large")
    return int(value)


def uint(of, name, most):
    return unsigned(member(of, name, Number), most)


def text_of(value):
    need(type(value) is Text and "\\" not in value, "no plain text")
    return str(value)


def text(of, name):
    return text_of(member(of, name, Text))


def hexadecimal(of, name, size):
    digits = text(of, name)
    need(len(digits) == 2 * size and HEX.fullmatch(digits), f"{name}: {size} bytes in hex are needed")
    return bytes.fromhex(digits)


def seconds(of, name):
    found = TIME.fullmatch(text(of, name))
    need(found, f"{name}: no time")
    try:
        return calendar.timegm(datetime.datetime(*map(int, found.groups())).timetuple())
    except ValueError:
        need(False, f"{name}: no such time")


def known(of, names):
    need(sum(name not in names for name in of) <= MAX_UNKNOWN, "too many unknown members")


def advisories(level):
    if "advisoryIDs" not in level:
        return []
    names = [text_of(one) for one in member(level, "advisoryIDs", Array)]
    need(all(0 < len(one.encode()) <= MAX_ADVISORY for one in names), "size of an advisory")
    return names


LEVEL = {"tcb", "tcbDate", "tcbStatus", "advisoryIDs"}


def svn_level(level, most, statuses):
    """A level of a TDX module or of a quoting enclave."""
    need(type(level) is Object, "a level is no object")
    known(level, LEVEL)
    tcb = member(level, "tcb", Object)
    known(tcb, {"isvsvn"})
    status = text(level, "tcbStatus")
    need(statuses is None or status in statuses, "status")
    return {"isvsvn": uint(tcb, "isvsvn", most), "date": seconds(level, "tcbDate"),
            "status": status if status in (statuses or ENCLAVE_STATUSES) else "Unknown",
            "advisories": advisories(level)}


def in_order(levels):
    """Highest first, of the same version the latest first."""
    levels = sorted(levels, key=lambda level: (-level["isvsvn"], -level["date"]))
    pairs = [(level["isvsvn"], level["date"]) for level in levels]
    need(len(set(pairs)) == len(pairs), "a level twice")
    return levels


def print_svn_level(prefix, level):
    return f"{prefix} {level['isvsvn']} {level['status']} {level['date']} {','.join(level['advisories'])}"


def signed(outer, name, whole):
    """The object that was signed, where it stands (in bytes) and its signature."""
    need(type(outer) is Object, "no object")
    known(outer, {name, "signature"})
    body = member(outer, name, Object)
    raw = whole[body.begin : body.end]
    compact = not re.search(r"[ \t\n\r]", re.sub(r'"(?:[^"\\]|\\.)*"', "", raw))
    begin = len(whole[: body.begin].encode())
    lines = [f"body {begin}+{len(raw.encode())}", f"compact {int(compact)}",
             f"signature {hexadecimal(outer, 'signature', 64).hex()}"]
    return body, lines


# ---- TCB info ----

COMPONENT = {"svn", "category", "type"}


def components(tcb, name):
    """16 SVNs, of which 8 bits count, and what each stands for."""
    listed = member(tcb, name, Array)
    need(len(listed) == 16, f"{name}: 16 are needed")
    svns, kinds = [], []
    for one in listed:
        need(type(one) is Object, f"{name}: no object")
        known(one, COMPONENT)
        svns.append(uint(one, "svn", U32))
        kinds.append((text(one, "category") if "category" in one else "", text(one, "type") if "type" in one else ""))
    return svns, kinds


def numbered(tcb):
    return [uint(tcb, f"sgxtcbcomp{i:02}svn", U32) for i in range(1, 17)], [("", "")] * 16


TCB_NAMES = {2: {f"sgxtcbcomp{i:02}svn" for i in range(1, 17)} | {"pcesvn"},
             3: {"sgxtcbcomponents", "tdxtcbcomponents", "pcesvn"}}


def platform_level(level, version, is_tdx):
    need(type(level) is Object, "a level is no object")
    known(level, LEVEL)
    tcb = member(level, "tcb", Object)
    known(tcb, TCB_NAMES[version])
    sgx, sgx_kinds = numbered(tcb) if version == 2 else components(tcb, "sgxtcbcomponents")
    tdx, tdx_kinds = components(tcb, "tdxtcbcomponents") if is_tdx else ([0] * 16, [("", "")] * 16)
    status = text(level, "tcbStatus")
    need(status in PLATFORM_STATUSES, "status")
    return {"sgx": bytes(n & 255 for n in sgx), "tdx": bytes(n & 255 for n in tdx), "wide": max(sgx + tdx) > 255,
            "kinds": (sgx_kinds, tdx_kinds), "pcesvn": uint(tcb, "pcesvn", U32), "status": status,
            "date": seconds(level, "tcbDate"), "advisories": advisories(level)}


def rank(level):
    return level["sgx"], level["pcesvn"], level["tdx"]


def module(of):
    return [hexadecimal(of, "mrsigner", 48).hex(), hexadecimal(of, "attributes", 8).hex(),
            hexadecimal(of, "attributesMask", 8).hex()]


MODULE = {"mrsigner", "attributes", "attributesMask"}


def module_identity(one):
    need(type(one) is Object, "a module is no object")
    known(one, MODULE | {"id", "tcbLevels"})
    name = text(one, "id")
    found = re.fullmatch(r"TDX_([0-9A-F]{2})", name.upper())
    levels = [svn_level(level, U16, None) for level in member(one, "tcbLevels", Array)]
    need(levels, "a module without levels")
    levels = in_order(levels)
    return {"id": name, "version": int(found.group(1), 16) if found else None, "module": module(one), "levels": levels}


def tdx_part(info):
    """tdxModule, and the identities of modules where there are some."""
    whole = member(info, "tdxModule", Object)
    known(whole, MODULE)
    lines = ["module " + " ".join(module(whole))]
    identities = []
    if "tdxModuleIdentities" in info:
        identities = [module_identity(one) for one in member(info, "tdxModuleIdentities", Array)]
        need(0 < len(identities) <= MAX_MODULES, "number of modules")
    need(sum(len(one["levels"]) for one in identities) <= MAX_MODULE_LEVELS, "number of module levels")
    versions = [one["version"] for one in identities if one["version"] is not None]
    need(len(set(versions)) == len(versions), "two identities of one module")
    for one in identities:
        lines.append(f"identity {one['id']} {one['version']} " + " ".join(one["module"]))
        lines += [print_svn_level("module_level", level) for level in one["levels"]]
    return lines, [name for one in identities for level in one["levels"] for name in level["advisories"]]


INFO = {"id", "version", "issueDate", "nextUpdate", "fmspc", "pceId", "tcbType", "tcbEvaluationDataNumber", "tdxModule",
        "tdxModuleIdentities", "tcbLevels"}


def read_tcb_info(data):
    outer, whole = strict_json.parse(data)
    info, lines = signed(outer, "tcbInfo", whole)
    known(info, INFO)
    version = uint(info, "version", U32)
    need(version in (2, 3), "version")
    is_tdx = False
    if version == 3 or "id" in info:  # in version 2 it says nothing
        named = text(info, "id")
        need(version == 2 or named in ("SGX", "TDX"), "id")
        is_tdx = version == 3 and named == "TDX"
    issued, next_update = seconds(info, "issueDate"), seconds(info, "nextUpdate")
    fmspc, pce_id = hexadecimal(info, "fmspc", 6), hexadecimal(info, "pceId", 2)
    need(uint(info, "tcbType", U32) == 0, "tcbType")
    evaluation = uint(info, "tcbEvaluationDataNumber", U32)
    need(is_tdx or not ("tdxModule" in info or "tdxModuleIdentities" in info), "a TDX module of no TDX platform")
    module_lines, named = tdx_part(info) if is_tdx else ([], [])
    levels = [platform_level(level, version, is_tdx) for level in member(info, "tcbLevels", Array)]
    need(0 < len(levels) <= MAX_LEVELS, "number of levels")
    named += [name for level in levels for name in level["advisories"]]
    need(len(named) <= MAX_ADVISORIES, "number of advisories")
    kinds = levels[0]["kinds"]  # Intel says the same in each level
    levels.sort(key=rank, reverse=True)
    need(all(rank(a) != rank(b) for a, b in zip(levels, levels[1:])), "a level twice")
    lines += [f"version {version}", f"tdx {int(is_tdx)}", f"issued {issued}", f"next_update {next_update}",
              f"fmspc {fmspc.hex()}", f"pce_id {pce_id.hex()}", f"evaluation {evaluation}",
              f"wide {int(any(level['wide'] for level in levels))}"] + module_lines
    for level in levels:
        lines.append(f"level {level['sgx'].hex()} {level['tdx'].hex()} {level['pcesvn']} {level['status']} "
                     f"{level['date']} {','.join(level['advisories'])}")
    for which, kinds in zip(("sgx", "tdx"), kinds):
        lines += [f"{which}_kind {category}|{kind}" for category, kind in kinds]
    return lines


# ---- Identities ----

IDENTITY = {"id", "version", "issueDate", "nextUpdate", "tcbEvaluationDataNumber", "miscselect", "miscselectMask",
            "attributes", "attributesMask", "mrsigner", "isvprodid", "tcbLevels"}


def read_identity(data):
    outer, whole = strict_json.parse(data)
    identity, lines = signed(outer, "enclaveIdentity", whole)
    known(identity, IDENTITY)
    need(uint(identity, "version", U32) == 2, "version")
    name = text(identity, "id")
    need(name in ("QE", "TD_QE", "QVE"), "id")
    lines += [f"id {name}", f"issued {seconds(identity, 'issueDate')}",
              f"next_update {seconds(identity, 'nextUpdate')}",
              f"evaluation {uint(identity, 'tcbEvaluationDataNumber', U32)}"]
    for field in ("miscselect", "miscselectMask"):
        lines.append(f"{field} {int.from_bytes(hexadecimal(identity, field, 4), 'little')}")
    for field in ("attributes", "attributesMask"):
        value = hexadecimal(identity, field, 16)
        lines.append(f"{field} {int.from_bytes(value[:8], 'little')} {int.from_bytes(value[8:], 'little')}")
    lines.append(f"mrsigner {hexadecimal(identity, 'mrsigner', 32).hex()}")
    lines.append(f"isvprodid {uint(identity, 'isvprodid', U32)}")
    levels = [svn_level(level, U32, ENCLAVE_STATUSES) for level in member(identity, "tcbLevels", Array)]
    need(0 < len(levels) <= MAX_IDENTITY_LEVELS, "number of levels")
    need(sum(len(level["advisories"]) for level in levels) <= MAX_IDENTITY_ADVISORIES, "number of advisories")
    return lines + [print_svn_level("level", level) for level in in_order(levels)]
