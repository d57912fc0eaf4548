"""``--plane`` and ``--perspective`` reach engine, report, ``explain`` and the offsets file."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from shots import Shot

from inpaint_core.cli import main

CORNERS = (10.0, 4.0, 90.0, 14.0, 90.0, 48.0, 10.0, 60.0)
PLANE = ",".join(f"{number:g}" for number in CORNERS)


def test_a_plane_is_another_fill_and_is_reported(
    shot: Shot, capfd: pytest.CaptureFixture[str]
) -> None:
    report, offsets = shot.folder / "report.json", shot.folder / "offsets.npz"
    more = ("--report", report, "--offsets", offsets, "--overwrite")
    fills = []
    for options in ((), (f"--plane={PLANE}",)):
        assert shot.fill(*options, *more, engine="exemplar") == 0
        fills.append(np.asarray(Image.open(shot.out)))
        said = json.loads(report.read_text("utf-8"))
        assert said["options"]["planes"] == ([list(CORNERS)] if options else [])
        assert said["options"]["perspective"] == "auto"
        with np.load(offsets) as saved:
            x, y, w, h = saved["rect"]
            perspective = saved["perspective"]
            assert perspective.shape == (h, w) == saved["offsets"].shape[:2]
            assert perspective[shot.hole[y : y + h, x : x + w]].all() == bool(options)
    assert (fills[0] != fills[1]).any()
    np.testing.assert_array_equal(fills[0][shot.far()], fills[1][shot.far()])


def test_explain_says_that_the_place_is_rounded(
    shot: Shot, capfd: pytest.CaptureFixture[str]
) -> None:
    out = shot.folder / "why"
    arguments = ["explain", shot.photo, "--mask", shot.mask, "--at", "50,30", "--out-dir", out]
    arguments += ["--engine", "exemplar", f"--plane={PLANE}"]
    assert main(list(map(str, arguments))) == 0
    said = json.loads((Path(out) / "explain.json").read_text("utf-8"))
    assert said["in_perspective"]
    x, y = said["copied_from"]
    assert not shot.hole[y, x]
    assert f"from between pixels near {x}, {y}" in capfd.readouterr().out


@pytest.mark.parametrize(
    ("plane", "said"),
    [
        ("1,2,3,4", "is not four corners"),
        ("0,0,10,10,10,0,0,10", "do not go round"),
        ("0,0,10,0,10,10,0,x", "is not a number"),
        ("0,0,10,0,10,10,0,nan", "is not between"),
        ("0,0,10,0,1e30,10,0,10", "is not between"),
        ("", "is not four corners"),
    ],
)
def test_what_is_wrong_with_a_plane_is_said(
    shot: Shot, capfd: pytest.CaptureFixture[str], plane: str, said: str
) -> None:
    assert shot.fill(f"--plane={plane}") == 2
    assert said in capfd.readouterr().err
    assert not shot.out.exists()


def test_a_plane_beside_the_hole_is_noted(shot: Shot) -> None:
    report = shot.folder / "report.json"
    assert shot.fill("--plane=1,1,12,2,12,9,1,9", "--report", report, engine="exemplar") == 0
    notes = json.loads(report.read_text("utf-8"))["notes"]
    assert "None of the planes that were set reaches into the hole." in notes


def test_unknown_perspectives_are_refused(shot: Shot, capfd: pytest.CaptureFixture[str]) -> None:
    assert shot.fill("--perspective", "sometimes") == 2
    assert "--perspective" in capfd.readouterr().err
