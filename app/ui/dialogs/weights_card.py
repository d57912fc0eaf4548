"""A card that says what a weights file is, how far its import is, and what became of it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QLabel, QProgressBar, QPushButton

from app.configuration.text import t
from app.session.notice import Notice, describe_failure
from app.ui.dialogs.test_picture import TestPicture
from app.ui.widgets.elided_label import ElidedLabel
from app.ui.widgets.layouts import lay_out_column, lay_out_row, make_label
from app.workers.decoder.weights_work import BroughtIn
from app.workers.jobs import Job
from inpaint_core.contract.file_names import show_name
from inpaint_core.contract.message import Message
from inpaint_core.importing.known_files import KnownFile


class WeightsCard(QFrame):
    """The card's parts, and the job that it shows. ``changed()``: it can do something else now.
    ``use_asked(engine)``: the imported weights are to be used.
    """

    changed = Signal()
    use_asked = Signal(str)

    def __init__(self, name: str, size: int, place: str) -> None:
        super().__init__()
        self.setObjectName("card")
        self.job: Job | None = None
        self.engine = ""  # that uses the weights, once they are imported
        self.is_imported = False  # also where other files are missing yet
        self.head = QCheckBox(show_name(name).replace("&", "&&"))
        self._title = QLabel(show_name(name))
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        font = self.head.font()
        font.setBold(True)
        self.head.setFont(font)
        self._title.setFont(font)
        self.head.toggled.connect(lambda _: self.changed.emit())
        self._size = make_label(format_size(size))
        self._place = _make_words("muted")
        self._place.setText(show_name(place))
        self.what, self.hash, self.licence = _make_words(), _make_words("muted"), _make_words()
        self.licence.setTextFormat(Qt.TextFormat.RichText)
        self.licence.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        self.licence.setOpenExternalLinks(True)
        self.accept = QCheckBox(t("weights_dialogs.accept"))
        self.accept.toggled.connect(lambda _: self.changed.emit())
        self.problem, self._hint = _make_words("alert"), _make_words("muted")
        self._bar = QProgressBar()
        self._bar.setRange(0, 1000)
        self._bar.setFixedHeight(6)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(show_name(name))
        self._step = ElidedLabel()
        self._step.setObjectName("muted")
        self.use = QPushButton(t("weights_dialogs.use"))
        self.use.clicked.connect(self._on_use)
        self.button = QPushButton()
        top = lay_out_row(None, self.head, self._title, None, self._size, spacing=10)
        foot = lay_out_row(None, self.use, self.button, None, spacing=8)
        words = (self.what, self.hash, self.licence, self.accept, self.problem, self._hint)
        self.picture = TestPicture()
        items = (top, self._place, *words, self.picture, self._step, self._bar, foot)
        lay_out_column(self, *items, margins=(14, 12, 14, 12), spacing=5)
        for widget in (self._title, *words, self._step, self._bar, self.use, self.button):
            widget.hide()

    @property
    def is_busy(self) -> bool:
        """Whether a job of this card is under way."""
        return self.job is not None

    def cancel(self) -> None:
        """Stop the job, if one is under way."""
        if self.job is not None:
            self.job.cancel()

    def watch(self, job: Job, text: str) -> None:
        """Show the progress of ``job`` until it ends."""
        self.job = job
        self.show_notice(None)
        show_words(self._step, text)
        self._bar.setValue(0)
        self._bar.show()
        job.progressed.connect(self._on_progress)
        job.failed.connect(self._on_failed)
        job.cancelled.connect(self._on_cancelled)
        job.succeeded.connect(self._end_job)
        self.changed.emit()

    def show_notice(self, notice: Notice | None) -> None:
        """Say what went wrong, or nothing."""
        show_words(self.problem, "" if notice is None else notice.text)
        show_words(self._hint, "" if notice is None else notice.hint)

    def drop_tick(self) -> None:
        """Show the name without a tick, as there is nothing to choose any more."""
        self.head.hide()
        self._title.show()

    def show_imported(self, brought: BroughtIn) -> None:
        """Say that the weights are there, and offer to use them, or name the files that are missing
        yet.
        """
        self.engine = brought.engine
        self.is_imported = True
        if brought.missing:
            files = "; ".join(brought.missing)
            show_words(self.what, t("weights_dialogs.part_kept", files=files))
        else:
            done = t("weights_dialogs.done", engine=name_engine(brought.engine))
            show_words(self.what, done)
        self.picture.show_picture(brought.picture)
        self.drop_tick()
        self.accept.hide()
        self.button.hide()
        self.use.setVisible(not brought.missing)
        self.changed.emit()

    def show_known(self, known: KnownFile | None) -> None:
        """Say what is known of the file's hash and terms."""
        if known is None:
            show_words(self.hash, t("weights_dialogs.hash.unknown"))
            show_words(self.licence, t("weights_dialogs.licence.ask"))
            return
        made = t("weights_dialogs.hash.known", title=known.title, origin=known.origin)
        show_words(self.hash, made)
        show_words(self.licence, _describe_licence(known))

    def _end_job(self) -> None:
        self.job = None
        self._bar.hide()
        self._step.hide()
        self.changed.emit()

    def _on_progress(self, fraction: float, text: Message | None) -> None:
        self._bar.setValue(round(1000 * fraction))
        if text is not None:
            self._step.setText(t.message(text))

    def _on_failed(self, error: Exception) -> None:
        self.show_notice(describe_failure(error, "window.mistake"))
        self._end_job()

    def _on_cancelled(self) -> None:
        self.show_notice(Notice(t("weights_dialogs.stopped")))
        self._end_job()

    def _on_use(self) -> None:
        self.use.setEnabled(False)
        self.use.setText(t("weights_dialogs.using"))
        self.use_asked.emit(self.engine)


def show_words(label: QLabel, words: str) -> None:
    """Show a label with these words; hide it where there are none."""
    label.setText(words)
    label.setVisible(bool(words))


def name_engine(engine: str) -> str:
    """How the engine menu calls an engine, such as “LaMa: mine” for “lama:mine”."""
    family, _, name = engine.partition(":")
    title = t.get(f"engines.{family}", family)
    return f"{title}: {name}" if name else title


def format_size(size: int) -> str:
    """A size in bytes as a person reads it."""
    return QLocale().formattedDataSize(size, 1, QLocale.DataSizeFormat.DataSizeSIFormat)


def describe_place(path: Path) -> str:
    """The folder of a file, with “~” for the person's home."""
    folder = path.parent
    try:
        return str(Path("~") / folder.relative_to(Path.home()))
    except (ValueError, RuntimeError):
        return str(folder)


def _describe_licence(known: KnownFile) -> str:
    """The terms in a sentence or two, with a link to the page of origin where that is known."""
    licence, _, data = known.licence.partition(";")
    if not licence:
        words = t("weights_dialogs.licence.unknown")
    elif known.use == "non-commercial":
        words = t("weights_dialogs.licence.non_commercial", licence=licence)
    else:
        words = t("weights_dialogs.licence.known", licence=licence)
    if data:
        words += " " + t("weights_dialogs.licence.data")
    owner, _, name = known.origin.partition("/")
    if name and " " not in known.origin:
        page = f"https://github.com/{owner}/{name}"
        words += f' <a href="{page}">{t("weights_dialogs.licence.page")}</a>'
    return words


def _make_words(name: str = "") -> QLabel:
    label = make_label(name=name, wraps=True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label
