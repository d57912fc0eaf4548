from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.document.spill_file import Span, SpillFile


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 200)), max_size=40))
def test_parts_keep_what_was_put_there_and_are_used_again(steps: list[tuple[bool, int]]) -> None:
    spill = SpillFile(None)
    held: list[tuple[Span, bytes]] = []
    for number, (put, size) in enumerate(steps):
        if put:
            array = np.full(size, number, np.uint8)
            held.append((spill.write([array[:7], array[7:]], size), array.tobytes()))
        elif held:
            spill.free(held.pop(size % len(held))[0])
        assert all(spill.read(span) == content for span, content in held)
        if not held:
            assert spill.size == 0
    for span, _ in held:
        spill.free(span)
    assert spill.size == 0


def test_a_file_that_is_too_short_is_said(tmp_path: Path) -> None:
    spill = SpillFile(tmp_path / "made" / "when needed")
    span = spill.write([np.ones(10, np.uint8)], 10)
    with pytest.raises(OSError, match="short"):
        spill.read(Span(span.start, 11))
