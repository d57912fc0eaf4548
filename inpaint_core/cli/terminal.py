"""What a person sees: one-line messages, and a progress bar where there is a terminal.

Errors and progress go to stderr, results to stdout. In a pipe nothing is printed that is not a
result, a failure or asked for with ``--verbose``.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from typing import TextIO

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
    written as escapes.
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def complain(text: str) -> None:
    """Print one line to stderr, after the program's name."""
    print(f"inpaint: {one_line(text)}", file=sys.stderr)


def fail(message: str, hint: str) -> None:
    """Print what went wrong and what to do about it, one line each, to stderr."""
    complain(message)
    print(f"hint: {one_line(hint)}", file=sys.stderr)


def wants_remarks(args: argparse.Namespace) -> bool:
    """True when remarks are wanted: on a terminal or with ``--verbose``, not with ``--quiet``."""
    return not args.quiet and (bool(args.verbose) or sys.stderr.isatty())


def remark(text: str) -> None:
    """Print one line to stderr that is neither a result nor a failure."""
    print(one_line(text), file=sys.stderr)


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

    Draws nothing when ``stream`` is no terminal, when ``TERM`` is “dumb”, or when ``quiet``.
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
        self._stream.write(f"\r{line}")
        self._stream.flush()


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
