"""A child process that reads files, and may die of it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

_PIXELS = 10_000_000
Work = Callable[[str, bytes], tuple[str, str]]


class Victim:
    """Starts a child, and another one after each that was lost.

    ``work`` is what the child does with a file, `attempt` unless given.
    """

    def __init__(self, seconds: float, megabytes: int, work: Work | None = None) -> None:
        self.seconds, self._megabytes = seconds, megabytes
        self._work = attempt if work is None else work
        self._context = multiprocessing.get_context("spawn")
        self._process: Any = None
        self._end: Any = None

    def __enter__(self) -> Victim:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def outcome(self, name: str, data: bytes) -> tuple[str, str]:
        """What became of a file: “photo”, “refused”, “memory”, “bug”, “hang” or “crash”, and
        what is known about it.
        """
        if self._process is None:
            self._start()
        try:
            self._end.send((name, data))
            if not self._end.poll(self.seconds):
                self._stop()
                return "hang", f"more than {self.seconds:g} s"
            found: tuple[str, str] = self._end.recv()
        except (EOFError, OSError):
            self._process.join(5)
            code = self._process.exitcode
            self._stop()
            return "crash", f"exit code {code}"
        return found

    def _start(self) -> None:
        self._end, theirs = self._context.Pipe()
        self._process = self._context.Process(
            target=serve, args=(theirs, self._megabytes, self._work), daemon=True
        )
        self._process.start()
        theirs.close()
        self._end.recv()  # it is ready

    def _stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._end.close()
            self._process = None


def serve(end: Connection, megabytes: int, work: Work) -> None:
    """The child: read each file that comes, write it again, and say how that went."""
    # What these take, and what numba takes to compile, counts as a start.
    import cv2
    import numpy as np

    from inpaint_core.photo import read_photo as read  # noqa: F401
    from inpaint_core.photo.formats.jpeg.coefficient_writer import encode_body
    from inpaint_core.photo.formats.jpeg.coefficients import read_planes

    with suppress(AttributeError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # libjpeg and OpenCV talk to the terminal
    for module in ("cv2", "PIL.Image", "tifffile", "pillow_heif", "rawpy", "pillow_jxl"):
        with suppress(ImportError):
            __import__(module)
    for progressive in (0, 1):
        flags = [cv2.IMWRITE_JPEG_PROGRESSIVE, progressive]
        encode_body(
            read_planes(
                cv2.imencode(".jpg", np.zeros((8, 8, 3), np.uint8), flags)[1].tobytes(), (8, 8)
            )
        )
    _limit_memory(megabytes)
    end.send("ready")
    while True:
        name, data = end.recv()
        end.send(work(name, data))


def _limit_memory(megabytes: int) -> None:
    if not sys.platform.startswith("linux"):
        return
    import resource

    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * os.sysconf("SC_PAGE_SIZE") + (megabytes << 20)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def attempt(name: str, data: bytes) -> tuple[str, str]:
    """Read, describe, and write in every format."""
    from inpaint_core.contract.errors import InpaintError, OutOfMemory
    from inpaint_core.photo.description import describe_photo
    from inpaint_core.photo.formats.registry import writable_formats
    from inpaint_core.photo.metadata.privacy import filter_metadata
    from inpaint_core.photo.read_photo import decode_photo
    from inpaint_core.photo.write_photo import encode_photo, fit_to_format, stamp_exif

    try:
        photo = decode_photo(data, Path(name), _PIXELS)
        describe_photo(photo)
        if photo.pixels.size <= 3 * 100_000:
            for suffix in (".jpg", ".png", ".tif", ".webp"):
                kind = writable_formats()[suffix]
                ready, _ = fit_to_format(filter_metadata(photo, "no_gps"), kind)
                encode_photo(stamp_exif(ready, kind), kind, None)
                decode_photo(
                    encode_photo(stamp_exif(fit_to_format(photo, kind)[0], kind), kind, None)[0],
                    Path("again"),
                )
    except OutOfMemory as error:
        return "memory", str(error.message)
    except InpaintError as error:
        return (
            ("refused", str(error.message))
            if str(error.message) and str(error.hint)
            else ("bug", "no sentence")
        )
    except BaseException:
        return "bug", traceback.format_exc(limit=-3)
    return "photo", ""
