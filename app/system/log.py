"""The log file."""

from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

from inpaint_core.local.own_folders import log_folder, make_private


def log_path() -> Path:
    """The log file, which may not exist yet."""
    return log_folder() / "lacuna.log"


def start_logging() -> None:
    """Write warnings and errors to the log file and to stderr."""
    logging.raiseExceptions = False  # a full disk must not fill the terminal with tracebacks
    handlers: list[logging.Handler] = [logging.StreamHandler()]
    try:
        make_private(log_path().parent)
        handlers.append(
            RotatingFileHandler(
                log_path(),
                maxBytes=1_000_000,
                backupCount=1,
                encoding="utf-8",
                errors="backslashreplace",
            )
        )
    except OSError as error:  # a read-only home must not keep the editor from starting
        logging.getLogger(__name__).warning("no log file: %s", error)
    form = "%(asctime)s %(levelname)s %(name)s: %(message)s"
    logging.basicConfig(level=logging.INFO, format=form, handlers=handlers)
