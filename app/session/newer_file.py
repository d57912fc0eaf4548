"""The question about a file that another program has changed since it was read."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from app.configuration.text import t
from app.session.controller import Controller
from app.session.notice import Notice
from app.session.session import Session
from inpaint_core.contract.errors import FileChanged


def ask_about_newer_file(
    controller: Controller,
    session: Session,
    error: FileChanged,
    overwrite: Callable[[], object],
    keep_both: tuple[Path, Callable[[], object]],
) -> None:
    """Ask whether to replace the file, to write another one, or neither.

    ``keep_both`` is the other file and what writes it.
    """
    other, write_other = keep_both

    def do(answer: Callable[[], object] | None) -> None:
        session.notice = None
        controller.clear_notice()
        if answer is not None:
            answer()

    choices = (
        (t("export.replace"), partial(do, overwrite)),
        (t("export.both"), partial(do, write_other)),
        (t("export.cancel"), partial(do, None)),
    )
    hint = t("export.sure.exists.hint", other=other.name)
    controller.post_session_notice(session, Notice(t.message(error.message), hint, choices))
