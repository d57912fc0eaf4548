"""The log file."""

from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

import platformdirs


def log_path() -> Path:
    """The log file, which may not exist yet."""
    return platformdirs.user_log_path("Lacuna", appauthor=False) / "lacuna.log"


def start_logging() -> None:
    """Write warnings and errors to the log file and to stderr."""
    handlers: list[logging.Handler] = [logging.StreamHandler()]
    try:
        log_path().parent.mkdir(parents=True, exist_ok=True)
        handlers.append(
            RotatingFileHandler(log_path(), maxBytes=1_000_000, backupCount=1, delay=True)
        )
    except OSError as error:  # a read-only home must not keep the editor from starting
        logging.getLogger(__name__).warning("no log file: %s", error)
    form = "%(asctime)s %(levelname)s %(name)s: %(message)s"
    logging.basicConfig(level=logging.INFO, format=form, handlers=handlers)
