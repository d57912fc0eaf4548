"""The fuzz tool finds what it is for, and the readers survive a small run of it."""

from __future__ import annotations

import os
import random
import sys
import time
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "photo")]

import victim  # noqa: E402 (the folder above makes it found)
from corpus import JXL_FILES, corpus  # noqa: E402
from metadata_attempt import attempt_block  # noqa: E402
from metadata_blocks import damaged_block, metadata_blocks  # noqa: E402
from mutations import mutated  # noqa: E402

FILES = corpus(None)
BLOCKS = metadata_blocks()


def test_mutations_depend_on_the_seed_only() -> None:
    for name, data in FILES.items():
        one, other = (mutated(data, FILES, random.Random(name)) for _ in range(2))
        assert one == other
        assert mutated(data, FILES, random.Random(name + "!")) != data or len(data) == 0


@pytest.mark.parametrize("name", sorted({*FILES, *JXL_FILES}))
def test_every_file_of_the_corpus_opens_and_some_damage_is_survived(name: str) -> None:
    if name.endswith(".dng"):
        pytest.importorskip("rawpy")
    if name in JXL_FILES:
        pytest.importorskip("pillow_jxl")
    assert victim.attempt(name, FILES[name]) == ("photo", "")
    rng = random.Random(name)
    for _ in range(4):
        outcome, said = victim.attempt(name, mutated(FILES[name], FILES, rng))
        assert outcome in ("photo", "refused"), said


@pytest.mark.parametrize("name", sorted(BLOCKS))
def test_every_block_of_metadata_is_read_and_some_damage_is_survived(name: str) -> None:
    whole = "refused" if name.endswith(".exif") else "photo"  # it is a TIFF without pixels, too
    assert attempt_block(name, BLOCKS[name])[0] == whole
    for number in range(6):
        damaged = damaged_block(BLOCKS[name], BLOCKS, random.Random(f"{name} {number}"))
        outcome, said = attempt_block(name, damaged)
        assert outcome in ("photo", "refused", "slow"), said  # how slow is for the tool alone


def behave(name: str, data: bytes) -> tuple[str, str]:
    """What a bad reader would do."""
    if name == "death":
        os._exit(3)
    if name == "hang":
        time.sleep(60)
    return "photo", ""


def test_a_child_that_dies_or_hangs_is_a_finding() -> None:
    with victim.Victim(5.0, 500, behave) as child:
        assert child.outcome("fine", b"") == ("photo", "")
        assert child.outcome("death", b"") == ("crash", "exit code 3")
        assert child.outcome("fine", b"") == ("photo", "")
        child.seconds = 0.2
        assert child.outcome("hang", b"")[0] == "hang"
