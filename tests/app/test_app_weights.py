"""Weights files in the editor: dropped, read in a child, imported, used, listed and removed."""

from __future__ import annotations

import hashlib
import json
import pickle
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import torch
from looking import fill, opened
from PySide6 import __version_info__
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

import weights
from app.configuration.text import t
from app.session.weights.weights_import import WeightsImport
from app.ui.dialogs import weights_dialog
from app.ui.dialogs.file_card import FileCard
from app.ui.dialogs.import_weights_dialog import ImportWeightsDialog
from app.ui.dialogs.offer_card import OfferCard
from app.ui.dialogs.weights_card import format_size
from app.ui.shell.editor import Editor
from app.workers.decoder.weights_work import ExaminedWeights
from inpaint_core.cli import main
from inpaint_core.importing import catalogue
from inpaint_core.importing.catalogue import CatalogueFile
from inpaint_core.importing.known_files import KnownFile
from inpaint_core.networks.blocks.convolution_weights import fold
from inpaint_core.networks.registry import find_network
from inpaint_core.networks.store.user_weights import read_user_weights, weights_folder
from inpaint_core.networks.store.weights_file import save_weights

_WAIT = 60_000


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, only_base_ships: None) -> Path:
    """The person's own folders, for child processes too."""
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "TORCH_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("LACUNA_WEIGHTS", raising=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return tmp_path / "home"


@pytest.fixture
def imports() -> Iterator[WeightsImport]:
    imports = WeightsImport()
    yield imports
    imports.close()


@pytest.fixture
def dialog(imports: WeightsImport, qtbot: QtBot) -> ImportWeightsDialog:
    dialog = ImportWeightsDialog(imports)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def write_weights(path: Path) -> Path:
    """What a training exports of a small network with random weights."""
    spec, config = find_network("dmfn", {"width": 8, "blocks": 1})
    net = spec.build(config)
    fold(net)
    path.parent.mkdir(parents=True, exist_ok=True)
    about = {"network": "dmfn", "configuration": json.dumps(asdict(config))}
    save_weights(net, path, about)
    return path


def cards(dialog: ImportWeightsDialog) -> list[FileCard]:
    return [card for card in dialog.cards if isinstance(card, FileCard)]


def wait_for(dialog: ImportWeightsDialog, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not any(card.is_busy for card in dialog.cards), timeout=_WAIT)


