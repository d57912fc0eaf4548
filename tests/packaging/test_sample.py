"""The first run: ``inpaint sample``."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import resources
from inpaint_core.cli import main
from inpaint_core.cli.commands import sample


def _pixels(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB")).astype(int)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that would have been started."""
    commands: list[list[str]] = []
    monkeypatch.setattr(subprocess, "Popen", lambda command, **_: commands.append(command))
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    return commands


def test_the_stand_is_removed_and_the_result_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], started: list[list[str]]
) -> None:
    folder = tmp_path / "new" / "sample"
    assert main(["sample", "--engine", "harmonic", "--out-dir", str(folder)]) == 0
    result = folder / sample.RESULT
    assert str(result) in capsys.readouterr().out
    assert {path.name for path in folder.iterdir()} == {sample.PHOTO, sample.MASK, sample.RESULT}
    before, after = _pixels(folder / sample.PHOTO), _pixels(result)
    mask = np.asarray(Image.open(resources.path("samples/beach-mask.png"))) > 0
    # The ring is of a red that nothing else in the picture has.
    ring = (before[..., 0] - before[..., 2] > 120) & mask
    assert ring.sum() > 3000
    assert (after[..., 0] - after[..., 2] > 120)[ring].mean() < 0.01
    assert started == []


def test_a_second_run_replaces_the_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], started: list[list[str]]
) -> None:
    arguments = ["sample", "--engine", "harmonic", "--out-dir", str(tmp_path), "--quiet"]
    assert main(arguments) == 0
    (tmp_path / sample.RESULT).write_bytes(b"old")
    assert main(arguments) == 0
    assert (tmp_path / sample.RESULT).stat().st_size > 100_000
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("refusal", [[], ["--no-open"]])
def test_the_editor_opens_on_the_result_where_there_is_a_screen(
    tmp_path: Path,
    started: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
    refusal: list[str],
) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    assert main(["sample", "--engine", "harmonic", "--out-dir", str(tmp_path), *refusal]) == 0
    opened = [command[1:] for command in started]
    assert opened == ([] if refusal else [["-m", "app", str(tmp_path / sample.RESULT)]])


def test_a_folder_that_cannot_be_made_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    assert main(["sample", "--out-dir", str(tmp_path / "file" / "sample")]) == 2
    assert "hint:" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("platform", "environment", "expected"),
    [
        ("linux", {}, False),
        ("linux", {"DISPLAY": ":0"}, True),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("linux", {"DISPLAY": ""}, False),
        ("darwin", {}, True),
        ("win32", {}, True),
    ],
)
def test_where_there_is_a_screen(
    platform: str, environment: dict[str, str], expected: bool
) -> None:
    assert sample.has_screen(platform, environment) is expected
