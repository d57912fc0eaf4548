"""What is said about an error: one sentence, one hint, and the exit code."""

from __future__ import annotations

import os
import time
from pathlib import Path

from inpaint_core.cli import terminal
from inpaint_core.contract.errors import InpaintError, explain_missing_torch, lacks_memory
from inpaint_core.local.own_folders import log_folder, make_private

BAD_INPUT = 2
BUG = 70
_KEEP = 1_000_000  # bytes of log after which a new one is begun


def describe_failure(error: Exception, show: bool) -> tuple[str, str, int]:
    """The sentence, the hint and the exit code for ``error``.

    An error that nobody foresaw is a bug: its traceback is appended to the log. With ``show`` or
    LACUNA_DEBUG set, and where the log cannot be written, the traceback goes to stderr instead.
    """
    if isinstance(error, InpaintError):
        return str(error.message), str(error.hint), BAD_INPUT
    absent = explain_missing_torch(error)
    if absent is not None:
        return str(absent.message), str(absent.hint), BAD_INPUT
    if lacks_memory(error):
        hint = "Close other programs, or take a smaller photo."
        return "There is not enough memory.", hint, BAD_INPUT
    import traceback  # 5 ms that a run without a bug need not pay

    sentence = f"Unexpected error, a bug in this program: {type(error).__name__}: {error}"
    details = "".join(traceback.format_exception(error))
    log = None if show or os.environ.get("LACUNA_DEBUG") else _logged(details)
    if log is None:
        terminal.print_to_stderr(details)
        return sentence, "Please report it with the traceback above.", BUG
    return sentence, f"Please report it with the traceback in “{log}”.", BUG


def log_path() -> Path:
    """The file that tracebacks are appended to, in the user's own folder for logs."""
    return log_folder() / "inpaint.log"


def _logged(details: str) -> Path | None:
    """Append to the log; its path, or None when that cannot be done."""
    try:
        path = log_path()
        make_private(path.parent)
        fresh = not path.exists() or path.stat().st_size > _KEEP
        with path.open("w" if fresh else "a", encoding="utf-8", errors="backslashreplace") as log:
            log.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')}\n{details}\n")
    except OSError:
        return None
    return path
