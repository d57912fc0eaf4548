"""What a person sees: one-line messages, and a progress bar where there is a terminal.

Errors and progress go to stderr, results to stdout. In a pipe nothing is printed that is not a
result, a failure or asked for with ``--verbose``.
"""

from __future__ import annotations

import argparse
import codecs
import os
import shutil
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

from inpaint_core.contract.file_names import show_name
from inpaint_core.contract.message import Message

_REDRAW = 0.1  # seconds between two drawings of the bar


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options that every sub-command takes."""
    group = parser.add_argument_group("messages")
    group.add_argument("--quiet", action="store_true", help="print failures only")
    group.add_argument("--verbose", action="store_true", help="say what was done and how long")
    group.add_argument(
        "--traceback", action="store_true", help="print the traceback of an unexpected error"
    )


def one_line(text: str) -> str:
    """The text on one line: line breaks and control characters, which a file name may hold, are
    written as escapes, bytes that are not UTF-8 as “\ufffd”.
    """
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode() for c in show_name(text)
    )


def replace_unprintable(error: UnicodeError) -> tuple[str | bytes, int]:
    """An error handler of `codecs`: “\ufffd” for a byte of a file's name that is not UTF-8, an
    escape for what the terminal's encoding lacks.
    """
    if isinstance(error, UnicodeEncodeError):
        shown = show_name(error.object[error.start : error.end])
        with suppress(UnicodeEncodeError):
            shown.encode(error.encoding)
            return shown, error.end
    return codecs.backslashreplace_errors(error)


codecs.register_error("replace_unprintable", replace_unprintable)


def open_standard_streams() -> None:
    """Give the process an input, output and error stream where it was started without one.

    A file that is opened later would take the number of the missing stream, and get what any
    library prints there.
    """
    number = os.open(os.devnull, os.O_RDWR)
    while number <= 2:
        number = os.open(os.devnull, os.O_RDWR)
    os.close(number)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115


class ResultStream:
    """The standard output; ``failure`` is the error that kept it from being written, None so far.

    A command's other errors can be told apart from it, and it is not lost where they are caught.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.failure: OSError | None = None

    def write(self, text: str) -> int:
        """As `TextIO.write`."""
        try:
            return self._stream.write(text)
        except OSError as error:
            self.failure = error
            raise

    def flush(self) -> None:
        """As `TextIO.flush`."""
        try:
            self._stream.flush()
        except OSError as error:
            self.failure = error
            raise

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def silence(stream: TextIO) -> None:
    """Send what the stream still holds and what is written to it later nowhere, for one whose
    reader is gone or whose disk is full: Python would fail again on flushing it at the end.
    """
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def print_to_stderr(text: str) -> None:
    """Print text to stderr; text that cannot be printed there is not a reason to fail."""
    try:
        print(text, file=sys.stderr, flush=True)
    except (OSError, ValueError):
        silence(sys.stderr)


def complain(text: str) -> None:
    """Print one line to stderr, after the program's name."""
    print_to_stderr(f"inpaint: {one_line(text)}")


def fail(message: str, hint: str) -> None:
    """Print what went wrong and what to do about it, one line each, to stderr."""
    complain(message)
    print_to_stderr(f"hint: {one_line(hint)}")


def wants_remarks(args: argparse.Namespace) -> bool:
    """True when remarks are wanted: on a terminal or with ``--verbose``, not with ``--quiet``."""
    return not args.quiet and (bool(args.verbose) or sys.stderr.isatty())


def remark(text: str) -> None:
    """Print one line to stderr that is neither a result nor a failure."""
    print_to_stderr(one_line(text))


def format_count(count: int, noun: str) -> str:
    """“1 pixel”, “2,000 pixels”, for a noun whose plural ends in “s”."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def format_duration(seconds: float) -> str:
    """Seconds as a person says them: “0.8 s”, “42 s”, “3 min 20 s”, “2 h 5 min”."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


class ProgressBar:
    """A progress bar on one line of a terminal: a listener for `Progress`.

    Draws nothing when ``stream`` is not a terminal, when ``TERM`` is “dumb”, or when ``quiet``.
    ``with Bar(...) as bar`` wipes the line at the end, however that comes. ``prefix`` is put
    before every text.
    """

    def __init__(self, stream: TextIO, quiet: bool = False) -> None:
        self._stream = stream
        self._shown = not quiet and stream.isatty() and os.environ.get("TERM") != "dumb"
        self.prefix = ""
        self._text: Message | str = ""
        self._start = time.monotonic()
        self._drawn_at = 0.0
        self._length = 0

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(self, *_: object) -> None:
        self.wipe()

    def __call__(self, fraction: float, text: Message | None = None) -> None:
        """Draw ``fraction`` (0..1) and ``text`` (None: as before), at most ten times a second."""
        self._text = self._text if text is None else text
        now = time.monotonic()
        if self._shown and now - self._drawn_at >= _REDRAW:
            self._drawn_at = now
            width = shutil.get_terminal_size().columns
            line = format_bar(fraction, f"{self.prefix}{self._text}", now - self._start, width)
            self._put(line.ljust(self._length))
            self._length = len(line)

    def wipe(self) -> None:
        """Take the bar off the terminal."""
        if self._length:
            self._put(" " * self._length)
            self._put("")
            self._length = 0

    def _put(self, line: str) -> None:
        try:
            self._stream.write(f"\r{line}")
            self._stream.flush()
        except (OSError, ValueError):
            self._shown = False
            silence(self._stream)


def format_bar(fraction: float, text: str, elapsed: float, width: int) -> str:
    """The bar's line, shorter than ``width`` columns: ``[####----]  45 %  text, 3 s left``.

    The time left assumes that the rest goes as fast as the part done; it is not guessed from
    less than a second or from less than 3 % of the work.
    """
    cells = 24
    done = int(fraction * cells)
    line = f"[{'#' * done}{'-' * (cells - done)}] {fraction * 100:3.0f} %  {one_line(text)}"
    if elapsed >= 1 and fraction >= 0.03:
        line += f", {format_duration(elapsed * (1 - fraction) / fraction)} left"
    return line[: max(width - 1, 0)]
