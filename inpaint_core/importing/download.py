"""Fetches a weights file of the catalogue, after a person has asked for it.

What has come stays when the connection ends, and the next call goes on from there. Proxies are
those of the system or of ``http_proxy``, ``https_proxy`` and ``no_proxy``.
"""

from __future__ import annotations

import errno
import hashlib
import http.client
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from urllib import request as web
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from filelock import FileLock, Timeout

from inpaint_core.contract.errors import CannotWrite, InpaintError, WeightsUnavailable
from inpaint_core.contract.message import Message
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.version import __version__
from inpaint_core.importing.catalogue import CatalogueFile
from inpaint_core.local.download_permission import are_downloads_allowed
from inpaint_core.networks.store.user_weights import make_folder, weights_folder

_SECONDS = 30.0  # without a byte
_POLL_SECONDS = 0.05  # between two checks for a cancel
_BLOCK = 1 << 16
_MB = 1_000_000
_FULL = (errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC))


def download(file: CatalogueFile, progress: Progress) -> Path:
    """Fetch ``file``, or the rest of it, and return its path once size and SHA-256 are right.

    Raises `WeightsUnavailable` when downloads are switched off, when the host does not answer,
    refuses, leads elsewhere, offers another file or ends the connection, `CannotWrite` when the
    disk is full, and `Cancelled`. A file with a wrong hash is deleted before anything reads it.
    """
    if not are_downloads_allowed():
        raise WeightsUnavailable("weights.downloads_off")
    folder = _find_folder(file)
    make_folder(folder)
    path = folder / file.file
    with _alone(folder, file):
        have = path.stat().st_size if path.is_file() else 0
        if have != file.size:
            start = have if have < file.size else 0
            _do_interruptibly(lambda: _fetch(file, path, start, progress), progress)
        _check(file, path, progress)
    return path


def discard_download(file: CatalogueFile) -> None:
    """Delete what was fetched of ``file``."""
    shutil.rmtree(_find_folder(file), ignore_errors=True)


def count_fetched(file: CatalogueFile) -> int:
    """How many bytes of ``file`` are here already."""
    path = _find_folder(file) / file.file
    return path.stat().st_size if path.is_file() else 0


def _find_folder(file: CatalogueFile) -> Path:
    return weights_folder() / ".downloads" / file.sha256[:16]


@contextmanager
def _alone(folder: Path, file: CatalogueFile) -> Iterator[None]:
    try:
        with FileLock(folder / "lock", timeout=0):
            yield
    except Timeout as error:
        raise WeightsUnavailable("weights.being_fetched", name=file.file) from error


def _do_interruptibly(work: Callable[[], None], progress: Progress) -> None:
    """Do ``work`` on a thread of its own: a cancel need not wait for a host that is silent. The
    thread ends when the host sends something or after `_SECONDS`, and writes nothing any more.
    """
    raised: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run, name="download", daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(_POLL_SECONDS)
        progress.check()
    if raised:
        raise raised[0]


def _fetch(file: CatalogueFile, path: Path, have: int, progress: Progress) -> None:
    """Append to the ``have`` bytes that are here what is missing."""
    _check_free_space(path.parent, 2 * file.size - have)  # the file and what is made of it
    wanted = web.Request(file.address, headers={"User-Agent": f"Lacuna/{__version__}"})
    if have:
        wanted.add_header("Range", f"bytes={have}-")
    with _connect(file, wanted) as response:
        if response.status != http.client.PARTIAL_CONTENT:
            have = 0  # the host sends the whole file again
        if response.length is not None and have + response.length != file.size:
            raise _other_size(file, have + response.length)
        have = _copy(file, response, path, have, progress)
    if have < file.size:
        raise WeightsUnavailable(
            "weights.cut_off", host=file.host, done=have / _MB, size=file.size / _MB
        )


def _copy(file: CatalogueFile, response: Any, path: Path, have: int, progress: Progress) -> int:
    """Write what comes; returns how many bytes are here when no more come."""
    try:
        with path.open("ab" if have else "wb") as stream:
            while block := _read(response):
                progress.check()
                have += len(block)
                if have > file.size:
                    raise _other_size(file, have)
                stream.write(block)
                done, size = have / _MB, file.size / _MB
                text = Message("weights.fetching", name=file.file, done=done, size=size)
                progress.report(0.95 * have / file.size, text)
    except OSError as error:
        if error.errno in _FULL:
            raise _disk_full(path.parent, file.size - have) from error
        raise CannotWrite("weights.no_folder", path=path.parent) from error
    return have


def _read(response: Any) -> bytes:
    """Whatever has come; nothing at the end, also where the connection was cut."""
    try:
        return bytes(response.read1(_BLOCK))
    except (OSError, http.client.HTTPException):
        return b""


def _connect(file: CatalogueFile, wanted: web.Request) -> Any:
    """The answer to a request. Raises `WeightsUnavailable`."""
    opener = web.OpenerDirector()
    for handler in (
        web.ProxyHandler(),
        web.HTTPHandler(),
        web.HTTPSHandler(),
        web.HTTPDefaultErrorHandler(),
        web.HTTPErrorProcessor(),
        _Redirects(file),
    ):
        opener.add_handler(handler)
    try:
        return opener.open(wanted, timeout=_SECONDS)
    except InpaintError:
        raise
    except HTTPError as error:
        with error:
            raise WeightsUnavailable(
                "weights.host_refuses", host=file.host, status=f"{error.code} {error.reason}"
            ) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        cause = error.reason if isinstance(error, URLError) else error
        reason = getattr(cause, "strerror", None) or cause
        raise WeightsUnavailable("weights.no_answer", host=file.host, reason=reason) from error


class _Redirects(web.HTTPRedirectHandler):
    """Follows the host to those places only that the catalogue names."""

    def __init__(self, file: CatalogueFile) -> None:
        self._file = file

    def redirect_request(
        self,
        req: web.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> web.Request | None:
        if not self._file.may_lead_to(newurl):
            fp.close()
            other = "{0.scheme}://{0.netloc}".format(urlsplit(newurl))
            raise WeightsUnavailable("weights.led_elsewhere", host=self._file.host, other=other)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _check(file: CatalogueFile, path: Path, progress: Progress) -> None:
    """Raises `WeightsUnavailable`, with the file deleted, unless it is what was promised."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 22):
            progress.check()
            digest.update(block)
    if digest.hexdigest() != file.sha256:
        path.unlink()
        raise WeightsUnavailable("weights.other_hash", name=file.file, host=file.host)
    progress.report(1.0)


def _check_free_space(folder: Path, need: int) -> None:
    if shutil.disk_usage(folder).free < need:
        raise _disk_full(folder, need)


def _disk_full(folder: Path, need: int) -> CannotWrite:
    free = shutil.disk_usage(folder).free
    return CannotWrite("weights.disk_full", path=folder, need=need / _MB, free=free / _MB)


def _other_size(file: CatalogueFile, found: int) -> WeightsUnavailable:
    return WeightsUnavailable(
        "weights.other_size", host=file.host, name=file.file, found=found, size=file.size
    )
