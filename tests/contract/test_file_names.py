from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inpaint_core.contract.errors import InpaintError, lacks_memory
from inpaint_core.contract.file_names import restore_name, show_name, to_path
from inpaint_core.contract.message import Message


@pytest.mark.parametrize(
    ("argument", "path"),
    [
        ("a b%20c.png", "a b%20c.png"),
        ("file:///tmp/a%20b.png", "/tmp/a b.png"),
        ("FILE://LOCALHOST/tmp/a%2Cb.png", "/tmp/a,b.png"),
        ("file:/tmp/100%.png", "/tmp/100%.png"),
        ("file:///tmp/a#b?c.png", "/tmp/a#b?c.png"),
        ("file:///tmp/%C3%BC.png", "/tmp/ü.png"),
        ("file:///tmp/ü.png", "/tmp/ü.png"),
        ("file:///tmp/na%EFve.png", "/tmp/na\udcefve.png"),
        ("file:///tmp/na\udcefve.png", "/tmp/na\udcefve.png"),
        # Neither an address of this machine nor a path that can be.
        ("file://elsewhere/a.png", "file://elsewhere/a.png"),
        ("file:///a%00b.png", "file:///a%00b.png"),
        ("file:a.png", "file:a.png"),
        ("https://example.org/a.png", "https://example.org/a.png"),
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="names are bytes here")
def test_an_address_of_a_file_is_its_path(argument: str, path: str) -> None:
    assert to_path(argument, windows=False) == Path(path)


@pytest.mark.parametrize(
    ("argument", "path"),
    [
        ("C:\\a b.png", "C:\\a b.png"),
        ("file:///C:/a%20b.png", "C:/a b.png"),
        ("file:///c|/a.png", "c:/a.png"),
        ("file://localhost/C:/a.png", "C:/a.png"),
        ("file://C:/a.png", "C:/a.png"),
        ("file:///C:\\a\\b.png", "C:\\a\\b.png"),
        ("file://server/share/a.png", "//server/share/a.png"),
        ("file:////server/share/a.png", "//server/share/a.png"),
    ],
)
def test_an_address_on_windows(argument: str, path: str) -> None:
    assert to_path(argument, windows=True) == Path(path)


@given(st.text(st.characters(exclude_characters="\0/", exclude_categories=["Cs"]), min_size=1))
def test_the_address_of_any_path_gives_the_path(name: str) -> None:
    path = Path("/tmp") / f"a{name}"
    if os.name != "nt":
        assert to_path(path.as_uri()) == path


@given(st.text())
def test_any_argument_is_a_path(text: str) -> None:
    assert isinstance(to_path(f"file://{text}"), Path)


@given(st.binary())
def test_any_name_can_be_shown_and_restored(data: bytes) -> None:
    name = data.decode("utf-8", "surrogateescape")
    shown = show_name(name)
    assert shown.encode("utf-8").decode("utf-8") == shown
    assert restore_name(shown, name) == name
    assert restore_name(f"new-{shown}.png", name) == f"new-{name}.png"


def test_what_was_changed_by_hand_is_taken_as_it_is() -> None:
    assert restore_name("plain.png", "na\udcefve.png") == "plain.png"
    assert restore_name("\ufffd\ufffd.png", "na\udcefve.png") == "\ufffd\ufffd.png"


def test_a_message_shows_a_sign_for_a_byte_that_is_not_utf_8() -> None:
    path = Path("na\udcefve.png")
    assert "“na\ufffdve.png”" in str(Message("photo.no_such_file", path=path))
    assert "\udcef" not in str(InpaintError("photo.no_such_file", path=path))


@pytest.mark.parametrize(
    ("error", "lacks"),
    [
        (MemoryError(), True),
        (OSError(12, "Cannot allocate memory"), True),
        (ImportError("libtorch_cpu.so: failed to map segment from shared object"), True),
        (ImportError("DLL load failed: The paging file is too small"), True),
        (RuntimeError("can't start new thread"), True),
        (ImportError("No module named 'torch'"), False),
        (OSError(2, "No such file"), False),
        (ValueError("cannot allocate memory"), False),
    ],
)
def test_what_says_that_memory_ran_out(error: Exception, lacks: bool) -> None:
    assert lacks_memory(error) is lacks
