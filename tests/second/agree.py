# SPDX-License-Identifier: Apache-2.0
"""agree.py SEEDS READER [--seed N] [--count N] [--keep FOLDER]: the decoders (READER) and the second reading say the
same of sound evidence, of every truncation and length, and of random damage: accepted with the same fields, or refused.

SEEDS writes sound evidence of a simulated world. Where $QUOTARY_VECTORS, or ../shared/vectors beside the checkout, has
real quotes and collateral, these are read and damaged too. Ends with 1 at the first inputs that are told apart."""
import argparse
import json
import os
import pathlib
import random
import re
import struct
import subprocess
import sys
import threading

import crl
import damage
import documents
import pck
import quote
from refused import Refused

READINGS = {"Q": quote.read_quote, "B": quote.read_td_body, "R": quote.read_td_report, "E": pck.read_extension,
            "L": crl.read_crl, "T": documents.read_tcb_info, "I": documents.read_identity}
NAMES = {"Q": "quotes", "B": "trust domain bodies", "R": "TD reports", "E": "SGX extensions", "L": "revocation lists",
         "T": "TCB infos", "I": "identities"}
SHARES = {"Q": 64, "B": 2, "R": 5, "E": 12, "L": 8, "T": 5, "I": 4}  # of 100 damaged inputs
BATCH = 500
PLACE = re.compile(r"[a-zA-Z]{3}.* (at byte|after byte|ends at byte|begins at byte) [0-9]|[0-9]+ (bytes|items)")


def second(kind, data):
    """The fields, or None with why it is refused."""
    try:
        return "\n".join(READINGS[kind](data)), None
    except Refused as why:
        return None, str(why)


class Reader:
    """The process with our decoders."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, inputs, meanwhile):
        """All answers, in order; `meanwhile` is done while they are made."""
        def feed():
            try:
                for kind, data in inputs:
                    self.process.stdin.write(kind.encode() + struct.pack("<I", len(data)) + data)
                self.process.stdin.flush()
            except BrokenPipeError:
                pass  # the reader is gone: that shows below

        feeder = threading.Thread(target=feed)
        feeder.start()
        done = meanwhile()
        answers = [self.answer() for _ in inputs]
        feeder.join()
        return done, answers

    def answer(self):
        size = self.process.stdout.read(4)
        if len(size) < 4:
            sys.exit(f"the reader ended with {self.process.wait()}")
        return self.process.stdout.read(struct.unpack("<I", size)[0]).decode("utf-8", "replace")

    def close(self):
        self.process.stdin.close()
        return self.process.wait()


class Comparison:
    def __init__(self, reader, keep):
        self.reader, self.keep = reader, keep
        self.told_apart = 0
        self.counts = {kind: [0, 0] for kind in READINGS}  # refused, accepted
        self.messages = {kind: set() for kind in READINGS}
        self.silent = []

    def compare(self, inputs):
        inputs = list(inputs)
        for at in range(0, len(inputs), BATCH):
            part = inputs[at : at + BATCH]
            mine, theirs = self.reader.ask(part, lambda part=part: [second(*one) for one in part])
            for one, ours, answer in zip(part, mine, theirs):
                self.one(*one, *ours, answer)
        return self

    def one(self, kind, data, fields, why, answer):
        self.counts[kind][fields is not None] += 1
        if answer[0] == "-":
            if fields is not None:
                self.differ(kind, data, f"our decoder refuses: {answer[1:]}", "the second reading accepts")
            elif not PLACE.search(answer) or "memory" in answer:
                self.differ(kind, data, f"our decoder refuses without a place: {answer[1:]}", why)
            self.messages[kind].add(re.sub(r"[0-9]+", "N", answer))
        elif fields is None:
            self.differ(kind, data, "our decoder accepts", f"the second reading refuses: {why}")
        elif answer[2:] != fields:
            pairs = [pair for pair in zip(answer[2:].split("\n"), fields.split("\n")) if pair[0] != pair[1]]
            self.differ(kind, data, *(pairs[0] if pairs else (answer[-80:], fields[-80:])))

    def differ(self, kind, data, ours, theirs):
        self.told_apart += 1
        if self.told_apart > 20:
            return
        print(f"{NAMES[kind]}, {len(data)} bytes:\n  {ours[:300]}\n  {theirs[:300]}")
        if self.keep:
            name = self.keep / f"{kind}-{self.told_apart}"
            name.write_bytes(data)
            print(f"  kept as {name}")


def frames(data):
    at = 0
    while at < len(data):
        kind, size = chr(data[at]), struct.unpack_from("<I", data, at + 1)[0]
        yield kind, data[at + 5 : at + 5 + size]
        at += 5 + size


def vectors():
    """Real evidence, where there is some."""
    folder = os.environ.get("QUOTARY_VECTORS") or pathlib.Path(__file__).parents[3] / "shared" / "vectors"
    folder = pathlib.Path(folder) / "dcap"
    if not (folder / "real").is_dir():
        if os.environ.get("CI"):
            sys.exit("no vectors: set QUOTARY_VECTORS")
        print("no vectors here: only simulated evidence is read; set QUOTARY_VECTORS to their folder")
        return []
    files = {"quote.bin": "Q", "tcb_info.json": "T", "qe_identity.json": "I", "pck_crl.der": "L", "root_crl.der": "L"}
    paths = sorted((folder / "real").glob("*/*"))
    real = [(files[path.name], path.read_bytes()) for path in paths if path.name in files]
    blobs = []
    for line in (folder / "cases.jsonl").read_text().splitlines():
        for name, blob in json.loads(line)["files"].items():
            if name in files:
                blobs.append((files[name], (folder / "blobs" / blob).read_bytes()))
    return real, list(dict.fromkeys(blobs))


# ---- Every truncation, every length at its limits ----


def truncations(kind, data):
    for size in range(len(data)):
        yield kind, data[:size]


def lengths(data):
    """Each number of a quote's structure at the limits of what it can hold."""
    for at, size in quote.quote_places(data):
        if size > 4:
            continue
        exact = quote.number(data, at, size)
        for value in (exact - 1, exact, exact + 1, *damage.LIMITS):
            changed = bytearray(data)
            damage.put_number(changed, (at, size), value)
            yield "Q", bytes(changed)


