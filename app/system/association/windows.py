"""Windows: what a person's part of the registry says about files."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

from app.system.association.file_kinds import ENDING, PHOTOS, PROJECT, PROJECT_NAMES

_CLASSES = r"Software\Classes"
_PROJECT, _PHOTO = "Lacuna.Project", "Lacuna.Photo"
_CHANGED, _AT_ONCE = 0x08000000, 0x1000  # SHCNE_ASSOCCHANGED, SHCNF_FLUSH


def values(command: Sequence[str]) -> dict[tuple[str, str], str]:
    """What the registry is to hold below HKEY_CURRENT_USER: by key and name of the value."""
    opens = f'{subprocess.list2cmdline(command)} "%1"'
    found = {
        (rf"{_CLASSES}\{ENDING}", ""): _PROJECT,
        (rf"{_CLASSES}\{ENDING}", "Content Type"): PROJECT,
        (rf"{_CLASSES}\{_PROJECT}", ""): PROJECT_NAMES[""],
        (rf"{_CLASSES}\{_PROJECT}\shell\open\command", ""): opens,
        (rf"{_CLASSES}\{_PHOTO}", ""): "Lacuna",
        (rf"{_CLASSES}\{_PHOTO}\shell\open\command", ""): opens,
    }
    for endings in PHOTOS.values():
        for ending in endings:  # offered with “Open with”; what opens them now stays
            found[rf"{_CLASSES}\{ending}\OpenWithProgids", _PHOTO] = ""
    return found


if sys.platform == "win32":
    import ctypes
    import winreg

    def add(command: Sequence[str]) -> tuple[str, ...]:
        """Have Windows open files with ``command``; returns the keys. Raises OSError."""
        found = values(command)
        for (key, name), value in found.items():
            with winreg.CreateKey(winreg.HKEY_CURRENT_USER, key) as held:
                winreg.SetValueEx(held, name, 0, winreg.REG_SZ, value)
        _tell()
        return tuple(dict.fromkeys(key for key, _ in found))

    def remove() -> tuple[str, ...]:
        """Take all of it away; returns the keys that were there. Raises OSError."""
        gone = []
        for key, name in values(()):
            try:
                with winreg.OpenKey(winreg.HKEY_CURRENT_USER, key, 0, winreg.KEY_SET_VALUE) as held:
                    winreg.DeleteValue(held, name)
                gone.append(key)
            except FileNotFoundError:
                continue
        _tell()
        return tuple(dict.fromkeys(gone))

    def _tell() -> None:
        ctypes.windll.shell32.SHChangeNotify(_CHANGED, _AT_ONCE, None, None)
