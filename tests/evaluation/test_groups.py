"""Tables by group, and what puts a photo into one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from test_table import ROWS

from inpaint_core.contract.progress import Progress
from inpaint_core.generators.auto import Situation
from inpaint_core.lab.evaluation.cases import Case, Sample
from inpaint_core.lab.evaluation.photo_groups import (
    group_by_depth,
    group_by_family,
    group_by_situation,
    group_by_width,
    group_rows,
)
from inpaint_core.lab.evaluation.scenes.rendered_cases import render_case
from inpaint_core.lab.evaluation.score_table import format_report


def case(name: str) -> Case:
    return Case(name, Path("photo.png"), Path("mask.png"))


@pytest.mark.parametrize(
    ("name", "family"), [("018_floor", "floor"), ("7-old mill", "old mill"), ("sea", "sea"),
                         ("123", "123")],
)  # fmt: skip
def test_a_family_is_the_name_without_its_number(name: str, family: str) -> None:
    sample = render_case(0)[1]
    assert group_by_family(case(name), sample, Progress()) == family


def square(side: int, texture: float = 4.0) -> Sample:
    """A grey photo (240, 320) with grain and a square hole in its middle."""
    grain = np.random.default_rng(0).normal(0, texture, (240, 320, 3))
    truth = np.clip(128 + grain, 0, 255).astype(np.uint8)
    hole = np.zeros((240, 320), bool)
    hole[120 - side // 2 : 120 + side // 2, 160 - side // 2 : 160 + side // 2] = True
    return Sample(truth, hole)


@pytest.mark.parametrize(
    ("sample", "wanted", "deep"),
    [(square(40), "plain", "16 to 24 px deep"), (square(180), "wide", "64 to 96 px deep"),
     (render_case(2)[1], "crossing", "48 to 64 px deep")],
)  # fmt: skip
def test_situations_are_those_of_the_automatic_choice(
    sample: Sample, wanted: Situation, deep: str
) -> None:
    assert group_by_situation(case("x"), sample, Progress()) == wanted
    assert group_by_depth(case("x"), sample, Progress()) == f"{wanted}, {deep}"


@pytest.mark.parametrize(
    ("side", "times", "wide"),
    [(60, 1, " 0 to 64 px wide"), (90, 1, "64 to 96 px wide"), (120, 1, "over 96 px wide"),
     (60, 3, "64 to 96 px wide")],
)  # fmt: skip
def test_widths_are_those_in_a_photo_of_512_pixels(side: int, times: int, wide: str) -> None:
    one = square(side)
    truth, hole = (np.repeat(np.repeat(a, times, 0), times, 1) for a in (one.truth, one.hole))
    assert group_by_width(case("x"), Sample(truth, hole), Progress()) == wide


def test_each_group_gets_a_table() -> None:
    rows = [replace(row, group={"sea": "water", "moon": "water"}.get(row.photo)) for row in ROWS]
    assert [(name, len(own)) for name, own in group_rows(rows)] == [("water", 4)]
    text = format_report(rows)
    assert "Group: water\nMean of 1 of 2 photos" in text
    assert text.startswith("Mean of 2 of 3 photos")
    assert "Group" not in format_report(ROWS)
