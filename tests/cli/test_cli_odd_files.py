"""Files that are no ordinary ones, names that are no text, and settings of absurd size."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest
from shots import Shot

from inpaint_core.cli import main

posix = pytest.mark.skipif(os.name != "posix", reason="POSIX pipes and devices")


_NEEDED = "validation = ['v']\nout = 'o'\n"


def refused(capfd: pytest.CaptureFixture[str], *argv: object) -> str:
    """What is said when the command refuses; it must be a sentence and a hint."""
    assert main([str(a) for a in argv]) == 2
    out, err = capfd.readouterr()
    what, hint = err.splitlines()
    assert out == ""
    assert hint.startswith("hint: ")
    return what


@posix
@pytest.mark.parametrize("odd", ["/dev/zero", "/dev/null", "/dev/full", "pipe"])
@pytest.mark.parametrize("option", ["--lines", "--edges", "--mask", "--protect", "--source"])
def test_devices_and_pipes_are_refused(
    shot: Shot, capfd: pytest.CaptureFixture[str], odd: str, option: str
) -> None:
    if odd == "pipe":
        odd = str(shot.folder / "pipe")
        os.mkfifo(odd)
    argv = ["fill", shot.photo, "--mask", shot.mask, "--out", shot.out, option, odd]
    assert f"“{odd}” is not an ordinary file." in refused(capfd, *argv)


@posix
def test_a_pipe_as_project_or_settings_is_refused(
    shot: Shot, capfd: pytest.CaptureFixture[str]
) -> None:
    pipe = shot.folder / "pipe.lacuna"
    os.mkfifo(pipe)
    argv = ["batch", shot.photo, "--project", pipe, "--out-dir", shot.folder / "out"]
    assert "cannot be read: it is not an ordinary file" in refused(capfd, *argv)
    assert "cannot be read" in refused(capfd, "train", pipe)
    assert "cannot be read" in refused(capfd, "train", "/dev/zero")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = " + "[" * 5000, "nested too deeply"),
        ("a = " + "{b = " * 5000, "nested too deeply"),
        (f"steps = {'9' * 5000}", "is not valid TOML"),
        (f"photos = 0x{'f' * 5000}\n{_NEEDED}", "“photos” cannot be 0xfff"),
        (f"photos = ['p']\n{_NEEDED}r1 = {'9' * 400}", "“r1” cannot be 0x1"),
        ("a = 9999-99-99", "is not valid TOML"),
        (f"{'a.' * 5000}b = 1", ""),
        (f"{'a.' * 20_000}b = 1", "has more than 32 kB"),
    ],
)
def test_absurd_settings_of_a_training_are_refused(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    (tmp_path / "run.toml").write_text(text)
    assert said in refused(capfd, "train", tmp_path / "run.toml")


@pytest.mark.skipif(sys.platform != "linux", reason="file systems whose names are bytes")
@pytest.mark.parametrize("command", ["fill", "batch", "priors", "features", "explain", "info"])
def test_names_that_are_no_text(
    shot: Shot, capfd: pytest.CaptureFixture[str], command: str
) -> None:
    photo, mask, out = (
        Path(os.fsdecode(os.fsencode(shot.folder) + name))
        for name in (b"/caf\xe9.png", b"/m\xe9.png", b"/o\xe9")
    )
    shutil.copy(shot.photo, photo)
    shutil.copy(shot.mask, mask)
    argv: dict[str, list[object]] = {
        "fill": [photo, "--mask", mask, "--out", f"{out}.png", "--report", f"{out}.json"],
        "batch": [photo, "--mask", mask, "--out-dir", out, "--report", f"{out}.json"],
        "priors": [photo, "--mask", mask, "--out-dir", out, "--prior", "grey"],
        "features": [photo, "--mask", mask, "--out-dir", out, "--tap", "structure-3"],
        "explain": [photo, "--mask", mask, "--out-dir", out, "--at", "45,30"],
        "info": [photo, "--json"],
    }
    more = ["--engine", "harmonic"] if command in ("fill", "batch") else []
    if command == "features":
        more = ["--against", "edges=none", "--edges", str(mask)]
    assert main([command, *map(str, argv[command]), *more]) == 0
    out_text, err = capfd.readouterr()
    assert "Unexpected" not in err
    if command == "info":
        assert json.loads(out_text)["path"] == str(photo)
        assert main(["info", str(photo)]) == 0
        assert capfd.readouterr().out.startswith(f"{shot.folder}/caf\ufffd.png\n")
        assert "“caf\ufffd.jpg”" in refused(capfd, "info", "caf\udce9.jpg")


def test_addresses_of_files_are_files(shot: Shot, capfd: pytest.CaptureFixture[str]) -> None:
    photo = shot.photo.rename(shot.folder / "a photo, 100%.png")
    out = shot.folder / "b c.png"
    argv = ["fill", photo.as_uri(), "--mask", shot.mask.as_uri(), "--out", out.as_uri()]
    assert main([*argv, "--engine", "harmonic"]) == 0
    assert out.is_file()
    folder = (shot.folder / "out").as_uri()
    argv = ["batch", photo.as_uri(), "--mask", shot.mask.as_uri(), "--out-dir", folder]
    assert main([*argv, "--engine", "harmonic"]) == 0
    assert (shot.folder / "out" / photo.name).is_file()
    capfd.readouterr()
    assert "There is no file" in refused(capfd, "info", "file://elsewhere/a.png")
