"""How many threads a run computes with."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from inpaint_core.lab.training.config import parse_table
from inpaint_core.lab.training.trainer import Trainer


@pytest.mark.usefixtures("_tiny")
@pytest.mark.parametrize(("wanted", "found"), [(2, 2), (None, 1)])
def test_a_run_takes_the_threads_it_is_given(
    album: Path, tmp_path: Path, wanted: int | None, found: int
) -> None:
    """One thread was set before, by the fixture of all these tests."""
    photos = [str(album / "photos")]
    table = {"photos": photos, "validation": photos, "out": str(tmp_path), "device": "cpu"}
    Trainer(parse_table(table if wanted is None else {**table, "threads": wanted}))
    assert torch.get_num_threads() == found