def drop(editor: Editor, path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    held = (mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    copy = Qt.DropAction.CopyAction
    # Qt 6.12 takes it as a QPointF and warns of a QPoint, those before know only that.
    at = QPointF(200, 200) if __version_info__ >= (6, 12) else QPoint(200, 200)
    QApplication.sendEvent(editor.window, QDragEnterEvent(at, copy, *held))  # no drop without it
    QApplication.sendEvent(editor.window, QDropEvent(QPointF(200, 200), copy, *held))


def test_from_the_drop_to_a_fill_and_back(
    editor: Editor, qtbot: QtBot, gravel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The process that imports sees what ships, and so must the window.
    monkeypatch.setattr(weights, "FOLDER", Path(weights.__file__).parent)
    session = opened(editor, qtbot, gravel)
    drop(editor, write_weights(tmp_path / "My Net.safetensors"))
    commands = editor.window.command_handlers.weights_commands
    dialog = commands.import_dialog
    assert dialog is not None
    wait_for(dialog, qtbot)
    (card,) = cards(dialog)
    assert "dmfn" in card.what.text()
    assert card.hash.text() == t("weights_dialogs.hash.unknown")
    dialog.go.click()
    assert dialog.stop.text() == t("weights_dialogs.cancel")
    wait_for(dialog, qtbot)
    assert list(read_user_weights().entries) == ["dmfn-my-net"]
    assert card.picture.isVisible()
    assert card.picture.before.pixmap().toImage() != card.picture.after.pixmap().toImage()

    with qtbot.waitSignal(editor.controller.engines.listed, timeout=_WAIT):
        editor.controller.engines.refresh()
    menu = editor.window.top_bar.engines
    titles = [menu.itemText(at) for at in range(menu.count())]
    usable = [bool(menu.model().index(at, 0).flags()) for at in range(menu.count())]
    assert usable == sorted(usable, reverse=True)  # what can fill comes first
    assert not all(usable)
    (title,) = (each for each in titles if t("window.engine.imported", name="") in each)
    card.use.click()
    assert menu.currentText() == title
    assert editor.settings.get("fill.engine") == "dmfn:my-net"
    dialog.reject()
    fill(editor, session, qtbot)

    table = commands.show_list()
    qtbot.waitUntil(lambda: bool(table.rows), timeout=_WAIT)
    assert [at.row() for at in table.table.selectionModel().selectedRows()] == [0]
    item = table.table.topLevelItem(len(table.rows) - 1)
    assert item is not None
    assert "My Net.safetensors" in item.text(1)
    assert table.measure.toolTip() != table.prefer.toolTip() != ""
    assert item.text(6) != t("weights_dialogs.list.never")
    assert table.picture.isHidden()
    table.table.setCurrentItem(item)
    assert table.picture.isVisible()
    assert not table.prefer.isEnabled()  # it is the default already
    monkeypatch.setattr(weights_dialog, "ask", lambda *_, **__: "weights_dialogs.list.remove_now")
    with qtbot.waitSignal(editor.controller.engines.listed, timeout=_WAIT):
        table.remove.click()
    assert read_user_weights().entries == {}
    assert editor.settings.get("fill.engine") == "default"
    assert not any(t("window.engine.imported", name="") in menu.itemText(at) for at in range(9))


def test_one_of_several_files_is_kept_and_names_the_others(
    editor: Editor, qtbot: QtBot, tmp_path: Path
) -> None:
    shapes = {
        "convs.1": (64, 1, 7, 7), "convs.3": (64, 64, 3, 3), "convs.5": (64, 64, 3, 3),
        "convs.7": (1, 64, 3, 3), "out.0": (32, 1, 4, 4), "out.2": (1, 32, 3, 3),
    }  # fmt: skip
    tensors = {f"{name}.weight": torch.zeros(shape) for name, shape in shapes.items()}
    tensors |= {f"{name}.bias": torch.zeros(shape[0]) for name, shape in shapes.items()}
    torch.save({"model": tensors}, tmp_path / "StructureUpsampling.pth")
    commands = editor.window.command_handlers.weights_commands
    dialog = commands.show_import()
    dialog.add_files([tmp_path / "StructureUpsampling.pth"])
    wait_for(dialog, qtbot)
    dialog.go.click()
    wait_for(dialog, qtbot)
    (card,) = cards(dialog)
    assert "best_transformer_places2.pth" in card.what.text()
    assert "StructureUpsampling.pth" not in card.what.text()
    assert card.use.isHidden()
    assert not card.can_import
    dialog.reject()
    table = commands.show_list()
    qtbot.waitUntil(lambda: len(table.rows) == 2, timeout=_WAIT)
    table.table.setCurrentItem(table.table.topLevelItem(1))
    assert table.remove.isEnabled()
    assert not table.measure.isEnabled()
    assert not table.prefer.isEnabled()
    table.reject()


def test_of_two_the_person_chooses_the_default(
    editor: Editor, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two"):
        path = write_weights(tmp_path / f"{name}.safetensors")
        assert main(["weights", "import", str(path), "--name", name]) == 0
    table = editor.window.command_handlers.weights_commands.show_list()
    qtbot.waitUntil(lambda: len(table.rows) == 3, timeout=_WAIT)
    by_name = {row.entry.id: at for at, row in enumerate(table.rows)}
    others = [row for row in table.rows if row.is_ours and not row.is_default]
    (other,) = others
    table.table.setCurrentItem(table.table.topLevelItem(by_name[other.entry.id]))
    table.prefer.click()
    qtbot.waitUntil(
        lambda: [r.entry.id for r in table.rows if r.is_ours and r.is_default] == [other.entry.id],
        timeout=_WAIT,
    )
    monkeypatch.setattr(weights_dialog, "ask", lambda *_, **__: "weights_dialogs.cancel")
    table.remove.click()
    assert len(read_user_weights().entries) == 2
    shipped = next(at for at, row in enumerate(table.rows) if row.is_shipped)
    table.table.setCurrentItem(table.table.topLevelItem(shipped))
    assert not table.remove.isEnabled()
    assert not table.measure.isEnabled()
    table.reject()


def test_what_cannot_be_imported_says_why(
    dialog: ImportWeightsDialog, qtbot: QtBot, tmp_path: Path
) -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, ...]:
            return (print, ("ran",))

    torch.save({"a": torch.zeros(2), "b": Evil()}, tmp_path / "evil.pt")
    (tmp_path / "text.ckpt").write_text("no weights")
    torch.save(
        {"synthesis.first_stage.conv_first.conv.resample_filter": torch.zeros(4, 4)},
        tmp_path / "mat.pth",
    )
    (tmp_path / "old.pkl").write_bytes(pickle.dumps({"a": 1}))
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("big-lama/models/best.ckpt", b"")
        archive.writestr("big-lama/models/last.ckpt", b"")
    names = ("evil.pt", "text.ckpt", "mat.pth", "old.pkl", "all.zip", "gone.pt")
    dialog.add_files([tmp_path / name for name in names])
    wait_for(dialog, qtbot)
    said = {card.path.name: card.problem.text() for card in cards(dialog)}
    assert "print" in said["evil.pt"]
    assert "not a file of weights" in said["text.ckpt"]
    assert "MAT" in said["mat.pth"]
    assert "not a file of weights" in said["old.pkl"]
    assert "big-lama/models/best.ckpt, big-lama/models/last.ckpt" in said["all.zip"]
    assert "There is no weights file" in said["gone.pt"]
    assert not any(card.can_import for card in cards(dialog))
    assert not dialog.go.isEnabled()


def test_terms_are_shown_and_must_be_accepted(
    tmp_path: Path, imports: WeightsImport, qtbot: QtBot
) -> None:
    card = FileCard(tmp_path / "a.pt", 1000, imports, is_wanted=False)
    qtbot.addWidget(card)
    card.head.setChecked(True)
    qtbot.waitUntil(lambda: not card.is_busy, timeout=_WAIT)
    known = KnownFile("a.pt", "somebody/net", "CC BY-NC 4.0; learned from faces", "non-commercial")
    found = ExaminedWeights(card.path, "0" * 64, "LaMa", "lama", 3, known, "")
    card.show_examined(found)
    assert "CC BY-NC 4.0" in card.licence.text()
    assert "https://github.com/somebody/net" in card.licence.text()
    assert not card.accept.isHidden()
    assert not card.can_import
    card.accept.setChecked(True)
    assert card.can_import


def test_other_programs_files_are_read_only_when_ticked(
    dialog: ImportWeightsDialog, qtbot: QtBot, home: Path
) -> None:
    dialog.look.click()
    assert str(home / "hub" / "checkpoints") in dialog.note.text()
    folder = home / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    (folder / "big-lama.pt").write_bytes(bytes(2_000_000))
    dialog.look.click()
    dialog.look.click()
    (card,) = cards(dialog)
    assert not card.head.isChecked()
    assert not card.is_busy
    card.head.setChecked(True)
    wait_for(dialog, qtbot)
    assert "not a file of weights" in card.problem.text()


def test_a_cancelled_import_leaves_nothing(
    dialog: ImportWeightsDialog, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog.add_files([write_weights(tmp_path / "a.safetensors")])
    wait_for(dialog, qtbot)
    dialog.go.click()
    (card,) = cards(dialog)
    assert card.job is not None
    with qtbot.waitSignal(card.job.progressed, timeout=_WAIT):
        pass
    dialog.stop.click()
    wait_for(dialog, qtbot)
    assert card.problem.text() == t("weights_dialogs.stopped")
    folder = weights_folder()
    assert not folder.exists() or list(folder.iterdir()) == []
    assert card.can_import  # and it can be tried again


@pytest.fixture
def offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CatalogueFile]:
    """A file of the catalogue, on a server on this machine."""
    path = write_weights(tmp_path / "served" / "net.safetensors")
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    served = partial(Handler, directory=str(path.parent))
    with ThreadingHTTPServer(("127.0.0.1", 0), served) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/{path.name}"
        size = path.stat().st_size
        file = CatalogueFile("mine", "dmfn", "web", path.name, address, size, sha256)
        monkeypatch.setattr(catalogue, "CATALOGUE", (file,))
        known = KnownFile(path.name, "somebody", "Apache-2.0", "any")
        monkeypatch.setattr(catalogue, "KNOWN_FILES", {sha256: known})
        yield file
        server.shutdown()


def test_the_button_fetches_what_it_shows(
    dialog: ImportWeightsDialog, qtbot: QtBot, offered: CatalogueFile
) -> None:
    dialog.web.click()
    dialog.web.click()
    (card,) = dialog.cards
    assert isinstance(card, OfferCard)
    assert offered.sha256 in card.hash.text()
    assert "Apache-2.0" in card.licence.text()
    assert not weights_folder().exists()
    assert card.button.text() == t("weights_dialogs.offer.go", size=format_size(offered.size))
    card.button.click()
    wait_for(dialog, qtbot)
    assert card.problem.text() == ""
    assert list(read_user_weights().entries) == ["dmfn-web"]
    assert card.button.isHidden()


def test_dropped_files_are_in_sight_below_what_can_be_fetched(
    dialog: ImportWeightsDialog, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog.web.click()
    assert len(dialog.cards) > 1
    (tmp_path / "text.ckpt").write_text("no weights")
    dialog.add_files([tmp_path / "text.ckpt"])
    (card,) = cards(dialog)
    wait_for(dialog, qtbot)
    qtbot.waitUntil(lambda: card.visibleRegion().boundingRect().height() == card.height())


def test_one_setting_ends_all_downloads(
    editor: Editor,
    qtbot: QtBot,
    offered: CatalogueFile,
    capsys: pytest.CaptureFixture[str],
) -> None:
    editor.settings.set("weights.downloads", False)
    dialog = editor.window.command_handlers.weights_commands.show_import()
    dialog.web.click()
    assert "switched off" in dialog.note.text()
    assert dialog.cards == []
    assert main(["weights", "get", "mine", "--yes"]) != 0
    assert "switched off" in capsys.readouterr().err
    editor.settings.set("weights.downloads", True)
    dialog.web.click()
    assert len(dialog.cards) == 1
    dialog.reject()


def test_removing_waits_for_a_fill(editor: Editor, qtbot: QtBot, tmp_path: Path) -> None:
    path = write_weights(tmp_path / "a.safetensors")
    assert main(["weights", "import", str(path), "--name", "a"]) == 0
    weights = editor.window.command_handlers.weights_commands.show_list()
    table = weights_dialog.WeightsDialog(weights.list, editor.settings, lambda: True)
    qtbot.addWidget(table)
    qtbot.waitUntil(lambda: len(table.rows) == 2, timeout=_WAIT)
    table.table.setCurrentItem(table.table.topLevelItem(1))
    table.remove.click()
    assert table.problem.text() == t("weights_dialogs.list.busy")
    assert len(read_user_weights().entries) == 1
    weights.reject()


def test_measuring_tells_what_came_out(
    editor: Editor, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_weights(tmp_path / "a.safetensors")
    assert main(["weights", "import", str(path), "--name", "a"]) == 0
    table = editor.window.command_handlers.weights_commands.show_list()
    qtbot.waitUntil(lambda: len(table.rows) == 2, timeout=_WAIT)
    table.table.setCurrentItem(table.table.topLevelItem(1))
    answers = iter(("weights_dialogs.cancel", "weights_dialogs.list.on_scenes"))
    monkeypatch.setattr(weights_dialog, "ask", lambda *_, **__: next(answers))
    table.measure.click()
    assert table.measure.isEnabled()  # nothing was started
    table.measure.click()
    qtbot.waitUntil(table.stop.isVisible, timeout=_WAIT)
    table.stop.click()
    qtbot.waitUntil(table.measure.isEnabled, timeout=_WAIT)
    assert table.stop.isHidden()
    table.reject()
