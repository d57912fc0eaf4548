"""The entry point of ``lacuna``: parses the command line and runs the editor."""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.instance.window_process import OPTION as FOR_OTHER_PROGRAMS
from inpaint_core.cli.entry import print_result
from inpaint_core.contract.file_names import to_path

if TYPE_CHECKING:
    from filelock import FileLock

_PATIENCE = 5.0  # s with a window that does not answer
_START_PATIENCE = 60.0  # s with one that was just started


def main(argv: Sequence[str] | None = None) -> int:
    """Run the editor with the arguments ``argv`` (without the program's name; None: the process's
    own) and return the exit code.
    """
    multiprocessing.freeze_support()  # in a one-file bundle, child processes start here too
    parser = argparse.ArgumentParser(
        prog="lacuna",
        description="Remove what you paint over from a photo. Everything runs on your own machine.",
    )
    parser.add_argument(
        "photos", metavar="PHOTO", nargs="*", type=to_path, help="a photo or a project to open"
    )
    parser.add_argument(
        "--new-window",
        action="store_true",
        help="open a window of its own, instead of opening the photos in the window that is there",
    )
    parser.add_argument(
        "--edit",
        action="store_true",
        help="open the photos for another program: Save writes into their own files, and this "
        "command ends when they are closed (docs/other-programs.md)",
    )
    parser.add_argument(FOR_OTHER_PROGRAMS, action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--version", action="store_true", help="print the version, then exit")
    parser.add_argument(
        "--play", metavar="SCRIPT", type=to_path, help="play a script (docs/play.md), then exit"
    )
    parser.add_argument(
        "--record", metavar="FILE", type=to_path, help="write what is done as a script to play"
    )
    parser.add_argument(
        "--benchmark", action="store_true", help="measure the editor against its goals, then exit"
    )
    parser.add_argument(
        "--json", metavar="FILE", type=to_path, help="with --benchmark: write the figures as JSON"
    )
    parser.add_argument(
        "--associate",
        action=argparse.BooleanOptionalAction,
        help="register Lacuna with the file manager (--no-associate: unregister), then exit",
    )
    try:
        args = parser.parse_args(argv)
    except SystemExit as stop:  # after --help, or over options that make no sense
        return stop.code if isinstance(stop.code, int) and stop.code else print_result("")
    if args.version:
        from inpaint_core.contract.version import __version__

        return print_result(f"lacuna {__version__}\n")

    if args.associate is not None:
        from app.system.association.set_association import set_association

        return set_association(args.associate)

    if args.benchmark:
        from app.automation.editor_benchmark import run_benchmark

        return run_benchmark(args.json)

    # Qt is imported only now, and the engine (torch, numba) only when needed, so that the window
    # appears at once.
    if args.play is not None or args.record is not None:
        from app.automation.play_and_record import play_and_record

        return play_and_record(args.photos, args.play, args.record)
    if args.edit:
        is_other = [path.suffix.lower() == ".lacuna" or path.is_dir() for path in args.photos]
        if not args.photos or any(is_other):
            print("lacuna: --edit needs a photo to open", file=sys.stderr)
            return 2
        return _edit(args.photos, args.new_window)
    return _run_editor(args.photos, args.new_window, args.for_other_programs)


def _edit(photos: list[Path], new_window: bool) -> int:
    """Open the photos in the window that is there, or else in that of a new process, and wait until
    they are closed: it may have others open for longer. Returns 0 if they were open.
    """
    from PySide6.QtCore import QCoreApplication

    from app.instance.claim import window_address
    from app.instance.hand_over import edit_in_window
    from app.instance.window_process import start_window_process
    from app.system import log

    if not new_window:
        log.start_logging()
        address = window_address()
        claim, is_taken = _claim(address)
        application = QCoreApplication([sys.argv[0]])
        try:
            if claim is not None:
                claim.release()
                start_window_process()
            patience = _PATIENCE if is_taken else _START_PATIENCE
            reason, are_closed = edit_in_window(photos, address, time.monotonic() + patience)
        except OSError as error:
            reason, are_closed = str(error), False
        finally:
            application.shutdown()  # a window of this process needs another one
        if not reason:
            return 0 if are_closed else 1
        logging.getLogger(__name__).warning("the window that is there is not used: %s", reason)
    return _run_editor(photos, new_window=True, for_other_programs=True)


def _run_editor(photos: list[Path], new_window: bool, for_other_programs: bool = False) -> int:
    """Open the photos in the window that is there, or else in one of this process.

    ``for_other_programs``: the photos are theirs, and the window closes when nobody waits any more
    and no photo is open.
    """
    from app.instance.claim import window_address
    from app.system import log
    from app.workers.decoder.decoder_pool import DecoderPool

    log.start_logging()
    address = window_address()
    claim, is_taken = (None, False) if new_window else _claim(address)
    decoder = DecoderPool()
    if photos and not is_taken:
        decoder.warm()  # its child starts while Qt does
    from PySide6.QtWidgets import QApplication

    from app.configuration.settings import Settings, open_store
    from app.session.recovery.recovery_journal import journal_folder
    from app.ui.shell.editor import Editor
    from app.ui.theme import language, theme

    application = QApplication([sys.argv[0]])
    if is_taken:
        from app.instance.hand_over import hand_over

        reason = hand_over(photos, address, time.monotonic() + _PATIENCE)
        if not reason:
            return 0
        logging.getLogger(__name__).warning("the window that is there is not used: %s", reason)
        claim, _ = _claim(address)  # it may have been closing
    theme.apply_theme(application)
    settings = Settings(open_store())
    theme.ThemeSwitcher(application, settings)
    language.install_language(application, settings)
    editor = Editor(settings, journal_folder(), decoder=decoder)
    editor.start(photos, for_other_programs)
    if claim is not None:
        editor.listen(address)
    code = application.exec()
    editor.close()
    if claim is not None:
        claim.release()
    return code


def _claim(address: Path) -> tuple[FileLock | None, bool]:
    """The claim to the window that others hand their photos to; and whether another process has
    it. Where nobody can have it, every process has a window of its own.
    """
    from app.instance.claim import claim_window

    try:
        claim = claim_window(address)
    except OSError as error:
        logging.getLogger(__name__).warning("other processes cannot use this window: %s", error)
        return None, False
    return claim, claim is None


if __name__ == "__main__":
    sys.exit(main())
