"""`inpaint priors`, `features` and `explain`, from files to files."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import weights
from inpaint_core.cli import main
from inpaint_core.contract.request import InpaintRequest


@pytest.fixture
def files(tmp_path: Path, request_: InpaintRequest) -> list[str]:
    """PHOTO --mask MASK --out-dir DIR."""
    Image.fromarray(request_.image).save(tmp_path / "photo.png")
    Image.fromarray(request_.mask).save(tmp_path / "mask.png")
    return [
        str(tmp_path / "photo.png"),
        *("--mask", str(tmp_path / "mask.png"), "--out-dir", str(tmp_path / "out")),
    ]


def test_priors_are_written(files: list[str], tmp_path: Path) -> None:
    assert main(["priors", *files, "--sigma", "1"]) == 0
    out = tmp_path / "out"
    index = json.loads((out / "priors.json").read_text("utf-8"))
    assert index["settings"]["sigma"] == 1
    assert {"canny", "grey", "l0", "lines", "rtv"} <= {p["id"] for p in index["priors"]}
    for each in index["priors"]:
        with Image.open(out / each["file"]) as picture:
            assert picture.size == (200, 176)
    edges = np.asarray(Image.open(out / "canny.png"))
    assert set(np.unique(edges)) == {0, 255}
    assert not edges[62:108, 72:128].any()
    # What was found is what other commands take.
    more = ["--edges", str(out / "canny.png"), "--lines", str(out / "lines.txt")]
    photo, _, mask, *_ = files
    fill = ["fill", photo, "--mask", mask, "--out", str(tmp_path / "filled.png")]
    assert main([*fill, "--engine", "harmonic", *more]) == 0


def test_lines_are_in_the_photos_own_pixels(tmp_path: Path) -> None:
    image = np.full((400, 600, 3), 40, np.uint8)
    image[:, 300:] = 200
    Image.fromarray(image).save(tmp_path / "photo.png")
    mask = np.zeros((400, 600), np.uint8)
    mask[10:30, 10:30] = 255
    Image.fromarray(mask).save(tmp_path / "mask.png")
    given = [str(tmp_path / "photo.png"), "--mask", str(tmp_path / "mask.png")]
    given += ["--out-dir", str(tmp_path / "out"), "--prior", "lines", "--max-side", "300"]
    assert main(["priors", *given]) == 0
    rows = (tmp_path / "out/lines.txt").read_text("utf-8").splitlines()[1:]
    ends = np.array([[float(n) for n in row.split(",")] for row in rows])
    assert np.abs(ends[:, [0, 2]] - 299.5).max() < 3
    assert np.ptp(ends[:, [1, 3]]) > 350
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "lines.png", "lines.txt", "priors.json",
    ]  # fmt: skip


def test_features_are_written(files: list[str], tmp_path: Path) -> None:
    before = (tmp_path / "photo.png").read_bytes()
    taps = ["--tap", "structure-1", "--tap", "local-2", "--show", "entropy"]
    assert main(["features", *files, *taps]) == 0
    out = tmp_path / "out"
    assert sorted(p.name for p in out.iterdir()) == [
        "index.json", "local-2-colours.png", "local-2-entropy.png", "maps.npz", "offsets.png",
        "report.html", "structure-1-colours.png", "structure-1-entropy.png",
    ]  # fmt: skip
    assert (tmp_path / "photo.png").read_bytes() == before
    assert "photo.png" in (out / "report.html").read_text("utf-8")


@pytest.mark.usefixtures("first_look")
def test_one_size_of_several_is_written(large: InpaintRequest, tmp_path: Path) -> None:
    Image.fromarray(large.image).save(tmp_path / "photo.png")
    Image.fromarray(large.mask).save(tmp_path / "mask.png")
    given = [str(tmp_path / "photo.png"), "--mask", str(tmp_path / "mask.png"), "--overwrite"]
    given += ["--out-dir", str(tmp_path / "out"), "--tap", "texture-1"]
    seen = []
    for size in (["--first"], [], ["--fine"]):
        assert main(["features", *given, *size]) == 0
        (tap,) = json.loads((tmp_path / "out/index.json").read_text("utf-8"))["taps"]
        seen.append(json.dumps(tap))
    assert len(set(seen)) == 3


def test_two_fills_are_compared(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    taps = ["--tap", "structure-1", "--tap", "local-2"]
    asked = ["--precision", "float32", "--against", "precision=bfloat16"]
    assert main(["features", *files, *taps, *asked]) == 0
    out = tmp_path / "out"
    names = {f"{tap}-norm-difference.png" for tap in ("structure-1", "local-2")}
    assert names | {"fill-difference.png", "difference.json"} <= {p.name for p in out.iterdir()}
    table = json.loads((out / "difference.json").read_text("utf-8"))
    assert table["runs"] == ["precision float32", "precision bfloat16"]
    assert table["against"] == {"precision": "bfloat16"}
    for tap in ("structure-1", "local-2"):
        # Half precision has eight bits: something differs, and not much.
        assert 0 < table["taps"][tap]["norm"]["share"] < 0.1
    with Image.open(out / "local-2-norm-difference.png") as picture:
        assert picture.width > 3 * 512
    same = [*taps, "--overwrite", "--against", "precision=float32", "--precision", "float32"]
    assert main(["features", *files, *same]) == 0
    table = json.loads((out / "difference.json").read_text("utf-8"))
    assert all(tap["norm"]["most"] == 0 for tap in table["taps"].values())
    assert table["fill"]["most"] == 0
    # Another engine has no maps of this kind, but a fill.
    both = [*taps, "--overwrite", "--against", "engine=exemplar", "--against", "seed=3"]
    assert main(["features", *files, *both]) == 0
    table = json.loads((out / "difference.json").read_text("utf-8"))
    assert table["runs"] == ["engine tsgl, seed 0", "engine exemplar, seed 3"]
    assert table["taps"] == {}
    assert table["fill"]["mean"] > 0
    capsys.readouterr()
    for wrong in ("seed", "colour=red", "seed=x", "precision=double"):
        assert main(["features", *files, "--against", wrong]) == 2
        assert "--against" in capsys.readouterr().err
    assert main(["features", *files, "--overwrite", "--against", "engine=nobody"]) != 0


def test_a_pixel_is_explained(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", *files, "--at", "95,85"]) == 0
    said = capsys.readouterr().out
    out = tmp_path / "out"
    found = json.loads((out / "explain.json").read_text("utf-8"))
    assert found["pixel"] == [95, 85]
    x, y = found["copied_from"]
    assert f"95, 85: copied from {x}, {y}" in said
    photo = np.asarray(Image.open(tmp_path / "photo.png"))
    mask = np.asarray(Image.open(tmp_path / "mask.png"))
    assert mask[y, x] == 0
    assert found["before"] == photo[85, 95].tolist()
    assert 0 <= found["network"]["brightness"] <= 1
    assert sorted(p.name for p in out.iterdir()) == [
        "explain.json", "influence-edges.png", "influence-photo.png", "offsets.png", "source.png",
    ]  # fmt: skip


def test_an_engine_without_a_network_says_where_from_only(files: list[str], tmp_path: Path) -> None:
    assert main(["explain", *files, "--at", "95,85", "--engine", "exemplar"]) == 0
    found = json.loads((tmp_path / "out/explain.json").read_text("utf-8"))
    assert found["network"] is None
    assert found["copied_from"]
    assert not (tmp_path / "out/influence-photo.png").exists()


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["priors", "--prior", "canyn"], "There is no prior called “canyn”"),
        (["priors", "--low", "0.3"], "lower threshold"),
        (["priors", "--sigma", "x"], "“x” is not a number"),
        (["features", "--engine", "exemplar"], "has no network"),
        (["features", "--engine", "none"], "There is no engine called “none”"),
        (["features", "--engine", "tsgl:"], "There is no engine called “tsgl:”"),
        (["features", "--tap", "local-9"], "no map called “local-9”"),
        (["priors", "--grow", "-40"], "Nothing is left of the mask"),
        (["explain", "--at", "95,85", "--grow", "-40"], "Nothing is left of the mask"),
        (["explain", "--at", "5,5"], "is not in the hole"),
        (["explain", "--at", "500,5"], "has no pixel 500, 5"),
        (["explain", "--at", "5"], "is not two whole numbers"),
        (["explain", "--at", "95,85", "--engine", "harmonic"], "neither copies pixels"),
    ],
)
def test_what_cannot_be_done_is_said_at_once(
    files: list[str], capfd: pytest.CaptureFixture[str], command: list[str], said: str
) -> None:
    assert main([command[0], *files, *command[1:]]) == 2
    what, hint = capfd.readouterr().err.splitlines()
    assert said in what
    assert hint.startswith("hint:")


def test_a_choice_without_a_network_is_said(
    files: list[str],
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shutil.copy(weights.FOLDER / "manifest.json", tmp_path)
    monkeypatch.setattr(weights, "FOLDER", tmp_path)  # the list without its files
    assert main(["features", *files, "--engine", "auto", "--tap", "local-2"]) == 2
    assert "“auto” has no maps" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (["priors"], "grey.png"),
        (["features", "--tap", "local-2"], "maps.npz"),
        (["explain", "--at", "95,85"], "explain.json"),
    ],
)
def test_outputs_are_replaced_only_when_told(
    files: list[str],
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    command: list[str],
    name: str,
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / name).write_text("mine", "utf-8")
    assert main([command[0], *files, *command[1:]]) == 2
    assert f"{name}” exists already" in capfd.readouterr().err
    assert [p.name for p in out.iterdir()] == [name]
    assert main([command[0], *files, *command[1:], "--overwrite"]) == 0
    assert (out / name).read_bytes() != b"mine"


def test_the_photo_is_no_output(
    tmp_path: Path, request_: InpaintRequest, capfd: pytest.CaptureFixture[str]
) -> None:
    Image.fromarray(request_.image).save(tmp_path / "grey.png")
    Image.fromarray(request_.mask).save(tmp_path / "mask.png")
    before = (tmp_path / "grey.png").read_bytes()
    given = [str(tmp_path / "grey.png"), "--mask", str(tmp_path / "mask.png")]
    assert main(["priors", *given, "--out-dir", str(tmp_path), "--overwrite"]) == 2
    assert "one of the files to be read" in capfd.readouterr().err
    assert (tmp_path / "grey.png").read_bytes() == before
