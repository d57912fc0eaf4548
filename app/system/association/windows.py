"""File types in the user's part of the Windows registry."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

from app.system.association.file_kinds import (
    PHOTO_SUFFIXES,
    PROJECT_MEDIA_TYPE,
    PROJECT_NAMES,
    PROJECT_SUFFIX,
)

_CLASSES = r"Software\Classes"
_PROJECT, _PHOTO = "Lacuna.Project", "Lacuna.Photo"
_CHANGED, _AT_ONCE = 0x08000000, 0x1000  # SHCNE_ASSOCCHANGED, SHCNF_FLUSH


def registry_values(command: Sequence[str]) -> dict[tuple[str, str], str]:
    """The registry values below HKEY_CURRENT_USER by key and name."""
    opens = f'{subprocess.list2cmdline(command)} "%1"'
    values = {
        (rf"{_CLASSES}\{PROJECT_SUFFIX}", ""): _PROJECT,
        (rf"{_CLASSES}\{PROJECT_SUFFIX}", "Content Type"): PROJECT_MEDIA_TYPE,
        (rf"{_CLASSES}\{_PROJECT}", ""): PROJECT_NAMES[""],
        (rf"{_CLASSES}\{_PROJECT}\shell\open\command", ""): opens,
        (rf"{_CLASSES}\{_PHOTO}", ""): "Lacuna",
        (rf"{_CLASSES}\{_PHOTO}\shell\open\command", ""): opens,
    }
    for endings in PHOTO_SUFFIXES.values():
        for ending in endings:  # offered in “Open with”; the default program stays
            values[rf"{_CLASSES}\{ending}\OpenWithProgids", _PHOTO] = ""
    return values


if sys.platform == "win32":
    import ctypes
    import winreg

    def add(command: Sequence[str]) -> tuple[str, ...]:
        """Register ``command`` for the file types; returns the keys. Raises OSError."""
        values = registry_values(command)
        for (key, name), value in values.items():
            with winreg.CreateKey(winreg.HKEY_CURRENT_USER, key) as handle:
                winreg.SetValueEx(handle, name, 0, winreg.REG_SZ, value)
        _notify_shell()
        return tuple(dict.fromkeys(key for key, _ in values))

    def remove() -> tuple[str, ...]:
        """Undo `add`; returns the keys that were deleted. Raises OSError."""
        removed = []
        for key, name in registry_values(()):
            try:
                root, access = winreg.HKEY_CURRENT_USER, winreg.KEY_SET_VALUE
                with winreg.OpenKey(root, key, 0, access) as handle:
                    winreg.DeleteValue(handle, name)
                removed.append(key)
            except FileNotFoundError:
                continue
        _notify_shell()
        return tuple(dict.fromkeys(removed))

    def _notify_shell() -> None:
        ctypes.windll.shell32.SHChangeNotify(_CHANGED, _AT_ONCE, None, None)
