"""``--resize``, ``--enlarge`` and ``--sharpen`` of the commands that write results."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from shots import Shot

from inpaint_core.cli import main
from inpaint_core.contract.options import Resize
from inpaint_core.photo.read_photo import read_photo
from inpaint_core.photo.resize import resize_photo


def test_a_fill_is_written_in_another_size(
    shot: Shot, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    report = tmp_path / "report.json"
    assert shot.fill() == 0
    whole = read_photo(shot.out)
    done = shot.fill("--resize", "long:48", "--sharpen", "--overwrite", "--report", report)
    assert done == 0
    want = resize_photo(whole, Resize("percent", 50, sharpen=True))
    np.testing.assert_array_equal(read_photo(shot.out).pixels, want.pixels)
    found = json.loads(report.read_text())
    assert found["check"]["resized"] == [48, 32]
    assert found["check"]["pixels"] == 48 * 32
    assert found["check"]["said"] == "0 of 1,536 pixels differ from the photo resized to 48×32."
    resize = {"by": "long", "amount": 48, "enlarge": False, "sharpen": True}
    assert found["options"]["resize"] == resize


def test_a_batch_enlarges_only_where_asked(shot: Shot) -> None:
    arguments = ["batch", str(shot.photo), "--mask", str(shot.mask), "--engine", "harmonic"]
    for name, more, size in (("kept", [], (96, 64)), ("large", ["--enlarge"], (144, 96))):
        out = shot.folder / name
        assert main([*arguments, "--out-dir", str(out), "--resize", "height:96", *more]) == 0
        with Image.open(out / shot.photo.name) as image:
            assert image.size == size


@pytest.mark.parametrize(
    "wrong", ["long", "long:0", "long:70000", "side:5", "50", "0%", "401%", "long:5x", "-5%"]
)
def test_what_is_no_size_is_refused(
    shot: Shot, wrong: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shot.fill(f"--resize={wrong}") == 2
    assert "is not a size" in capsys.readouterr().err
    assert not shot.out.exists()


@pytest.mark.parametrize("option", ["--enlarge", "--sharpen"])
def test_options_of_a_size_need_one(
    shot: Shot, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shot.fill(option) == 2
    assert option in capsys.readouterr().err
    assert not shot.out.exists()


def test_the_photo_itself_keeps_its_size(shot: Shot, capfd: pytest.CaptureFixture[str]) -> None:
    before = shot.photo.read_bytes()
    shot.out = shot.photo
    assert shot.fill("--overwrite-original", "--resize", "50%") == 2
    assert "another size" in capfd.readouterr().err
    assert shot.photo.read_bytes() == before
