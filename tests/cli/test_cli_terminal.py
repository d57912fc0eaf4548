from __future__ import annotations

import io

import pytest

from inpaint_core.cli.terminal import (
    ProgressBar,
    format_bar,
    format_count,
    format_duration,
    one_line,
)


def test_one_is_not_plural() -> None:
    assert format_count(1, "pixel") == "1 pixel"
    assert format_count(2000, "pixel") == "2,000 pixels"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.04, "0.0 s"),
        (0.84, "0.8 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 min 0 s"),
        (200, "3 min 20 s"),
        (7500, "2 h 5 min"),
    ],
)
def test_duration(seconds: float, said: str) -> None:
    assert format_duration(seconds) == said


def test_one_line_keeps_a_file_name_from_breaking_the_line() -> None:
    assert one_line("a\nb\x1b[31m“ü”\udcff") == "a\\nb\\x1b[31m“ü”\ufffd"


def test_the_bar_says_how_far_it_is_and_how_long_it_takes() -> None:
    line = format_bar(0.25, "Searching", elapsed=2.0, width=100)
    assert line == "[######------------------]  25 %  Searching, 6.0 s left"
    assert "left" not in format_bar(0.25, "Searching", elapsed=0.5, width=100)
    assert "left" not in format_bar(0.01, "Searching", elapsed=5.0, width=100)


@pytest.mark.parametrize("width", [0, 1, 20, 40])
def test_the_bar_never_wraps(width: int) -> None:
    assert len(format_bar(0.5, "A long text" * 9, elapsed=9, width=width)) == max(width - 1, 0)


def test_a_terminal_gets_a_bar_that_is_wiped() -> None:
    stream = Terminal()
    with ProgressBar(stream) as bar:
        bar.prefix = "2 of 3: "
        bar(0.5, "Searching")
        bar(0.6, "Drawn too soon after the last")
    drawn, blank, end = stream.getvalue().split("\r")[1:]
    assert "50 %  2 of 3: Searching" in drawn
    assert (blank, end) == (" " * len(drawn), "")


def test_no_bar_in_a_pipe_nor_when_quiet_nor_on_a_dumb_terminal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pipe, quiet, dumb = io.StringIO(), Terminal(), Terminal()
    with ProgressBar(pipe) as bar:
        bar(0.5, "Searching")
    with ProgressBar(quiet, quiet=True) as bar:
        bar(0.5, "Searching")
    monkeypatch.setenv("TERM", "dumb")
    with ProgressBar(dumb) as bar:
        bar(0.5, "Searching")
    assert pipe.getvalue() == quiet.getvalue() == dumb.getvalue() == ""
