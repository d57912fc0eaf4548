"""``lacuna --play`` and ``lacuna --record``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from app.automation import script
from app.automation.player import Player
from app.automation.recorder import Recorder
from app.configuration.settings import Settings, open_store
from app.configuration.text import t
from app.system import log
from app.ui.shell.editor import Editor
from app.ui.theme import language, theme
from inpaint_core.local.own_folders import state_folder


def play_and_record(photos: list[Path], play: Path | None, record: Path | None) -> int:
    """Run the editor with ``photos``, and play the script ``play`` or write one to ``record``.

    A script is played with the default settings and leaves the user's alone, so that it does the
    same everywhere. Returns the exit code: 2 for an invalid script or a file that cannot be
    written, 1 if a step failed.
    """
    steps: tuple[script.Step, ...] = ()
    if play is not None:
        try:
            steps = script.read_script(play)
        except script.ScriptError as error:
            print(error, file=sys.stderr)
            return 2
    log.start_logging()
    application = QApplication([sys.argv[0]])
    theme.apply_theme(application)
    with tempfile.TemporaryDirectory(prefix="lacuna-play-") as name:
        folder = Path(name)
        if play is None:
            store = open_store()
            editor = _make_editor(application, store, state_folder())
        else:
            store = QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat)
            editor = _make_editor(application, store, folder, folder / "cache")
        recorder = None
        try:
            if record is not None:
                recorder = Recorder(editor.window, record)
            if play is not None:
                player = Player(editor.window, steps, play.parent)
                player.finished.connect(application.exit)
                player.start()
            editor.start(photos)
            return application.exec()
        except OSError as error:
            reason = error.strerror or str(error)
            print(t("play.unwritable", name=record, reason=reason), file=sys.stderr)
            return 2
        finally:
            editor.close()
            if recorder is not None:
                recorder.close()


def _make_editor(
    application: QApplication, store: QSettings, state: Path, cache: Path | None = None
) -> Editor:
    settings = Settings(store)
    theme.ThemeSwitcher(application, settings)
    language.install_language(application, settings)
    return Editor(settings, state / "journals", cache)
