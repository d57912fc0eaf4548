"""The log file, where what should not have happened is written down."""

from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

import platformdirs


def path() -> Path:
    """Where the log file is or will be."""
    return platformdirs.user_log_path("Lacuna", appauthor=False) / "lacuna.log"


def start() -> None:
    """Write warnings and errors to the log file and to stderr."""
    handlers: list[logging.Handler] = [logging.StreamHandler()]
    try:
        path().parent.mkdir(parents=True, exist_ok=True)
        handlers.append(RotatingFileHandler(path(), maxBytes=1_000_000, backupCount=1, delay=True))
    except OSError as error:  # a read-only home must not keep the editor from starting
        logging.getLogger(__name__).warning("no log file: %s", error)
    form = "%(asctime)s %(levelname)s %(name)s: %(message)s"
    logging.basicConfig(level=logging.INFO, format=form, handlers=handlers)
