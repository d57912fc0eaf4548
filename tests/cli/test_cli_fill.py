from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from shots import Shot, make_shot

import inpaint_core
from inpaint_core.cli import main
from inpaint_core.cli.options import add_fill_options, fill_files, output_options
from inpaint_core.contract.options import FillOptions, OutputOptions
from inpaint_core.generators.registry import generators


def read(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image).copy()


def test_the_hole_is_filled_and_the_rest_is_bit_identical(
    shot: Shot, capfd: pytest.CaptureFixture[str]
) -> None:
    assert shot.fill() == 0
    filled = read(shot.out)
    far = shot.far(3)
    assert np.array_equal(filled[far], shot.pixels[far])
    assert (filled[shot.hole] != shot.pixels[shot.hole]).any(axis=1).mean() > 0.9
    assert capfd.readouterr() == ("", ""), "a pipe stays quiet"
    assert sorted(p.name for p in shot.folder.iterdir()) == ["mask.png", "out.png", "photo.png"]


def test_verbose_says_what_was_done_and_quiet_wins(
    shot: Shot, capfd: pytest.CaptureFixture[str]
) -> None:
    assert shot.fill("--verbose", "--quality", 90) == 0
    out, err = capfd.readouterr()
    assert out == ""
    assert f"{shot.out}: 96×64, 320 pixels filled by harmonic on cpu in " in err
    assert "note: PNG keeps every pixel as it is: --quality was not used." in err
    assert "  read " in err
    assert "  write " in err
    assert shot.fill("--verbose", "--quiet", "--overwrite") == 0
    assert capfd.readouterr() == ("", "")


def test_feather_and_grow_reach_the_engine(shot: Shot) -> None:
    assert shot.fill("--feather", 0) == 0
    hard = (read(shot.out) != shot.pixels).any(axis=2)
    assert not hard[~shot.hole].any()
    assert shot.fill("--feather", 0, "--grow", 5, "--overwrite") == 0
    grown = (read(shot.out) != shot.pixels).any(axis=2)
    assert grown[19, 50]
    assert not grown[18, 50]
    assert shot.fill("--feather", 0, "--grow", -4, "--overwrite") == 0
    shrunk = (read(shot.out) != shot.pixels).any(axis=2)
    assert shrunk.any()
    assert not shrunk[24:28].any()


