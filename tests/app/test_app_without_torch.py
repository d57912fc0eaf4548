"""Where PyTorch is not installed: fills without networks, and a sentence about those."""

from __future__ import annotations

import importlib.util
import json
import shlex
import subprocess
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

import numpy as np
import pytest
from looking import fill, opened
from PIL import Image
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from app.configuration.text import t
from app.system.install_command import make_install_command
from app.ui.shell.editor import Editor
from inpaint_core.contract.errors import NetworksUnavailable
from inpaint_core.contract.options import FillOptions
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import InpaintRequest
from inpaint_core.engine.engine import Engine

_HIDDEN = "import sys; sys.modules['torch'] = None; from {} import main; sys.exit(main({}))"


@pytest.fixture
def no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec

    def find_others(name: str, package: str | None = None) -> ModuleSpec | None:
        return None if name == "torch" else find(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", find_others)


def _run(module: str, arguments: list[str]) -> subprocess.CompletedProcess[str]:
    """A program in a process that cannot import torch."""
    code = _HIDDEN.format(module, arguments)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


@pytest.fixture
def mask(tmp_path: Path) -> Path:
    hole = np.zeros((160, 200), np.uint8)
    hole[60:84, 80:110] = 255
    Image.fromarray(hole).save(tmp_path / "mask.png")
    return tmp_path / "mask.png"


def test_the_command_fills_and_says_why_without_a_network(
    gravel: Path, mask: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.png"
    files = [str(gravel), "--mask", str(mask), "--out", str(out)]
    done = _run("inpaint_core.cli", ["fill", *files, "--verbose"])
    assert done.returncode == 0, done.stderr
    assert "as PyTorch, which networks need, is not installed" in done.stderr
    changed = (np.asarray(Image.open(out)) != np.asarray(Image.open(gravel))).any(axis=2)
    assert changed[64:80, 84:106].mean() > 0.5
    assert not changed[:40].any()
    out.unlink()
    refused = _run("inpaint_core.cli", ["fill", *files, "--engine", "tsgl"])
    assert refused.returncode == 2
    assert "Networks need PyTorch, which is not installed." in refused.stderr
    trains = _run("inpaint_core.cli", ["train", str(tmp_path / "none.toml")])
    assert "Networks need PyTorch" in trains.stderr
    listed = _run("inpaint_core.cli", ["engines"])
    assert "needs PyTorch" in listed.stdout


def test_the_editor_opens_and_fills(gravel: Path, tmp_path: Path) -> None:
    steps = [
        {"do": "open", "path": str(gravel)},
        {"do": "wait", "for": "engine"},
        {"do": "grab", "path": "window.png"},
        {"do": "tool", "id": "brush", "size": 20},
        {"do": "stroke", "points": [[90, 70], [110, 80]]},
        {"do": "action", "id": "fill.run"},
        {"do": "wait"},
        {"do": "export", "path": "out.png"},
    ]
    script = tmp_path / "script.jsonl"
    script.write_text("\n".join(map(json.dumps, steps)), "utf-8")
    done = _run("app.__main__", ["--play", str(script)])
    assert done.returncode == 0, done.stdout + done.stderr
    changed = np.asarray(Image.open(tmp_path / "out.png")) != np.asarray(Image.open(gravel))
    assert changed[66:84, 90:110].any()


def test_the_editor_says_it_and_copies_the_command(
    editor: Editor, qtbot: QtBot, gravel: Path, no_torch: None
) -> None:
    session = opened(editor, qtbot, gravel)
    shown = editor.window.notice.message
    assert shown is not None
    assert shown.text == t("window.no_torch")
    buttons = {button.text(): button for button in editor.window.notice.findChildren(QPushButton)}
    buttons[t("window.no_torch.copy")].click()
    assert QApplication.clipboard().text() == make_install_command()
    engines = editor.window.top_bar.engines
    names = [engines.itemText(row) for row in range(engines.count())]
    assert t("window.engine.no_torch", name=t("engines.tsgl")) in names
    assert t("engines.exemplar") in names
    before = session.document.pixels.copy()
    assert (fill(editor, session, qtbot) != before).any()


def test_who_has_had_enough_of_it_is_not_told_again(
    editor: Editor, qtbot: QtBot, gravel: Path, no_torch: None
) -> None:
    editor.settings.set("networks.quiet", True)
    opened(editor, qtbot, gravel)
    assert editor.window.notice.message is None


def test_a_network_is_refused_with_a_sentence(no_torch: None) -> None:
    image, hole = np.zeros((64, 64, 3), np.uint8), np.zeros((64, 64), np.uint8)
    hole[20:30, 20:30] = 255
    for device in ("auto", "cpu"):
        with pytest.raises(NetworksUnavailable):
            Engine().inpaint(InpaintRequest(image, hole, FillOptions("tsgl", device)), Progress())


@pytest.mark.skipif(sys.platform == "win32", reason="as a POSIX shell reads it")
@pytest.mark.parametrize(
    ("receipt", "program"),
    [("uv-receipt.toml", "uv"), ("pipx_metadata.json", "pipx"), ("other", sys.executable)],
)
def test_the_command_is_that_of_the_environment(receipt: str, program: str, tmp_path: Path) -> None:
    (tmp_path / receipt).touch()
    for nvidia in (tmp_path, tmp_path / "none"):
        words = shlex.split(make_install_command(tmp_path, nvidia))
        assert words[0] == program
        assert {"torch", "lacuna-photo[networks]"} & set(words)
        fetches_cuda = "cpu" not in words[-1] and "auto" not in words
        assert fetches_cuda == (program != "uv" and (nvidia.exists() or sys.platform == "darwin"))
