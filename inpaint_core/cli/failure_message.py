"""What is said about an error: one sentence, one hint, and the exit code."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from inpaint_core.contract.errors import InpaintError

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
    if isinstance(error, MemoryError):
        hint = "Close other programs, or take a smaller photo."
        return "There is not enough memory.", hint, BAD_INPUT
    import traceback  # 5 ms that a run without a bug need not pay

    sentence = f"Unexpected error, a bug in this program: {type(error).__name__}: {error}"
    details = "".join(traceback.format_exception(error))
    log = None if show or os.environ.get("LACUNA_DEBUG") else _logged(details)
    if log is None:
        print(details, file=sys.stderr)
        return sentence, "Please report it with the traceback above.", BUG
    return sentence, f"Please report it with the traceback in “{log}”.", BUG


def log_path() -> Path:
    """The file that tracebacks are appended to, in the user's own folder for logs."""
    from platformdirs import user_log_path

    return user_log_path("Lacuna", appauthor=False) / "inpaint.log"


def _logged(details: str) -> Path | None:
    """Append to the log; its path, or None when that cannot be done."""
    try:
        path = log_path()
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = not path.exists() or path.stat().st_size > _KEEP
        with path.open("w" if fresh else "a", encoding="utf-8", errors="backslashreplace") as log:
            log.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')}\n{details}\n")
    except (ImportError, OSError):  # training runs where nothing but PyTorch is installed
        return None
    return path
