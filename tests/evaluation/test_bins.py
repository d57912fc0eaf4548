from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from inpaint_core.cli import main
from inpaint_core.lab.evaluation.photo_groups import ABOVE, BELOW, BINS, bin_rows
from inpaint_core.lab.evaluation.photo_scoring import ScoreRow
from inpaint_core.lab.evaluation.score_files import format_json
from inpaint_core.lab.evaluation.score_table import LEGEND, format_report
from inpaint_core.lab.evaluation.scores import Scores

GOOD = Scores(
    psnr_hole=24.0,
    psnr=34.0,
    ssim_hole=0.8,
    ssim=0.98,
    l1_hole=6.0,
    l1=0.5,
    coarse=3.0,
    patches=2.0,
    edges=0.1,
    features=1.0,
    lpips=None,
    sharpness=1.0,
    blur=0.0,
    seam=1.0,
    border=0.2,
    broken=2.0,
)
POOR = replace(GOOD, psnr=25.0, patches=5.0)


def pair(photo: str, ratio: float, ours: Scores | None, theirs: Scores | None) -> list[ScoreRow]:
    return [
        ScoreRow(photo, "ours", ours, ratio=ratio),
        ScoreRow(photo, "theirs", theirs, ratio=ratio),
    ]


@given(st.floats(0, 1, exclude_min=True, exclude_max=True))
def test_every_hole_is_in_one_bin(ratio: float) -> None:
    assert sum(each.holds(ratio) for each in BINS) == 1


def test_where_one_bin_has_all_photos_it_is_said_once() -> None:
    rows = pair("a", 0.15, GOOD, POOR) + pair("b", 0.16, GOOD, POOR)
    table, legend = format_report(rows).split("\n\n")
    heading, mean, *_ = table.splitlines()
    assert "over 10 %" in heading
    assert mean == "Mean of 2 photos"
    assert legend == LEGEND


@pytest.mark.parametrize("percent", [1, 10, 20, 30, 40, 50, 60])
def test_a_bound_belongs_to_the_bin_below(percent: int) -> None:
    for total in (100, 700, 62_500):
        exact, more = percent * total // 100, percent * total // 100 + 1
        (below,) = (each for each in BINS if each.holds(exact / total))
        (above,) = (each for each in BINS if each.holds(more / total))
        assert below.high == above.low == percent / 100


def test_titles_say_what_is_inside() -> None:
    titles = [each.title for each in BINS]
    assert titles[1] == "Holes over 1 % and up to 10 % of the photo"
    assert titles[-2] == "Holes over 50 % and up to 60 % of the photo"
    assert "below the paper's bins" in BELOW.title
    assert "above the paper's bins" in ABOVE.title


def test_bins_with_photos_only_and_unread_photos_in_none() -> None:
    rows = pair("a", 0.65, GOOD, POOR) + pair("b", 0.004, GOOD, POOR) + pair("c", 0.2, GOOD, POOR)
    rows.append(ScoreRow("broken", "ours", None, error="Broken."))
    found = bin_rows(rows)
    assert [each for each, _ in found] == [BELOW, BINS[2], ABOVE]
    assert [[row.photo for row in own] for _, own in found] == [["b"] * 2, ["c"] * 2, ["a"] * 2]


def test_each_bin_has_its_own_means_and_winners() -> None:
    rows = pair("a", 0.15, GOOD, POOR) + pair("b", 0.35, POOR, GOOD) + pair("c", 0.36, None, GOOD)
    whole, small, large, legend = format_report(rows).split("\n\n")
    assert whole.startswith("Mean of 2 of 3 photos\n")
    assert legend == LEGEND
    columns = whole.splitlines()[1].split()
    for table, title, winner, count in (
        (small, "over 10 % and up to 20 %", "ours", "Mean of 1 photo"),
        (large, "over 30 % and up to 40 %", "theirs", "Mean of 1 of 2 photos"),
    ):
        heading, mean, head, *lines = table.splitlines()
        assert title in heading
        assert mean == count
        assert head.split() == columns
        assert [line.split()[0] for line in lines if "34.00*" in line] == [winner]
        assert len(lines) == 2


def test_the_legend_states_the_protocol() -> None:
    assert "11x11" in LEGEND
    assert "composites" in LEGEND


def test_json_has_means_by_bin() -> None:
    rows = pair("a", 0.15, GOOD, POOR) + pair("b", 0.7, POOR, POOR) + pair("c", 0.12, POOR, POOR)
    document = json.loads(format_json(rows, {}))
    small, huge = document["bins"]
    assert (small["low"], small["high"], small["photos"]) == (0.1, 0.2, 2)
    assert small["means"][0]["psnr"] == pytest.approx(29.5)
    assert (huge["low"], huge["high"], huge["photos"]) == (0.6, None, 1)
    assert huge["means"][0]["psnr"] == 25.0
    assert document["rows"][0]["ratio"] == 0.15


def test_command_measures_the_ratio(
    bench: Any, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    height, width = bench.hole("0_hill").shape
    large = np.zeros((height, width), np.uint8)
    large[:, : width // 2] = 255  # half the photo, the others' holes are 4 % of it
    Image.fromarray(large).save(bench.masks / "0_hill.png")
    places = ["--photos", str(bench.photos), "--masks", str(bench.masks), "--brief"]
    assert main(["evaluate", *places, "--out-dir", str(tmp_path), "--engine", "harmonic"]) == 0
    table = (tmp_path / "table.txt").read_text(encoding="utf-8")
    assert table.strip() in capsys.readouterr().out
    assert "over 1 % and up to 10 % of the photo\nMean of 2 photos\n" in table
    assert "over 40 % and up to 50 % of the photo\nMean of 1 photo\n" in table
    rows = json.loads((tmp_path / "scores.json").read_text(encoding="utf-8"))["rows"]
    assert rows[0]["ratio"] == pytest.approx(large.mean() / 255)
