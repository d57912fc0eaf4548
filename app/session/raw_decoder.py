"""The decoder of raw files, where Lacuna was installed without it: installing it on a click."""

from __future__ import annotations

import importlib
import importlib.util
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

from app.configuration.settings import Settings
from app.configuration.text import t
from app.session.notice import Notice, describe_failure
from inpaint_core.contract.errors import FileUnreadable, InpaintError
from inpaint_core.contract.progress import Progress

_PACKAGE = "rawpy>=0.24"
_WAIT = 0.2  # s between two looks at whether it was cancelled


def describe_reading_failure(
    error: Exception, install: Callable[[], None] | None, settings: Settings
) -> Notice:
    """The notice of a photo that could not be read, with a button where that is for want of a
    decoder of raw files and this Python can ``install`` one: it has pip, and the person lets the
    program download.
    """
    notice = describe_failure(error, "window.mistake")
    if not isinstance(error, InpaintError) or error.message.key != "photo.raw_decoder_missing":
        return notice
    is_bundle = bool(getattr(sys, "frozen", False))  # it has the decoder, or cannot get one
    has_pip = importlib.util.find_spec("pip") is not None
    if install is None or is_bundle or not has_pip or not settings.get("weights.downloads"):
        return notice
    choice = (t("decoder.raw.install"), install)
    return replace(notice, hint=t("decoder.raw.hint"), choices=(choice,))


def install_raw_decoder(progress: Progress) -> None:
    """Install it into the Python that runs this. Runs on a lane's thread.

    Raises `FileUnreadable` with pip's last line where that fails, or `Cancelled`.
    """
    command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", _PACKAGE]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as pip:
        try:
            output = _wait(pip, progress)
        except BaseException:
            pip.kill()
            raise
    if pip.returncode:
        lines = output.decode(errors="replace").strip().splitlines()
        raise FileUnreadable("decoder.raw.failed", reason=lines[-1] if lines else pip.returncode)
    importlib.invalidate_caches()


def _wait(pip: subprocess.Popen[bytes], progress: Progress) -> bytes:
    while True:
        progress.check()
        try:
            return pip.communicate(timeout=_WAIT)[0]
        except subprocess.TimeoutExpired:
            continue
