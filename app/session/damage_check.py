"""Looks for damage in photos that are open already: the photo must not wait for it."""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path

from app.configuration.text import t
from app.session.controller import Controller
from app.session.notice import Notice
from app.session.session import Session
from app.workers.decoder import decoding_work as work
from app.workers.decoder.limits import DecodeLimits
from app.workers.jobs import Lane
from inpaint_core.contract.message import Message
from inpaint_core.contract.progress import Progress

_log = logging.getLogger(__name__)


class DamageCheck:
    """Examines every JPEG that the ``controller`` opens, on a ``lane`` of its own pace, and says
    what the decoder kept to itself. Only a JPEG's decoder does.
    """

    def __init__(self, controller: Controller, lane: Lane) -> None:
        self._controller, self._lane = controller, lane
        controller.session_opened.connect(self._start)

    def _start(self, session: Session) -> None:
        photo = session.opened_file.photo
        if photo.format != "JPEG" or photo.path is None:
            return
        job = self._lane.start(partial(self._examine, photo.path))
        job.succeeded.connect(partial(self._on_examined, session))
        job.failed.connect(partial(_log.warning, "%s was not examined: %r", photo.path))

    def _examine(self, path: Path, progress: Progress) -> bool:
        limits = DecodeLimits.for_file(path)
        return self._controller.decoder.run(
            work.has_damage, path, path=path, limits=limits, progress=progress
        )

    def _on_examined(self, session: Session, is_damaged: bool) -> None:
        if is_damaged and session in self._controller.sessions:
            found = t.message(Message("photo.partly_damaged"))
            rest = " ".join(map(t.message, session.opened_file.notes))
            self._controller.post_session_notice(session, Notice(found, rest))
