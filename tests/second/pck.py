# SPDX-License-Identifier: Apache-2.0
"""A second reading of the SGX extension of a PCK certificate (1.2.840.113741.1.13.1)."""
import der
from refused import need

SGX = bytes.fromhex("2a864886f84d010d01")
NEEDED = [SGX + bytes([i]) for i in range(1, 6)]
OF_PLATFORM = [SGX + b"\x06", SGX + b"\x07"]


def configured(items, which):
    name = SGX + bytes([7, which])
    return "unknown" if name not in items else "yes" if der.boolean(items[name]) else "no"


def read_tcb(element):
    items = der.pairs(element)
    need(set(items) == {SGX + bytes([2, i]) for i in range(1, 19)}, "18 items of TCB")
    svns = bytes(der.integer(items[SGX + bytes([2, i])], 255) for i in range(1, 17))
    return [f"components {svns.hex()}", f"pce_svn {der.integer(items[SGX + bytes([2, 17])], 65535)}",
            f"cpu_svn {der.octets(items[SGX + bytes([2, 18])], 16).hex()}"]


def read_extension(data):
    items = der.pairs(der.only(data, der.SEQUENCE))
    platform = len(items) == 7
    need(set(items) == set(NEEDED + (OF_PLATFORM if platform else [])), "5 items, or 7")
    ppid, tcb, pce_id, fmspc, kind = (items[name] for name in NEEDED)
    lines = [f"ppid {der.octets(ppid, 16).hex()}"] + read_tcb(tcb)
    lines += [f"pce_id {der.octets(pce_id, 2).hex()}", f"fmspc {der.octets(fmspc, 6).hex()}",
              f"sgx_type {der.integer(kind, 2, der.ENUMERATED)}", f"platform {int(platform)}"]
    if platform:
        instance, configuration = (items[name] for name in OF_PLATFORM)
        options = der.pairs(configuration)
        need(set(options) <= {SGX + bytes([7, i]) for i in (1, 2, 3)}, "an unknown option")
        lines.append(f"instance {der.octets(instance, 16).hex()}")
        lines += [f"option{i} {configured(options, i)}" for i in (1, 2, 3)]
    return lines