def limits(rng):
    for version, kind in damage.SHAPES:
        whole = damage.write_quote(rng, version, kind, 32, 1, 36)
        yield "Q", whole
        yield from truncations("Q", whole)
        yield "Q", whole + b"\0"
        yield from lengths(whole)
        yield from lengths(whole + bytes(70))
    for size in (584, 648, 885):
        yield from truncations("B", rng.randbytes(size))
        yield "B", rng.randbytes(size)
        yield "B", rng.randbytes(size + 1)
    report = damage.write_td_report(rng)
    yield from truncations("R", report)
    yield from (("R", part) for part in (report, report + b"\0"))
    for platform in (False, True):
        extension = damage.write_extension(rng, platform)
        yield "E", extension
        yield from truncations("E", extension)
        yield "E", extension + b"\0"


def limits_of(seeds):
    """The same of documents and lists."""
    for kind in "LTI":
        shortest = min((data for data in seeds[kind]), key=len)
        yield from truncations(kind, shortest)
        yield from ((kind, shortest + more) for more in (b"\0", b"\0\0", b"x", b" "))


# ---- Chance ----


def damaged(rng, kind, seeds, parsed):
    if kind == "Q":
        data = damage.any_quote(rng) if rng.random() < 0.5 else rng.choice(seeds["Q"])
        return damage.damage_bytes(rng, data, quote.quote_places(data), seeds["Q"])
    if kind == "B":
        data = rng.randbytes(rng.choice((584, 648, 885)))
        return damage.damage_bytes(rng, data, [], [data]) if rng.random() < 0.3 else data
    if kind == "R":
        return damage.damage_td_report(rng, damage.write_td_report(rng))
    if kind == "E":
        return damage.damage_der(rng, damage.write_extension(rng, rng.random() < 0.5), seeds["L"])
    if kind == "L":
        return damage.damage_crl(rng, rng.choice(seeds["L"]), seeds["L"])
    return damage.damage_json(rng, rng.choice(parsed[kind]))


def chance(rng, count, seeds):
    parsed = {kind: [damage.to_members(json.loads(data)) for data in seeds[kind]] for kind in "TI"}
    old = [one for one in parsed["T"] if dict(map(tuple, one[0][1])).get("id") == "SGX"]
    parsed["T"] += [damage.to_version_2(one) for one in old]
    kinds = [kind for kind, share in SHARES.items() for _ in range(share)]
    for i in range(count):
        kind = kinds[i % len(kinds)]
        yield kind, damaged(rng, kind, seeds, parsed)


def batches(inputs):
    part = []
    for one in inputs:
        part.append(one)
        if len(part) == BATCH:
            yield part
            part = []
    yield part


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("seeds", help="program that writes sound evidence")
    options.add_argument("reader", help="program with our decoders")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--count", type=int, default=100000)
    options.add_argument("--keep", type=pathlib.Path, help="folder for inputs that are told apart")
    given = options.parse_args()
    rng = random.Random(given.seed)
    simulated = list(frames(subprocess.run([given.seeds], check=True, stdout=subprocess.PIPE).stdout))
    real, cases = vectors() or ([], [])
    comparison = Comparison(Reader(given.reader), given.keep)
    comparison.compare(simulated + real)
    sound = sum(accepted for _, accepted in comparison.counts.values())
    if sound != len(simulated + real):
        print(f"of {len(simulated + real)} sound inputs {sound} are accepted")
        comparison.told_apart += 1
    comparison.compare(cases)
    seeds = {kind: [data for one, data in simulated + real if one == kind] for kind in READINGS}
    for part in batches(limits(rng)):
        comparison.compare(part)
    for part in batches(limits_of(seeds)):
        comparison.compare(part)
    for part in batches(chance(rng, given.count, seeds)):
        comparison.compare(part)
    status = comparison.reader.close()
    for kind, (refused, accepted) in comparison.counts.items():
        print(f"{NAMES[kind]}: {accepted} accepted, {refused} refused in {len(comparison.messages[kind])} ways")
        if not accepted or not refused:
            sys.exit("both answers must be asked for")
    if comparison.told_apart or status:
        sys.exit(f"told apart: {comparison.told_apart}; the reader ended with {status}; seed {given.seed}")


if __name__ == "__main__":
    main()
