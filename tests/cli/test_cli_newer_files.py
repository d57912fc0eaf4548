"""Another program writes a file while a command works that is to replace it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from shots import Shot

from inpaint_core.cli import main
from inpaint_core.engine.engine import Engine
from inpaint_core.retouch import save_photo as saving

IN_PLACE = "import sys; open(sys.argv[1], 'wb').write(b'newer')"
BY_NAME = (
    "import os, sys; open(sys.argv[1] + '.new', 'wb').write(b'newer');"
    "os.replace(sys.argv[1] + '.new', sys.argv[1])"
)


def run_elsewhere(code: str, path: Path) -> None:
    subprocess.run([sys.executable, "-c", code, str(path)], check=True)


def write_during_fills(monkeypatch: pytest.MonkeyPatch, code: str, path: Path) -> None:
    """Let another process write the file while the engine is at work."""
    inpaint = Engine.inpaint

    def fill(self: Engine, *arguments: Any) -> Any:
        run_elsewhere(code, path)
        return inpaint(self, *arguments)

    monkeypatch.setattr(Engine, "inpaint", fill)


def write_during_checks(monkeypatch: pytest.MonkeyPatch, code: str, path: Path) -> None:
    """Let it write when the output is finished, right before that takes its name."""
    check = saving.check_saved

    def check_late(*arguments: Any, **options: Any) -> Any:
        run_elsewhere(code, path)
        return check(*arguments, **options)

    monkeypatch.setattr(saving, "check_saved", check_late)


@pytest.mark.parametrize("code", [IN_PLACE, BY_NAME], ids=["in place", "by name"])
@pytest.mark.parametrize("write", [write_during_fills, write_during_checks])
@pytest.mark.parametrize("is_photo", [True, False], ids=["the photo", "another"])
def test_a_newer_file_is_not_replaced(
    shot: Shot,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    write: Any,
    code: str,
    is_photo: bool,
) -> None:
    out = shot.photo if is_photo else shot.out
    if not is_photo:
        out.write_bytes(b"older")
    names = sorted(shot.folder.iterdir())
    write(monkeypatch, code, out)
    shot.out = out
    assert shot.fill("--overwrite-original" if is_photo else "--overwrite") == 2
    assert out.read_bytes() == b"newer"
    assert sorted(shot.folder.iterdir()) == names
    said = capfd.readouterr().err.splitlines()
    assert "changed by another program" in said[0]
    assert said[1].startswith("hint: ")
    assert len(said) == 2


def test_a_batch_goes_on_with_the_others(
    shot: Shot, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = shot.folder / "out"
    folder.mkdir()
    (folder / "photo.png").write_bytes(b"older")
    other = shot.folder / "second.png"
    other.write_bytes(shot.photo.read_bytes())
    write_during_fills(monkeypatch, IN_PLACE, folder / "photo.png")
    argv = ["batch", shot.photo, other, "--mask", shot.mask, "--out-dir", folder, "--overwrite"]
    assert main([*map(str, argv), "--engine", "harmonic"]) == 1
    assert (folder / "photo.png").read_bytes() == b"newer"
    assert (folder / "second.png").stat().st_size > 100
    captured = capfd.readouterr()
    assert "changed by another program" in captured.err
    assert "1 filled, 1 failed" in captured.out
