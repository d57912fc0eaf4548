"""Notices: what the editor tells a person above the photo."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from app.configuration.text import t
from app.system import log
from inpaint_core.contract.errors import (
    InpaintError,
    OutOfMemory,
    explain_missing_torch,
    lacks_memory,
)

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Notice:
    """A sentence, a hint, and buttons as pairs of a label and an action. ``is_calm``: nothing is
    wrong. ``fades``: something succeeded, and nobody needs to answer: it goes by itself.
    """

    text: str
    hint: str = ""
    choices: tuple[tuple[str, Callable[[], None]], ...] = ()
    is_calm: bool = False
    fades: bool = False

    @classmethod
    def from_error(cls, error: InpaintError) -> Notice:
        """The notice for an error, in the chosen language."""
        return cls(t.message(error.message), t.message(error.hint))


def describe_failure(error: Exception, mistake: str) -> Notice:
    """The notice for an error. An unexpected error, unless memory ran out, is logged and shown as
    the text ``mistake``.
    """
    known = error if isinstance(error, InpaintError) else explain_missing_torch(error)
    if known is not None:
        return Notice.from_error(known)
    if lacks_memory(error):
        return Notice.from_error(OutOfMemory("window.out_of_memory"))
    _log.error("a job failed", exc_info=error)
    return Notice(t(mistake), t("fill.mistake.hint", path=log.log_path()))
