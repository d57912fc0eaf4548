from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.__main__ import main
from app.ui.shell.editor import Editor
from inpaint_core.contract.version import __version__

_SHOW = """
import sys
from pathlib import Path
from PySide6.QtCore import QSettings, QTimer
from PySide6.QtWidgets import QApplication
from app.configuration.settings import Settings
from app.ui.theme import language, theme
from app.ui.shell.editor import Editor

folder = Path(sys.argv[1])
application = QApplication([])
settings = Settings(QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat))
theme.ThemeSwitcher(application, settings)
language.install_language(application, settings)
editor = Editor(settings, folder / "state", folder / "cache")
editor.start([])
QTimer.singleShot(0, lambda: application.exit(0 if editor.window.isVisible() else 3))
assert application.exec() == 0
print(",".join(m for m in ("torch", "numba", "cv2", "numpy", "PIL") if m in sys.modules))
editor.close()
"""


def test_the_window_is_shown_before_anything_slow_is_imported(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _SHOW, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == ""


def test_opening_a_photo_imports_no_engine(tmp_path: Path, photo: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from app.ui.painting.opened_photo import open_photo\n"
        "from app.workers.decoder.decoder_pool import DecoderPool\n"
        "from inpaint_core.contract.progress import Progress\n"
        "decoder = DecoderPool()\n"
        "open_photo(Path(sys.argv[1]), Progress(), decoder)\n"
        "decoder.close()\n"
        "print(','.join(m for m in ('torch', 'numba') if m in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(photo)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""


def test_the_version_is_printed_without_qt(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"lacuna {__version__}\n"


def test_an_unknown_option_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--nonsense"]) == 2
    assert "--nonsense" in capsys.readouterr().err


_RUN = """
import sys, time
from PySide6.QtWidgets import QApplication
from app.__main__ import main


def until_opened(application):
    end = time.monotonic() + 60
    while time.monotonic() < end:
        application.processEvents()
        titles = [window.windowTitle() for window in application.topLevelWidgets()]
        if "ramp.png[*]" in titles:
            return 0
        time.sleep(0.01)
    return 1


QApplication.exec = until_opened
sys.exit(main(sys.argv[1:]))
"""


def test_the_editor_opens_the_photo_it_is_given(tmp_path: Path, photo: Path) -> None:
    homes = ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")
    done = subprocess.run(
        [sys.executable, "-c", _RUN, str(photo)],
        env={**os.environ, **dict.fromkeys(homes, str(tmp_path))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have other variables")
@pytest.mark.parametrize("case", ["below a file", "/dev/null", "no HOME"])
def test_the_editor_starts_where_nothing_can_be_written(
    tmp_path: Path, photo: Path, case: str
) -> None:
    names = ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME")
    environment = {name: value for name, value in os.environ.items() if name not in names}
    (tmp_path / "file").touch()
    (tmp_path / "work").mkdir()
    if case == "/dev/null":
        environment["HOME"] = case
    else:
        environment |= dict.fromkeys(names, str(tmp_path / "file" / "below"))
        environment.pop("HOME" if case == "no HOME" else "", None)
    done = subprocess.run(
        [sys.executable, "-c", _RUN, str(photo)],
        cwd=tmp_path / "work",
        env={**environment, "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert list((tmp_path / "work").iterdir()) == []


def test_a_project_that_the_finder_asks_for_is_opened(
    editor: Editor, qtbot: QtBot, photo: Path, qapp: QApplication
) -> None:
    qapp.installEventFilter(editor.file_open_events)
    try:
        QApplication.sendEvent(qapp, QFileOpenEvent(QUrl.fromLocalFile(str(photo))))
        qtbot.waitUntil(lambda: editor.controller.current is not None, timeout=20_000)
        session = editor.controller.current
        assert session is not None
        project = photo.with_suffix(".lacuna")
        editor.window.command_handlers.project_commands.projects.save(session, project)
        qtbot.waitUntil(lambda: not editor.controller.is_busy)
        editor.controller.close(session)
        QApplication.sendEvent(qapp, QFileOpenEvent(QUrl.fromLocalFile(str(project))))
        qtbot.waitUntil(lambda: editor.controller.current is not None, timeout=20_000)
    finally:
        qapp.removeEventFilter(editor.file_open_events)
    assert editor.controller.current is not None
    assert editor.controller.current.project_path == project


def test_what_a_jpeg_is_written_with_is_ready_before_one_is_saved(
    editor: Editor, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def get_ready() -> None:
        done.append(threading.current_thread().name)

    monkeypatch.setattr("inpaint_core.photo.formats.jpeg.kept_blocks.compile_ahead", get_ready)
    editor.controller.engines.warm_up()
    qtbot.waitUntil(lambda: bool(done), timeout=240_000)  # what else is compiled comes first
    assert [name.rpartition("_")[0] for name in done] == ["thumbnails"]
    assert editor.controller.engines.loaded is not None
