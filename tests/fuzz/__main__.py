"""Mutated photo files over every reader, each in a child process that may die.

    python tests/fuzz --count 20000 --seed 1 --keep /tmp/findings [--corpus FOLDER]
    python tests/fuzz --metadata --count 20000 --seed 1 --megabytes 300

Needs no sanitiser: a child that crashes, hangs, takes too much memory or raises anything but a
named error is a finding, and its file is kept. Files of FOLDER (up to 1 MB each) join those that
are rendered here. With --metadata, blocks of metadata and colour profiles are damaged instead, some
of them grown to 200 kB, and go into files of every format that holds them; there one is a finding,
too, that takes more than 2 s of the processor. The same seed gives the same mutations.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
import time
from collections import Counter
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1] / "photo")]

from corpus import corpus, has_jxl  # noqa: E402 (the folders above make it found)
from metadata_attempt import attempt_block  # noqa: E402
from metadata_blocks import damaged_block, metadata_blocks  # noqa: E402
from mutations import mutated  # noqa: E402
from victim import Victim  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=_Plain)
    parser.add_argument("--metadata", action="store_true", help="blocks instead of whole files")
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=None, help="a folder for files that failed")
    parser.add_argument("--corpus", type=Path, default=None, help="a folder with more files")
    parser.add_argument("--seconds", type=float, default=10.0, help="that a file may take")
    parser.add_argument("--megabytes", type=int, default=1500, help="that a file may take")
    args = parser.parse_args()
    if args.keep is not None:
        args.keep.mkdir(parents=True, exist_ok=True)
    files = metadata_blocks() if args.metadata else corpus(args.corpus)
    damage = damaged_block if args.metadata else mutated
    if not args.metadata and not has_jxl():
        print("No encoder for JPEG XL is installed, so its files are left out.", flush=True)
    found: Counter[tuple[str, str]] = Counter()
    findings: list[str] = []
    started, slowest = time.perf_counter(), (0.0, "")
    with Victim(args.seconds, args.megabytes, attempt_block if args.metadata else None) as victim:
        for name, data in files.items():
            outcome, said = victim.outcome(name, data)
            may_be_refused = args.metadata or args.corpus is not None
            if outcome != "photo" and not (outcome == "refused" and may_be_refused):
                print(f"{name} is {outcome} before any damage: {said}", flush=True)
        for number in range(args.count):
            rng = random.Random(f"{args.seed} {number}")
            name = rng.choice(sorted(files))
            data = damage(files[name], files, rng)
            begun = time.perf_counter()
            outcome, said = victim.outcome(name, data)
            slowest = max(slowest, (time.perf_counter() - begun, f"{name} {number}"))
            found[name, outcome] += 1
            if outcome not in ("photo", "refused"):
                mark = hashlib.sha256(data).hexdigest()[:12]
                findings.append(f"{outcome}: {name}, mutation {number}, {mark}: {said}")
                print(findings[-1], flush=True)
                if args.keep is not None:
                    (args.keep / f"{outcome}-{mark}-{name}").write_bytes(data)
    _sum_up(found, args.count, time.perf_counter() - started, slowest)
    return int(bool(findings))


class _Plain(argparse.RawDescriptionHelpFormatter):
    pass


def _sum_up(
    found: Counter[tuple[str, str]], count: int, seconds: float, slowest: tuple[float, str]
) -> None:
    outcomes = sorted({outcome for _, outcome in found})
    print(f"{'file':<20}" + "".join(f"{outcome:>10}" for outcome in outcomes))
    for name in sorted({name for name, _ in found}):
        print(f"{name[:19]:<20}" + "".join(f"{found[name, o]:>10}" for o in outcomes))
    sums = {o: sum(n for (_, other), n in found.items() if other == o) for o in outcomes}
    print(f"{'all ' + str(count):<20}" + "".join(f"{sums[o]:>10}" for o in outcomes))
    print(f"{seconds:.0f} s; the slowest file took {slowest[0]:.1f} s ({slowest[1]})")


if __name__ == "__main__":
    sys.exit(main())
