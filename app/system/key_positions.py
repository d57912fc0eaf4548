"""Where a key lies on the keyboard, whatever the layout writes on it."""

from __future__ import annotations

_PC = {
    first + offset: character
    for first, row in (
        (2, "1234567890-="),
        (16, "qwertyuiop[]"),
        (30, "asdfghjkl;'`"),
        (43, "\\zxcvbnm,./"),
    )
    for offset, character in enumerate(row)
}
"""Characters of the US layout by the codes that a PC's keyboard sends (set 1), which Linux kept."""

_MAC = dict(
    enumerate(
        "asdfhgzxcv\0bqweryt123465=97-80]ou[ip\0lj'k;\\,/nm.\0\0`"  # \0: no character key
    )
)
"""The same by the virtual key codes of macOS (kVK_ANSI_A = 0, …)."""

_X_OFFSET = 8
"""X11 and Wayland number keys from 8 on: evdev's code plus this."""


def us_character(platform: str, scan_code: int, virtual_key: int) -> str:
    """The character that the US layout has on a key without Shift, "" for keys without one.

    ``platform`` is as in `sys.platform`, the codes are those of a QKeyEvent: native scan code and
    native virtual key.
    """
    if platform == "darwin":
        return _MAC.get(virtual_key, "").strip("\0")
    return _PC.get(scan_code if platform == "win32" else scan_code - _X_OFFSET, "")