def test_a_hole_with_a_soft_edge_grows_by_itself_unless_told(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    y, x = np.mgrid[:120, :160]
    disc = np.hypot(y - 60, x - 80) < 30
    cover = cv2.GaussianBlur(disc.astype(np.float32), (0, 0), 1.5)[..., None]
    photo, mask, out = (tmp_path / name for name in ("disc.png", "mask.png", "out.png"))
    Image.fromarray(np.rint(230 - cover * 200 * np.ones(3)).astype(np.uint8)).save(photo)
    Image.fromarray(disc).save(mask)
    call = ["fill", photo, "--mask", mask, "--out", out, "--engine", "harmonic", "--verbose"]
    report = tmp_path / "report.json"
    assert main([*map(str, call), "--report", str(report)]) == 0
    assert "The hole was widened by" in capfd.readouterr().err
    assert json.loads(report.read_text("utf-8"))["options"]["grow"] is None
    assert read(out).min() > 200
    assert main([*map(str, call), "--grow", "0", "--overwrite"]) == 0
    assert "The mask ends on the edge" in capfd.readouterr().err
    assert read(out).min() < 200


def test_the_same_seed_gives_the_same_bytes(shot: Shot) -> None:
    assert shot.fill("--seed", 7) == 0
    first = shot.out.read_bytes()
    assert shot.fill("--seed", 7, "--overwrite") == 0
    assert shot.out.read_bytes() == first


def test_the_report_holds_all_that_was_promised(shot: Shot) -> None:
    report = shot.folder / "report.json"
    assert shot.fill("--report", report, "--seed", 3, "--grow", 2, "--verbose") == 0
    said = json.loads(report.read_text("utf-8"))
    assert said["schema"] == 1
    assert said["command"] == "fill"
    assert said["program"] == f"lacuna-photo {inpaint_core.__version__}"
    assert said["photo"] == {
        "path": str(shot.photo),
        "width": 96,
        "height": 64,
        "format": "PNG",
        "bits": 8,
        "alpha": False,
        "icc_profile": False,
    }
    assert said["mask"] == {"path": str(shot.mask), "pixels": int(shot.hole.sum())}
    content = shot.out.read_bytes()
    assert said["output"] == {
        "path": str(shot.out),
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    assert (said["engine"], said["device"], said["seed"]) == ("harmonic", "cpu", 3)
    assert said["options"]["grow"] == 2
    assert said["plan"]
    assert said["offsets"] is None
    rect = said["rect"]
    assert rect["x"] <= 38
    assert rect["x"] + rect["w"] >= 62
    timings = said["timings"]
    assert {"imports", "read", "mask", "fill", "compose", "write", "total"} <= timings.keys()
    assert timings["total"] >= timings["read"] + timings["fill"] + timings["write"]
    assert 10_000_000 < said["peak_memory_bytes"] < 100_000_000_000
    assert {"python", "numpy", "cv2"} <= said["versions"].keys()


def test_an_existing_output_is_replaced_only_when_told(
    shot: Shot, capfd: pytest.CaptureFixture[str]
) -> None:
    shot.out.write_bytes(b"precious")
    assert shot.fill() == 2
    assert shot.out.read_bytes() == b"precious"
    assert "--overwrite" in capfd.readouterr().err
    assert shot.fill("--overwrite") == 0
    assert read(shot.out).shape == shot.pixels.shape


def test_the_photo_itself_is_replaced_only_when_told_twice(
    shot: Shot, capfd: pytest.CaptureFixture[str]
) -> None:
    before = shot.photo.read_bytes()
    link = shot.folder / "link.png"
    link.symlink_to(shot.photo)
    for name in (shot.photo, link, shot.folder / "." / "photo.png"):
        shot.out = name
        assert shot.fill("--overwrite") == 2
        assert shot.photo.read_bytes() == before
        assert "--overwrite-original" in capfd.readouterr().err
    assert shot.fill("--overwrite-original") == 0
    assert not np.array_equal(read(shot.photo), shot.pixels)


def test_soft_masks_from_any_picture_format(shot: Shot) -> None:
    soft = np.where(shot.hole, 255, 0).astype(np.uint8)
    soft[23, 40:60] = 128
    for name in ("soft.bmp", "soft.tif", "soft.webp"):
        shot.mask = shot.folder / name
        Image.fromarray(soft).convert("RGB").save(shot.mask, lossless=True)
        assert shot.fill("--overwrite", "--feather", 0) == 0
        change = np.abs(read(shot.out).astype(int) - shot.pixels)
        assert change[23, 40:60].any()
        assert not change[22].any()


def test_the_defaults_of_the_options_are_those_of_a_fill() -> None:
    parser = argparse.ArgumentParser()
    add_fill_options(parser)
    args = parser.parse_args([])
    files = fill_files(args, Path("photo"), Path("mask"))
    assert asdict(files.options) == asdict(FillOptions())
    assert output_options(args) == OutputOptions()


def test_odd_file_names(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    shot = make_shot(tmp_path, "dovolená “1” \n.png", "výsledek [*].png")
    assert shot.fill() == 0
    assert shot.out.is_file()
    shot.photo = tmp_path / os.fsdecode(b"bad\xff\n.png")
    assert shot.fill("--overwrite") == 2
    assert len(capfd.readouterr().err.splitlines()) == 2


def test_the_default_engine_says_what_it_chose(shot: Shot) -> None:
    report = shot.folder / "report.json"
    command = ("fill", shot.photo, "--mask", shot.mask, "--out", shot.out, "--report", report)
    assert main([str(word) for word in command]) == 0
    told = json.loads(report.read_text("utf-8"))
    assert told["engine"] == "auto"
    assert {step["engine"] for step in told["plan"]} <= {"exemplar", "tsgl"}
    assert any("xemplar" in note or "network" in str(note) for note in told["notes"])


def test_offsets_say_where_each_pixel_came_from(shot: Shot) -> None:
    offsets, report = shot.folder / "offsets.npz", shot.folder / "report.json"
    assert shot.fill("--offsets", offsets, "--report", report, engine="exemplar") == 0
    with np.load(offsets) as saved:
        field, (x, y, w, h) = saved["offsets"], saved["rect"]
    assert field.shape == (h, w, 2)
    assert field.dtype == np.int32
    assert json.loads(report.read_text("utf-8"))["offsets"] == str(offsets)
    ys, xs = np.nonzero(shot.hole)
    dy, dx = field[ys - y, xs - x].T
    assert ((dy != 0) | (dx != 0)).all()
    assert not shot.hole[ys + dy, xs + dx].any()


def test_protect_source_and_lines_reach_the_engine(shot: Shot) -> None:
    right = np.zeros(shot.hole.shape, np.uint8)
    right[:, 64:] = 255
    Image.fromarray(right).save(shot.folder / "right.png")
    lines = shot.folder / "lines.txt"
    lines.write_text("0 32 95 32\n")
    offsets = shot.folder / "offsets.npz"
    ys, xs = np.nonzero(shot.hole)
    for option, from_right in (("--source", True), ("--protect", False)):
        assert (
            shot.fill(
                *(option, shot.folder / "right.png", "--lines", lines),
                *("--offsets", offsets, "--overwrite"),
                engine="exemplar",
            )
            == 0
        )
        with np.load(offsets) as saved:
            field, (x, y, _, _) = saved["offsets"], saved["rect"]
        assert ((xs + field[ys - y, xs - x, 1] >= 64) == from_right).all()


def _process(*argv: str | Path, code: str = "") -> subprocess.CompletedProcess[str]:
    start = ["-c", code] if code else ["-m", "inpaint_core"]
    return subprocess.run(
        [sys.executable, *start, *map(str, argv)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        cwd=Path(inpaint_core.__file__).parents[1],
    )


@pytest.mark.parametrize("engine", [e for e, s in generators().items() if not s.uses_torch])
def test_torch_and_the_toolkit_are_not_imported(shot: Shot, engine: str) -> None:
    code = (
        "import sys; from inpaint_core.cli import main; code = main(sys.argv[1:]);"
        "print(sorted({'torch', 'PySide6', 'importlib.metadata', 'skimage'} & sys.modules.keys()));"
        "sys.exit(code)"
    )
    done = _process(
        *("fill", shot.photo, "--mask", shot.mask, "--out", shot.out, "--engine", engine), code=code
    )
    assert (done.returncode, done.stderr) == (0, "")
    loaded = json.loads(done.stdout.replace("'", '"'))
    if engine == "harmonic":
        assert loaded == []
    assert not {"torch", "PySide6", "skimage"} & set(loaded)


def test_both_module_names_run_and_start_up_is_counted(shot: Shot) -> None:
    report = shot.folder / "report.json"
    done = _process(
        *("fill", shot.photo, "--mask", shot.mask, "--out", shot.out),
        *("--engine", "harmonic", "--report", report),
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert json.loads(report.read_text("utf-8"))["timings"]["start"] > 0
    code = "import runpy; runpy.run_module('inpaint_core.cli', run_name='__main__')"
    done = _process("--version", code=code)
    assert done.returncode == 0
    assert done.stdout == f"inpaint {inpaint_core.__version__}\n"


def test_help_names_every_command(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    out = capfd.readouterr().out
    for name in ("fill", "batch", "engines", "evaluate", "benchmark"):
        assert name in out
    assert main(["fill", "--help"]) == 0
    assert "--protect" in capfd.readouterr().out
