from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

import resources
from app.configuration.settings import Settings
from app.configuration.text import t
from app.document.document import Document
from app.session.export import ExportPlan, estimate
from app.ui.dialogs.export_dialog import ExportDialog, ExportOrder, describe_export, quick_order
from app.ui.shell.saving.saving_rules import plan_saving
from app.workers.jobs import Lane
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.options import Resize
from inpaint_core.contract.progress import Progress
from inpaint_core.photo.read_photo import read_photo
from inpaint_core.photo.write_photo import encode_photo, prepare_output


@pytest.fixture
def values(tmp_path: Path) -> Settings:
    return Settings(QSettings(str(tmp_path / "values.ini"), QSettings.Format.IniFormat))


@pytest.fixture
def document(tmp_path: Path) -> Document:
    y, x = np.mgrid[:120, :180]
    pixels = np.stack([x, y * 2, (x + y) // 2], axis=2).astype(np.uint8)
    path = tmp_path / "shore.jpg"
    Image.fromarray(pixels).save(path, quality=85)
    document = Document(read_photo(path), path)
    document.apply_fill(Rect(10, 10, 20, 20), np.full((20, 20, 3), 90, np.uint8))
    return document


@pytest.fixture
def dialog(qtbot: QtBot, document: Document, values: Settings, lane: Lane) -> ExportDialog:
    dialog = ExportDialog(document, values, lane)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def answer(name: str, *said: str) -> Callable[[], None]:
    """Press the button called that in the question that is about to be asked, which says all that
    is ``said``.
    """

    def press() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        assert all(each in box.informativeText() for each in said)
        (button,) = [b for b in box.findChildren(QPushButton) if b.text() == t(name)]
        button.click()

    return press


def size_words(dialog: ExportDialog) -> str:
    return dialog.form.size_label.text()


def test_the_folder_is_named_whole(
    qtbot: QtBot, tmp_path: Path, values: Settings, lane: Lane, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path("shore.png")  # as in a terminal
    Image.new("RGB", (30, 20)).save(path)
    dialog = ExportDialog(Document(read_photo(path), path), values, lane)
    qtbot.addWidget(dialog)
    shown = [label.text() for label in dialog.findChildren(QLabel)]
    assert t("export.folder", folder=tmp_path) in shown


def test_it_proposes_a_name_and_estimates_the_size(qtbot: QtBot, dialog: ExportDialog) -> None:
    assert dialog.form.name.text() == "shore-lacuna.jpg"
    assert dialog.form.name.selectedText() == "shore-lacuna"
    assert size_words(dialog) == t("export.size.busy")
    # The first JPEG on a machine also waits for its loops to be compiled.
    qtbot.waitUntil(lambda: "kB" in size_words(dialog), timeout=60_000)
    before = size_words(dialog)
    dialog.form.as_original.setChecked(False)
    dialog.form.quality.setValue(20)
    assert dialog.form.number.value() == 20
    qtbot.waitUntil(lambda: size_words(dialog) not in (before, t("export.size.busy")))


def test_the_sample_is_not_exported_into_the_program(
    values: Settings, document: Document, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    document.path = resources.path("samples/beach.jpg")
    assert quick_order(document, values).path == tmp_path / "beach-lacuna.jpg"


def test_format_and_name_follow_each_other(dialog: ExportDialog) -> None:
    form = dialog.form
    form.format.setCurrentIndex(form.format.findData("png"))
    assert form.name.text() == "shore-lacuna.png"
    assert form.bits.isVisible()
    assert not form.quality.isVisible()
    form.name.setText("other.webp")
    form.name.textEdited.emit("other.webp")
    assert form.plan.format == "webp"
    assert form.quality.isVisible()
    form.name.setText("v1.2")
    form.format.setCurrentIndex(form.format.findData("same"))
    assert form.name.text() == "v1.2.jpg"


def test_the_note_in_xmp_is_a_choice(dialog: ExportDialog, values: Settings) -> None:
    form = dialog.form
    assert not form.plan.note_in_xmp
    assert form.history.isVisible()
    form.history.click()
    assert form.plan.note_in_xmp
    form.metadata.setCurrentIndex(form.metadata.findData("none"))
    assert not form.history.isVisible()
    form.profile.setCurrentIndex(form.profile.findData("adobe"))
    assert form.plan.profile == "adobe"
    form.metadata.setCurrentIndex(form.metadata.findData("all"))
    dialog.accept()
    assert values.get("export.history") is True
    assert values.get("export.profile") == "adobe"


def test_enter_exports(qtbot: QtBot, dialog: ExportDialog, document: Document, lane: Lane) -> None:
    qtbot.keyClick(dialog.form.name, Qt.Key.Key_Return)
    assert dialog.order is not None
    assert document.path is not None
    assert dialog.order == ExportOrder(document.path.with_name("shore-lacuna.jpg"), ExportPlan())
    job = dialog.order.start(lane, document)
    with qtbot.waitSignal(job.succeeded) as done:
        pass
    assert done.args is not None
    message, detail = describe_export(done.args[0])
    assert "shore-lacuna.jpg" in message
    assert detail.startswith(t("export.checked.lossy").partition("{")[0])


def test_a_lossless_export_is_said_to_be_the_same(
    qtbot: QtBot, document: Document, values: Settings, lane: Lane
) -> None:
    values.set("export.format", "png")
    job = quick_order(document, values).start(lane, document)
    with qtbot.waitSignal(job.succeeded) as done:
        pass
    assert done.args is not None
    assert describe_export(done.args[0])[1].startswith(t("export.checked.same").partition("{")[0])


def test_choices_are_kept_for_quick_export(
    dialog: ExportDialog, document: Document, values: Settings, tmp_path: Path
) -> None:
    form = dialog.form
    (tmp_path / "out").mkdir()
    form.set_path(tmp_path / "out" / "mine.tiff")
    form.bits.setCurrentIndex(form.bits.findData("16"))
    form.metadata.setCurrentIndex(form.metadata.findData("no_gps"))
    dialog.accept()
    assert dialog.order is not None
    assert dialog.order.path == tmp_path / "out" / "mine.tiff"
    quick = quick_order(document, values)
    assert quick.plan.format == "tiff"
    assert quick.plan.depth == 16
    assert quick.plan.metadata == "no_gps"
    assert quick.path == tmp_path / "out" / "shore-lacuna.tif"
    quick.path.touch()
    assert quick_order(document, values).path.name == "shore-lacuna-2.tif"


@pytest.mark.parametrize("choice", ["replace", "both", "cancel"])
def test_a_file_in_the_way_is_asked_about(
    dialog: ExportDialog, document: Document, choice: str
) -> None:
    assert document.path is not None
    taken = document.path.with_name("shore-lacuna.jpg")
    taken.write_bytes(b"mine")
    QTimer.singleShot(0, answer(f"export.{choice}"))
    dialog.accept()
    wanted = {
        "replace": ExportOrder(taken, ExportPlan(), overwrite=True),
        "both": ExportOrder(taken.with_name("shore-lacuna-2.jpg"), ExportPlan()),
        "cancel": None,
    }
    assert dialog.order == wanted[choice]
    assert dialog.isVisible() == (choice == "cancel")


def test_the_original_needs_a_tick_and_an_answer(dialog: ExportDialog, document: Document) -> None:
    assert document.path is not None
    dialog.form.set_path(document.path)
    assert not dialog.go.isEnabled()
    dialog.form.replace.click()
    assert dialog.go.isEnabled()
    lost = t("export.sure.original.hint")
    QTimer.singleShot(0, answer("export.cancel", lost))
    dialog.accept()
    assert dialog.order is None
    origin = replace(document.photo.origin, has_layers=True)
    document.photo = replace(document.photo, origin=origin)
    QTimer.singleShot(0, answer("export.replace", lost, t("export.into.layers")))
    dialog.accept()
    assert dialog.order == ExportOrder(document.path, ExportPlan(), True, True)


def test_without_a_name_or_a_folder_there_is_no_export(
    dialog: ExportDialog, tmp_path: Path
) -> None:
    dialog.form.name.clear()
    dialog.form.name.textEdited.emit("")
    assert not dialog.go.isEnabled()
    dialog.form.set_path(tmp_path / "none" / "a.jpg")
    assert not dialog.go.isEnabled()
    dialog.form.set_path(tmp_path / "a.jpg")
    assert dialog.go.isEnabled()


def test_a_folder_that_may_not_be_written_is_said_at_once(
    dialog: ExportDialog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda place, mode: place != tmp_path)
    dialog.form.set_path(tmp_path / "a.jpg")
    assert not dialog.go.isEnabled()
    assert dialog.form.warning.text() == t("export.read_only", folder=tmp_path)


def test_a_conversion_says_how(dialog: ExportDialog) -> None:
    assert dialog.form.intent.isHidden()
    dialog.form.profile.setCurrentIndex(dialog.form.profile.findData("srgb"))
    assert not dialog.form.intent.isHidden()


def test_escape_leaves_without_an_order(qtbot: QtBot, dialog: ExportDialog, lane: Lane) -> None:
    qtbot.waitUntil(lambda: bool(lane.jobs) or "kB" in size_words(dialog))
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.order is None
    assert not dialog.isVisible()
    qtbot.waitUntil(lambda: not lane.jobs)


def test_an_export_in_another_size(
    qtbot: QtBot, dialog: ExportDialog, document: Document, lane: Lane, values: Settings
) -> None:
    """Chosen with the keyboard, said in plain words, written, checked, and kept for next time."""
    fields = dialog.form.resize_fields
    assert not fields.outcome.isVisible()
    fields.by.setFocus()
    qtbot.keyClick(fields.by, Qt.Key.Key_Down)
    assert fields.by.currentData() == "long"
    assert fields.outcome.text() == t("export.resize.kept", width=180, height=120)
    fields.pixels.selectAll()
    qtbot.keyClicks(fields.pixels, "90")
    words = t("export.resize.computed", width=180, height=120, wide=90, high=60)
    assert fields.outcome.text() == words
    qtbot.mouseClick(fields.sharpen, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "kB" in size_words(dialog), timeout=60_000)
    dialog.accept()
    assert dialog.order is not None
    assert dialog.order.plan.resize == Resize("long", 90, sharpen=True)
    job = dialog.order.start(lane, document)
    with qtbot.waitSignal(job.succeeded) as done:
        pass
    assert done.args is not None
    with Image.open(dialog.order.path) as image:
        assert image.size == (90, 60)
    begin = t("export.checked.resized_lossy").partition("{")[0]
    assert describe_export(done.args[0])[1].startswith(begin)
    assert quick_order(document, values).plan == dialog.order.plan


def test_the_original_keeps_its_size(
    dialog: ExportDialog, document: Document, values: Settings
) -> None:
    assert document.path is not None
    form, fields = dialog.form, dialog.form.resize_fields
    form.set_path(document.path)
    form.replace.click()
    assert dialog.go.isEnabled()
    fields.by.setCurrentIndex(fields.by.findData("percent"))
    assert not dialog.go.isEnabled()
    assert form.warning.text() == t("export.resize.original")
    for setting, value in form.settings().items():
        values.set(setting, value)
    assert plan_saving(values).resize is None


def test_the_estimate_of_a_large_photo_is_that_of_its_new_size(document: Document) -> None:
    rng = np.random.default_rng(3)
    small = rng.integers(0, 255, (150, 150, 3), np.uint8)
    pixels = np.kron(small, np.ones((12, 12, 1), np.uint8))
    photo = replace(document.photo, pixels=pixels, jpeg=None, format="PNG")
    for resize in (Resize("percent", 90), Resize("percent", 25), Resize("percent", 150, True)):
        plan = ExportPlan(format="jpeg", quality=80, resize=resize)
        found = estimate(photo, plan, Progress())
        ready = prepare_output(photo, plan)[0]
        true = len(encode_photo(ready, plan.file_format(photo), 80)[0])
        assert 0.8 < found / true < 1.25
