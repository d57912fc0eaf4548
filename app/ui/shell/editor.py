"""The whole editor, put together: what one starts, and tests and scripts drive."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QDateTime, QEvent, QLocale, QObject, QTimer
from PySide6.QtGui import QFileOpenEvent

from app.configuration.actions import ACTIONS
from app.configuration.keymap import Keymap
from app.configuration.settings import Settings
from app.configuration.text import t
from app.session.controller import Controller
from app.session.recent import Recent
from app.session.recovery import Journal, Recoverable
from app.session.session import Message, Session
from app.ui.painting import opened_photo as opening
from app.ui.painting.display_profile import Display
from app.ui.shell.window import Window
from app.workers.decoder.decoder import KEPT, Decoder
from app.workers.engine_lane import EngineLane
from app.workers.jobs import Lane
from inpaint_core.contract.errors import InpaintError
from inpaint_core.contract.progress import Progress

_UNTIL_WARM = 150  # ms after the window is shown: drawing it comes before loading the engine


class Knocks(QObject):
    """Opens what macOS asks a running program to open: a double click in the Finder, a drop on the
    Dock. To be installed on the application.
    """

    def __init__(self, controller: Controller) -> None:
        super().__init__()
        self._controller = controller

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Every event comes by here: look at its type first."""
        if event.type() == QEvent.Type.FileOpen and isinstance(event, QFileOpenEvent):
            if event.file():
                self._controller.open([Path(event.file())])
            return True
        return False


class Editor(QObject):
    """``settings`` and the store behind them remember values and places; ``state`` is the folder
    of the journals, ``cache`` that of thumbnails (None: the user's). A ``decoder`` may have been
    started already. `close` when the window is closed.
    """

    def __init__(
        self,
        settings: Settings,
        state: Path,
        cache: Path | None = None,
        decoder: Decoder | None = None,
    ) -> None:
        super().__init__()
        self.settings, store = settings, settings.store
        self.files, self.seekers, self.engine = Lane("files"), Lane("seekers"), EngineLane()
        self.looks = Lane("looks")
        self.shelf, self.decoder = Lane("shelf"), Decoder() if decoder is None else decoder
        read = partial(opening.read, decoder=self.decoder)
        self.controller = Controller(self.files, self.engine, self.settings, read, self.decoder)
        self.keymap = Keymap(store, {row.id: row.keys for row in ACTIONS.values()})
        self.recent = Recent(store, self.shelf, self.decoder, cache)
        self.journal = Journal(state)
        self._state = state
        self._left: list[Recoverable] = []
        self.window = Window(
            self.controller, self.keymap, self.recent, self.files, self.seekers, self.looks
        )
        self.display = Display(self.settings, self.window)
        self.display.changed.connect(self._recolour)
        self.display.told.connect(lambda text, hint: self.window.tell(Message(text, hint)))
        self.controller.shown.connect(self._recolour)
        self._warm = QTimer(self, singleShot=True, interval=_UNTIL_WARM)
        self._warm.timeout.connect(partial(self.decoder.warm, KEPT))
        self._warm.timeout.connect(self.controller.warm_up)
        self.controller.ready.connect(lambda _: self.shelf.start(_ready_to_save))
        self.controller.opened.connect(self._on_opened)
        self.controller.closed.connect(self._on_closed)
        self.journal.failed.connect(self._on_unwritten)
        self.knocks = Knocks(self.controller)

    def start(self, paths: list[Path]) -> None:
        """Show the window; then open the photos, load the engine, and offer what a crash left."""
        self.window.show()
        application = QCoreApplication.instance()
        if sys.platform == "darwin" and application is not None:
            application.installEventFilter(self.knocks)  # elsewhere it would only cost time
        if paths:
            QTimer.singleShot(0, self, partial(self.controller.open, paths))
            # A photo that is waited for is worth more than an engine that nobody needs yet.
            self.controller.opened.connect(self._warm.start)
            self.controller.told.connect(self._warm.start)
        else:
            self._warm.start()
        QTimer.singleShot(0, self, self._look_for_left)

    def close(self) -> None:
        """End all threads. What a crash left and nobody answered for is offered again."""
        self._warm.stop()
        self.recent.close()
        for session in tuple(self.controller.sessions):
            self.controller.close(session)
        for left in self._left:
            left.release()
        self._left.clear()
        for lane in (self.engine, self.looks, self.seekers, self.shelf, self.files):
            lane.close()
        self.decoder.close()
        self.journal.close()

    def _recolour(self) -> None:
        """Show the photo in front in the screen's colours."""
        session = self.controller.current
        if session is not None:
            session.opened.picture.colours.show_on(self.display.space)
            self.window.canvas.spoil_all()

    # -- the journal -----------------------------------------------------------------------------

    def _on_opened(self, session: Session) -> None:
        if self.settings.get("recovery.on"):
            self.journal.watch(session.document)

    def _on_closed(self, session: Session) -> None:
        self.journal.forget(session.document)

    def _on_unwritten(self, error: Exception) -> None:
        reason = t.said(error.message) if isinstance(error, InpaintError) else str(error)
        message = t("recovery.not_written", reason=reason.rstrip("."))
        self.window.tell(Message(message, t("recovery.not_written.hint")))

    def _look_for_left(self) -> None:
        self._left = Journal.left_behind(self._state)
        self._offer()

    def _offer(self) -> None:
        """Ask about the newest of what a crash left."""
        if not self._left:
            return
        left = self._left[0]
        name = t("window.untitled") if left.path is None else left.path.name
        moment = QDateTime.fromSecsSinceEpoch(int(left.when))
        when = QLocale().toString(moment, QLocale.FormatType.ShortFormat)
        key = {"same": "hint", "changed": "changed", "missing": "missing"}[left.original]
        choices = [(t("window.recovery.discard"), partial(self._discard, left))]
        if left.original != "missing":
            choices.insert(0, (t("window.recovery.restore"), partial(self._restore, left)))
        hint = t(f"window.recovery.{key}", when=when, path=left.path)
        self.window.tell(Message(t("window.recovery.found", name=name), hint, tuple(choices)))

    def _discard(self, left: Recoverable) -> None:
        self._left.remove(left)
        left.discard()
        self._offer()

    def _restore(self, left: Recoverable) -> None:
        self._left.remove(left)

        def read(progress: Progress) -> opening.Opened:
            opened = opening.read(left.source, progress, self.decoder)
            return replace(opened, path=left.path)

        self.controller.add(read, partial(self._restored, left))

    def _restored(self, left: Recoverable, session: Session) -> None:
        try:
            self.journal.recover(left, session.document)
        except InpaintError as error:
            left.release()
            self.window.tell(Message.of(error))
        else:
            self._offer()


def _ready_to_save(progress: Progress) -> None:
    """Nobody shall wait at the first JPEG for what it is written with."""
    from inpaint_core.photo.formats.jpeg.warm_up import get_ready

    get_ready()
