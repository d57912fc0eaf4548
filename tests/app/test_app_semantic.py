"""A semantic map in the editor: loaded for an engine that needs one, shown, undone and kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from looking import fill, idle, opened, paint
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.automation.recorder import Recorder
from app.automation.script import read_script
from app.configuration.text import t
from app.document.document import Document
from app.session.recovery.recovery_journal import RecoveryJournal
from app.session.recovery.unsaved_work import find_unsaved_work
from app.session.session import Session
from app.ui.shell.editor import Editor
from inpaint_core.cli.entry import main
from inpaint_core.networks import device
from inpaint_core.networks.blocks.convolution_weights import fold
from inpaint_core.networks.registry import find_network
from inpaint_core.networks.store import user_weights
from inpaint_core.networks.store.weights_file import save_weights
from inpaint_core.photo.read_photo import read_photo
from inpaint_core.project.read_project import read_project

ENGINE = "tsgl:labels"
SMALL = {
    "structure_prior": "semantic",
    "structure_widths": [4, 6, 8, 10, 12],
    "width": 16,
    "depths": [1, 1, 1, 1],
    "hidden": 6,
    "fusion_widths": [4, 6, 8, 16, 16, 16],
    "balance": "none",
    "decoder_widths": [16, 12, 8, 8, 6],
}


@pytest.fixture(autouse=True)
def _weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine “tsgl:labels”, whose weights are fresh."""
    monkeypatch.setattr(user_weights, "data_folder", lambda: tmp_path / "data")
    monkeypatch.delenv("LACUNA_WEIGHTS", raising=False)
    monkeypatch.setattr(device, "THREADS", 1)
    torch.manual_seed(0)
    spec, config = find_network("base", SMALL)
    net = spec.build(config)
    fold(net)
    made = {"network": "base", "configuration": json.dumps(SMALL)}
    save_weights(net, tmp_path / "made.safetensors", made)
    given = ["weights", "import", str(tmp_path / "made.safetensors"), "--name", "labels"]
    assert main(given) == 0


def map_file(path: Path, seed: int) -> Path:
    """Ten blocks of 32 pixels in random colours, of the size of `gravel`."""
    colours = np.random.default_rng(seed).integers(1, 256, (5, 7, 3), np.uint8)
    Image.fromarray(colours.repeat(32, 0).repeat(32, 1)[:, :200]).save(path)
    return path


@pytest.fixture
def maps(tmp_path: Path) -> tuple[Path, Path]:
    return map_file(tmp_path / "labels.png", 0), map_file(tmp_path / "others.png", 1)


@pytest.fixture
def session(editor: Editor, qtbot: QtBot, gravel: Path) -> Session:
    session = opened(editor, qtbot, gravel)
    idle(editor, qtbot)
    return session


@pytest.fixture
def load(editor: Editor, qtbot: QtBot) -> Callable[[Path], None]:
    def run(path: Path) -> None:
        editor.window.command_handlers.mask_commands.load_semantic(path)
        idle(editor, qtbot)
        QApplication.processEvents()

    return run


def read(path: Path) -> NDArray[np.uint8]:
    return np.asarray(Image.open(path))


def test_an_engine_that_needs_a_map_says_so_and_fills_with_it(
    editor: Editor,
    session: Session,
    maps: tuple[Path, Path],
    load: Callable[[Path], None],
    qtbot: QtBot,
) -> None:
    window, document = editor.window, session.document
    action = window.actions_by_id["fill.load_semantic"]
    assert not action.isEnabled()
    editor.settings.set("fill.engine", ENGINE)
    assert action.isEnabled()
    assert not window.actions_by_id["fill.clear_semantic"].isEnabled()

    paint(session)
    before = document.pixels.copy()
    window.actions_by_id["fill.run"].trigger()
    idle(editor, qtbot)
    assert t("fill.needs_semantic") in window.notice.text
    assert np.array_equal(document.pixels, before)

    load(maps[0])
    assert np.array_equal(document.semantic, read(maps[0]))
    first = fill(editor, session, qtbot)
    assert not np.array_equal(first, before)
    document.undo()
    load(maps[1])
    second = fill(editor, session, qtbot)
    assert not np.array_equal(first, second)

    editor.settings.set("fill.engine", "exemplar")  # whose fill is the same with a map
    document.undo()
    fill(editor, session, qtbot)
    assert "semantic" not in session.fill_summary
    recipe = document.history.entries[-1].recipe
    assert recipe is not None
    assert recipe.options.semantic is None


