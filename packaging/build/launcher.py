"""Where the application's programs start: ``lacuna``, ``inpaint``, and their child processes."""

from __future__ import annotations

import multiprocessing
import os
import runpy
import sys
from pathlib import Path

_FOLDER = Path(__file__).resolve().parent
_OWN = ("app", "inpaint_core")


def main() -> int:
    """Run the program that the executable file is named after."""
    multiprocessing.freeze_support()  # a child of multiprocessing ends in here
    _restore_search_path()
    module = sys.argv[2] if sys.argv[1:2] == ["-m"] and sys.argv[2:] else ""
    if module.partition(".")[0] in _OWN:
        # Our own code starts children as “python -m”; here, the program is the interpreter.
        if module == "app":
            _prepare_qt()
        del sys.argv[1:3]
        runpy.run_module(module, run_name="__main__", alter_sys=True)
        return 0
    if Path(sys.executable).stem.lower() == "inpaint":
        from inpaint_core.cli import main as run_inpaint

        return run_inpaint()
    _prepare_qt()
    from app.__main__ import main as run_lacuna

    return run_lacuna()


def _prepare_qt() -> None:
    folder = _FOLDER / "fallback"
    if sys.platform.startswith("linux") and folder.is_dir():
        from host_libraries import load_fallbacks

        load_fallbacks(folder)


def _restore_search_path() -> None:
    """Let the system's programs that are started from here find the system's libraries."""
    before = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
    if before is not None:
        os.environ["LD_LIBRARY_PATH"] = before
    elif os.environ.get("LD_LIBRARY_PATH") == str(_FOLDER):
        del os.environ["LD_LIBRARY_PATH"]


if __name__ == "__main__":
    sys.exit(main())
