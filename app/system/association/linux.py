"""Desktops that follow freedesktop.org: a desktop entry, a media type, an icon.

Source: Desktop Entry Specification 1.5; Shared MIME-info Database 0.22.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import resources
from app.system.association.file_kinds import ENDING, PHOTOS, PROJECT, PROJECT_NAMES, SUMMARIES

_NAME = "lacuna"
_SECONDS = 60  # that the desktop's own programs may take


def entry(command: Sequence[str]) -> str:
    """The desktop entry of a program that ``command`` starts."""
    lines = [
        "[Desktop Entry]",
        "Type=Application",
        "Version=1.5",
        "Name=Lacuna",
        *_translated("Comment", SUMMARIES),
        f"Exec={' '.join(_quoted(word) for word in command)} %F",
        f"Icon={_NAME}",
        "Terminal=false",
        "Categories=Graphics;Photography;RasterGraphics;",
        f"MimeType={';'.join((PROJECT, *PHOTOS))};",
        f"StartupWMClass={_NAME}",
        "StartupNotify=true",
    ]
    return "\n".join(lines) + "\n"


def media_type() -> str:
    """The description of the media type of projects: by the name's ending, and by the content."""
    names = "\n".join(
        "    <comment"
        + (f' xml:lang="{language}"' if language else "")
        + f">{escape(name)}</comment>"
        for language, name in PROJECT_NAMES.items()
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<mime-info xmlns="http://www.freedesktop.org/standards/shared-mime-info">
  <mime-type type="{PROJECT}">
{names}
    <sub-class-of type="application/zip"/>
    <icon name="{_NAME}"/>
    <magic priority="60">
      <match type="string" offset="0" value="PK\\003\\004">
        <match type="string" offset="30" value="mimetype{PROJECT}"/>
      </match>
    </magic>
    <glob pattern="*{ENDING}"/>
  </mime-type>
</mime-info>
"""


def data_home(environment: Mapping[str, str] = os.environ) -> Path:
    """Where the desktop looks for what a person has installed."""
    chosen = environment.get("XDG_DATA_HOME", "")
    return Path(chosen) if chosen.startswith("/") else Path.home() / ".local" / "share"


def places(home: Path) -> tuple[Path, Path, Path]:
    """Where desktop entry, media type and icon go, below `data_home`."""
    return (
        home / "applications" / f"{_NAME}.desktop",
        home / "mime" / "packages" / f"{_NAME}.xml",
        home / "icons" / "hicolor" / "scalable" / "apps" / f"{_NAME}.svg",
    )


def add(command: Sequence[str], home: Path) -> tuple[Path, ...]:
    """Have the desktop open files with ``command``; returns the files written. Raises OSError."""
    found = places(home)
    contents = (entry(command), media_type(), resources.path("icon.svg").read_text("utf-8"))
    for path, content in zip(found, contents, strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    _tell(home)
    return found


def remove(home: Path) -> tuple[Path, ...]:
    """Take all of it away; returns the files that were there. Raises OSError."""
    found = tuple(path for path in places(home) if path.exists())
    for path in found:
        path.unlink()
    _tell(home)
    return found


def _tell(home: Path) -> None:
    """Have the desktop look again. Without these programs it does so when one logs in again."""
    for program, folder in (
        ("update-mime-database", home / "mime"),
        ("update-desktop-database", home / "applications"),
    ):
        path = shutil.which(program)
        if path is not None and folder.is_dir():
            subprocess.run([path, str(folder)], check=False, capture_output=True, timeout=_SECONDS)


def _translated(key: str, words: Mapping[str, str]) -> list[str]:
    return [
        f"{key}{f'[{language}]' if language else ''}={name}" for language, name in words.items()
    ]


def _quoted(word: str) -> str:
    """A word of a command line as the specification wants it, section “The Exec key”."""
    if word.replace("/", "").replace("-", "").replace("_", "").replace(".", "").isalnum():
        return word
    inner = "".join(f"\\\\{c}" if c in '"`$\\' else c for c in word.replace("%", "%%"))
    return f'"{inner}"'
