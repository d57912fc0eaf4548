"""Where ``lacuna`` starts: builds the window, wires it up, runs Qt."""

from __future__ import annotations

import argparse
import multiprocessing
import sys
from collections.abc import Sequence
from pathlib import Path


def main(argv: Sequence[str] | None = None) -> int:
    """Run the editor with the arguments ``argv`` (without the program's name; None = the
    process's own) and return the exit code.
    """
    multiprocessing.freeze_support()  # in a program made of one file, children start here too
    parser = argparse.ArgumentParser(
        prog="lacuna",
        description="Remove what you paint over from a photo. Everything runs on your own machine.",
    )
    parser.add_argument(
        "photos", metavar="PHOTO", nargs="*", type=Path, help="a photo or a project to open"
    )
    parser.add_argument("--version", action="store_true", help="print the version and stop")
    parser.add_argument(
        "--play", metavar="SCRIPT", type=Path, help="play a script (docs/play.md), then end"
    )
    parser.add_argument(
        "--record", metavar="FILE", type=Path, help="write what is done as a script to play"
    )
    parser.add_argument(
        "--associate",
        action=argparse.BooleanOptionalAction,
        help="have projects and photos open from the file manager, or no more; then stop",
    )
    args = parser.parse_args(argv)
    if args.version:
        from inpaint_core import __version__

        print(f"lacuna {__version__}")
        return 0

    if args.associate is not None:
        from app.system.association.command import associate

        return associate(args.associate)

    # Qt is imported only now, and the engine (torch, numba) not before it is needed: the window
    # is to be on the screen at once.
    if args.play is not None or args.record is not None:
        from app.automation import main as play

        return play.run(args.photos, args.play, args.record)
    from app.workers.decoder.decoder import Decoder

    decoder = Decoder()
    if args.photos:
        decoder.warm()  # it starts while Qt does
    import platformdirs
    from PySide6.QtCore import QSettings
    from PySide6.QtWidgets import QApplication

    from app.configuration.settings import Settings
    from app.system import log
    from app.ui.shell.editor import Editor
    from app.ui.theme import language, theme

    log.start()
    application = QApplication([sys.argv[0]])
    theme.apply(application)
    state = platformdirs.user_state_path("Lacuna", appauthor=False) / "journals"
    settings = Settings(QSettings())
    theme.Look(application, settings)
    language.install(application, settings)
    editor = Editor(settings, state, decoder=decoder)
    editor.start(args.photos)
    code = application.exec()
    editor.close()
    return code


if __name__ == "__main__":
    sys.exit(main())
