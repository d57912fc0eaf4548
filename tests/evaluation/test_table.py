from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import replace

import pytest

from inpaint_core.lab.evaluation.photo_scoring import ScoreRow
from inpaint_core.lab.evaluation.score_files import format_csv, format_json
from inpaint_core.lab.evaluation.score_table import (
    find_best,
    format_mean_table,
    format_photo_table,
    summarise,
)
from inpaint_core.lab.evaluation.scores import Scores

SCORES = Scores(
    psnr_hole=20.0,
    psnr=30.0,
    ssim_hole=0.5,
    ssim=0.9,
    l1_hole=12.0,
    l1=1.0,
    coarse=9.0,
    patches=6.0,
    edges=0.4,
    features=None,
    lpips=None,
    sharpness=0.8,
    blur=0.22,
    seam=1.2,
    border=0.9,
    broken=2.0,
)
SHARP = replace(SCORES, psnr=28.0, patches=3.0, sharpness=1.0, blur=0.0, seam=0.95)
ROWS = [
    ScoreRow("sea", "blur", SCORES, 1.0),
    ScoreRow("sea", "ours", SHARP, 3.0),
    ScoreRow("wood", "blur", replace(SCORES, patches=2.0), 1.0),
    ScoreRow("wood", "ours", SHARP, 5.0),
    ScoreRow("moon", "blur", SCORES, 1.0),
    ScoreRow("moon", "ours", None, error="No pixel is left to copy."),
]


def test_means_are_over_the_photos_that_all_have() -> None:
    blur, ours = summarise(ROWS)
    assert blur.scores is not None
    assert blur.scores.patches == pytest.approx(4.0)
    assert (blur.wins, ours.wins) == (1, 1)
    assert (blur.failed, ours.failed) == (0, 1)
    assert ours.seconds == pytest.approx(4.0)


def test_best_of_each_column() -> None:
    both = [SCORES, SHARP]
    assert find_best("psnr", both) == 0
    assert find_best("patches", both) == 1
    assert find_best("seam", both) == 1
    assert find_best("features", both) is None
    assert find_best("patches", [None, SCORES]) == 1


def test_mean_table_stars_the_winners() -> None:
    lines = format_mean_table(ROWS).splitlines()
    assert lines[0] == "Mean of 2 of 3 photos"
    rows = {line.split()[0]: line for line in lines[2:4]}
    assert "30.00*" in rows["blur"]
    assert "3.00*" in rows["ours"]
    assert "0.950*" in rows["ours"]


def test_a_lone_candidate_gets_no_stars() -> None:
    assert "*" not in format_photo_table([ROWS[0]])


def test_photo_table_gives_the_reason_of_a_failure() -> None:
    text = format_photo_table(ROWS[4:])
    assert text.startswith("moon")
    assert "ours: No pixel is left to copy." in text


def test_finished_fills_have_no_time() -> None:
    assert summarise([replace(ROWS[0], seconds=None)])[0].seconds is None
    assert format_mean_table([replace(ROWS[0], seconds=None)]).splitlines()[2].split()[-4:-2] == [
        "-",
        "-",
    ]


def test_nobody_scored_is_a_table_too() -> None:
    text = format_mean_table([ScoreRow("sea", "ours", None, error="Broken.")])
    assert text.startswith("Mean of 0 of 1 photo\n")


def test_csv_has_a_line_per_row() -> None:
    lines = list(csv.DictReader(io.StringIO(format_csv(ROWS))))
    assert len(lines) == len(ROWS)
    assert float(lines[1]["patches"]) == 3.0
    assert lines[1]["features"] == ""
    assert lines[5]["error"] == "No pixel is left to copy."


def test_json_has_settings_means_and_rows_and_no_infinity() -> None:
    rows = [ScoreRow("sea", "ours", replace(SCORES, psnr=math.inf))]
    document = json.loads(format_json(rows, {"seed": 3}), parse_constant=pytest.fail)
    assert document["settings"] == {"seed": 3}
    assert document["means"][0]["candidate"] == "ours"
    assert document["rows"][0]["psnr"] is None
    assert document["rows"][0]["seam"] == 1.2
