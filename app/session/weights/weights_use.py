"""When weights were last used in this editor, kept with the settings."""

from __future__ import annotations

from datetime import UTC, date, datetime

from PySide6.QtCore import QSettings

_KEY = "weights/used/{}"
_DIGITS = 16  # of a SHA-256


def note_use(store: QSettings, sha256: str) -> None:
    """Remember that the weights with this hash were used today."""
    store.setValue(_KEY.format(sha256[:_DIGITS]), datetime.now(UTC).date().isoformat())


def read_use(store: QSettings, sha256: str) -> date | None:
    """The day on which they were used last; None for never."""
    try:
        return date.fromisoformat(str(store.value(_KEY.format(sha256[:_DIGITS]))))
    except ValueError:
        return None
