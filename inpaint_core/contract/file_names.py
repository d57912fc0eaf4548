"""File names as people meet them: pasted as an address, and shown in a sentence."""

from __future__ import annotations

import os
import re
from pathlib import Path

_ADDRESS = re.compile(r"file:(?://([^/\\]*))?([/\\].*)", re.IGNORECASE | re.DOTALL)
_DRIVE = re.compile(r"/*([a-z])[:|](?=[/\\]|$)", re.IGNORECASE)
_UNREADABLE = re.compile("[\ud800-\udfff]")
_SIGN = "\ufffd"
"""Stands for a byte that is not UTF-8; Python keeps it as half of a surrogate pair."""


def to_path(argument: str, *, windows: bool = os.name == "nt") -> Path:
    """The file that ``argument`` means: a path, or an address that starts with “file:”, as browsers
    and file managers copy it (RFC 8089).

    An address of another machine, and one that no file can have, is taken for a path.
    """
    address = _ADDRESS.fullmatch(argument)
    if address is None:
        return Path(argument)
    from urllib.parse import unquote_to_bytes

    try:
        host, path = address[1] or "", os.fsdecode(unquote_to_bytes(os.fsencode(address[2])))
    except UnicodeError:
        return Path(argument)
    if "\0" in path:
        return Path(argument)
    if windows:
        if _DRIVE.match(f"{host}/"):  # a slash too few
            host, path = "", f"/{host}{path}"
        path = _DRIVE.sub(r"\1:", path, count=1) if _DRIVE.match(path) else path
    if _is_this_machine(host):
        return Path(path)
    return Path(f"//{host}{path}") if windows else Path(argument)


def is_same_file(one: Path, other: Path) -> bool:
    """Whether both names lead to one file, which need not exist."""
    try:
        return one.samefile(other)
    except OSError:
        return os.path.normcase(os.path.realpath(one)) == os.path.normcase(os.path.realpath(other))


def _is_this_machine(host: str) -> bool:
    if host.lower() in ("", "localhost"):
        return True
    import platform

    return host.lower() == platform.node().lower()


def show_name(name: object) -> str:
    """A path, or a text that names one, with “\ufffd” for every byte that is not UTF-8."""
    return _UNREADABLE.sub(_SIGN, str(name))


def restore_name(shown: str, name: str) -> str:
    """What a person made of ``name``, which was shown to them, with the bytes that could not be
    shown put back; as it is if they changed how many there are.
    """
    signs = re.findall(f"[\ud800-\udfff{_SIGN}]", name)
    if shown.count(_SIGN) != len(signs):
        return shown
    left = iter(signs)
    return re.sub(_SIGN, lambda _: next(left), shown)
