"""The record of a batch in its output folder, so that it can be stopped and resumed.

A file of JSON lines that only grows. An entry has the output's name, a state (“started”, “done”,
“nothing” where nothing was found, or “failed”) and a key, the hash of everything that the output
depends on. A line that was cut off by a crash does not count.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from inpaint_core.retouch.output_places import make_write_error

NAME = "inpaint-journal.jsonl"


class BatchJournal:
    """The journal of one output folder. ``with`` opens it for appending."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self._folder = folder
        self._last: dict[str, dict[str, Any]] = {}
        self._stamps: dict[str, list[list[int]]] = {}
        for entry in _entries(self.path):
            self._take(entry)

    def __enter__(self) -> BatchJournal:
        try:
            # Unbuffered: what did not fit on the disk must not be tried again on closing.
            self._stream = self.path.open("ab", buffering=0)
            # A line that a crash cut off is ended by the next entry; empty lines do not count.
            self._is_cut_off = self._stream.tell() > 0
        except OSError as error:
            raise make_write_error(self.path, error) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        with suppress(OSError):
            self._stream.close()

    def is_finished(self, output: str, key: str) -> bool:
        """Whether the output was made from exactly this and has not been touched since."""
        last = self._last.get(output, {})
        return (
            last.get("state") == "done"
            and last.get("key") == key
            and last.get("stamp") == _stamp(self._folder / output)
        )

    def found_nothing(self, output: str, key: str) -> bool:
        """Whether exactly this was searched for, in the photo as it is now, and not found."""
        last = self._last.get(output, {})
        return last.get("state") == "nothing" and last.get("key") == key

    def owns(self, output: str) -> bool:
        """Whether a batch made the file of this name and nobody has changed it since, so that it
        may be replaced.
        """
        # “started” and not “done”: the process died, perhaps after the file was put in place.
        started = self._last.get(output, {}).get("state") == "started"
        return started or _stamp(self._folder / output) in self._stamps.get(output, [])

    def add(self, output: str, state: str, key: str, **details: object) -> None:
        """Append an entry; “done” takes the file's stamp as it is now. Raises `CannotWrite`."""
        entry = {"output": output, "state": state, "key": key, **details}
        if state == "done":
            entry["stamp"] = _stamp(self._folder / output)
        self._take(entry)
        line = (b"\n" if self._is_cut_off else b"") + json.dumps(entry).encode() + b"\n"
        self._is_cut_off = True
        try:
            while line:
                line = line[self._stream.write(line) :]
        except OSError as error:
            raise make_write_error(self.path, error) from error
        self._is_cut_off = False

    def _take(self, entry: dict[str, Any]) -> None:
        self._last[entry["output"]] = entry
        if entry["state"] == "done":
            self._stamps.setdefault(entry["output"], []).append(entry["stamp"])


def compute_fingerprint(inputs: tuple[Path, ...], options: dict[str, object]) -> str:
    """The hash of the options and of the input files' names, sizes and times of change."""
    files = [[os.path.realpath(path), _stamp(path)] for path in inputs]
    text = json.dumps([files, options], sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _stamp(path: Path) -> list[int]:
    """Size in bytes and time of change in ns; empty when the file does not exist."""
    try:
        status = path.stat()
    except OSError:
        return []
    return [status.st_size, status.st_mtime_ns]


def _entries(path: Path) -> Iterator[dict[str, Any]]:
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return
    except OSError as error:
        raise make_write_error(path, error) from error
    for line in lines:
        try:
            entry = json.loads(line)
            known = isinstance(entry["output"], str) and isinstance(entry["state"], str)
            complete = entry["state"] != "done" or isinstance(entry["stamp"], list)
        except (ValueError, KeyError, TypeError, RecursionError):
            continue
        if known and complete:
            yield entry