def test_a_map_is_shown_undone_and_removed(
    editor: Editor,
    session: Session,
    maps: tuple[Path, Path],
    load: Callable[[Path], None],
    qtbot: QtBot,
) -> None:
    editor.settings.set("fill.engine", ENGINE)
    window, document = editor.window, session.document
    window.actions_by_id["window.structure"].trigger()
    idle(editor, qtbot)
    panel = window.structure
    load_button, clear_button = panel.guide_buttons
    assert load_button.isVisible()
    assert "&" not in load_button.text()
    assert not clear_button.isVisible()
    assert not panel.tiles["semantic"].isEnabled()

    load(maps[0])
    assert panel.overlay.prior_map is panel.maps["semantic"]
    assert panel.tiles["semantic"].isChecked()
    assert np.array_equal(panel.maps["semantic"].values, read(maps[0]))
    assert panel.maps["semantic"].extent == (0, 0, 200, 160)
    clear_button.click()
    assert not document.has_semantic
    assert not document.semantic.any()
    assert panel.overlay.prior_map is None
    assert not panel.tiles["semantic"].isEnabled()
    assert not clear_button.isVisible()
    window.actions_by_id["edit.undo"].trigger()
    assert document.has_semantic
    assert panel.overlay.prior_map is panel.maps["semantic"]
    window.actions_by_id["edit.undo"].trigger()
    assert not document.has_semantic
    window.actions_by_id["edit.redo"].trigger()
    assert np.array_equal(document.semantic, read(maps[0]))
    titles = [entry.name_key for entry in document.history.entries]
    assert titles == ["history.semantic", "history.semantic.cleared"]


@pytest.mark.parametrize("what", ["small", "black", "text"])
def test_what_is_no_map_is_refused(
    what: str,
    editor: Editor,
    session: Session,
    load: Callable[[Path], None],
    tmp_path: Path,
) -> None:
    path = tmp_path / "no-map.png"
    if what == "text":
        path.write_text("this is not a picture")
    else:
        size = (100, 80) if what == "small" else (200, 160)
        Image.new("RGB", size, (9, 9, 9) if what == "small" else (0, 0, 0)).save(path)
    load(path)
    assert "no-map.png" in editor.window.notice.text
    assert not session.document.has_semantic
    assert not session.document.history.entries


def test_a_map_is_kept_in_a_project_and_its_fill_is_replayed(
    editor: Editor,
    session: Session,
    gravel: Path,
    maps: tuple[Path, Path],
    load: Callable[[Path], None],
    qtbot: QtBot,
    tmp_path: Path,
) -> None:
    editor.settings.set("fill.engine", ENGINE)
    projects = editor.window.command_handlers.project_commands.projects
    paint(session)
    path = tmp_path / "work.lacuna"
    projects.save(session, path)
    idle(editor, qtbot)
    load(maps[0])
    filled = fill(editor, session, qtbot)
    projects.save(session, path)
    idle(editor, qtbot)
    with read_project(path) as project:
        (recipe,) = project.recipes()
        assert np.array_equal(recipe.options.semantic.load(), read(maps[0]))

    editor.controller.close(session)
    editor.controller.open([path])
    qtbot.waitUntil(lambda: editor.controller.current is not None)
    idle(editor, qtbot)
    again = editor.controller.current
    assert again is not None
    assert again.document.has_semantic
    assert np.array_equal(again.document.semantic, read(maps[0]))
    assert np.array_equal(again.document.pixels, filled)

    out = tmp_path / "out"
    assert main(["batch", str(gravel), "--project", str(path), "--out-dir", str(out)]) == 0
    (made,) = out.glob("*.png")  # beside the report
    assert np.array_equal(read(made), filled)
    again.document.go_to(0)
    projects.replay(again, path)
    idle(editor, qtbot)
    assert np.array_equal(again.document.pixels, filled)


def test_a_map_survives_a_crash(gravel: Path, maps: tuple[Path, Path], tmp_path: Path) -> None:
    document = Document(read_photo(gravel), gravel)
    left, later = RecoveryJournal(tmp_path / "journals"), RecoveryJournal(tmp_path / "new")
    left.watch(document)
    document.set_semantic(read(maps[0]))
    left.flush()
    for file in (tmp_path / "journals").iterdir():
        (tmp_path / "copies").mkdir(exist_ok=True)
        (tmp_path / "copies" / file.name).write_bytes(file.read_bytes())
    (work,) = find_unsaved_work(tmp_path / "copies")
    recovered = Document(read_photo(gravel), gravel)
    later.recover(work, recovered)
    assert recovered.has_semantic
    assert np.array_equal(recovered.semantic, read(maps[0]))
    later.close()
    left.close()


def test_a_recorded_map_can_be_played(
    editor: Editor,
    gravel: Path,
    maps: tuple[Path, Path],
    load: Callable[[Path], None],
    qtbot: QtBot,
    tmp_path: Path,
) -> None:
    script = tmp_path / "script.jsonl"
    recorder = Recorder(editor.window, script)
    editor.controller.open([gravel])
    qtbot.waitUntil(lambda: editor.controller.current is not None)
    load(maps[0])
    recorder.close()
    (step,) = [step for step in read_script(script) if step.do == "mask"]
    assert step.get("what") == "semantic"
    assert np.array_equal(read(tmp_path / step.get("path")), read(maps[0]))
