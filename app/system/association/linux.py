"""File types on freedesktop.org desktops: a desktop entry, a media type, an icon.

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
from app.system.association.file_kinds import (
    PHOTO_SUFFIXES,
    PROJECT_MEDIA_TYPE,
    PROJECT_NAMES,
    PROJECT_SUFFIX,
    SUMMARIES,
)

_NAME = "lacuna"
_SECONDS = 60  # limit for the desktop's own programs


def make_desktop_entry(command: Sequence[str]) -> str:
    """The desktop entry of a program that ``command`` starts."""
    lines = [
        "[Desktop Entry]",
        "Type=Application",
        "Version=1.5",
        "Name=Lacuna",
        *_translate("Comment", SUMMARIES),
        f"Exec={' '.join(_quote(word) for word in command)} %F",
        f"Icon={_NAME}",
        "Terminal=false",
        "Categories=Graphics;Photography;RasterGraphics;",
        f"MimeType={';'.join((PROJECT_MEDIA_TYPE, *PHOTO_SUFFIXES))};",
        f"StartupWMClass={_NAME}",
        "StartupNotify=true",
    ]
    return "\n".join(lines) + "\n"


def make_media_type() -> str:
    """The definition of the project's media type, by suffix and by content."""
    names = "\n".join(
        "    <comment"
        + (f' xml:lang="{language}"' if language else "")
        + f">{escape(name)}</comment>"
        for language, name in PROJECT_NAMES.items()
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<mime-info xmlns="http://www.freedesktop.org/standards/shared-mime-info">
  <mime-type type="{PROJECT_MEDIA_TYPE}">
{names}
    <sub-class-of type="application/zip"/>
    <icon name="{_NAME}"/>
    <magic priority="60">
      <match type="string" offset="0" value="PK\\003\\004">
        <match type="string" offset="30" value="mimetype{PROJECT_MEDIA_TYPE}"/>
      </match>
    </magic>
    <glob pattern="*{PROJECT_SUFFIX}"/>
  </mime-type>
</mime-info>
"""


def data_home(environment: Mapping[str, str] = os.environ) -> Path:
    """The folder of the user's own desktop data."""
    chosen = environment.get("XDG_DATA_HOME", "")
    return Path(chosen) if chosen.startswith("/") else Path.home() / ".local" / "share"


def installed_paths(home: Path) -> tuple[Path, Path, Path]:
    """The files of desktop entry, media type and icon below `data_home`."""
    return (
        home / "applications" / f"{_NAME}.desktop",
        home / "mime" / "packages" / f"{_NAME}.xml",
        home / "icons" / "hicolor" / "scalable" / "apps" / f"{_NAME}.svg",
    )


def add(command: Sequence[str], home: Path) -> tuple[Path, ...]:
    """Register ``command`` for the file types; returns the files written. Raises OSError."""
    paths = installed_paths(home)
    contents = (
        make_desktop_entry(command),
        make_media_type(),
        resources.path("icon.svg").read_text("utf-8"),
    )
    for path, content in zip(paths, contents, strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    _refresh_desktop(home)
    return paths


def remove(home: Path) -> tuple[Path, ...]:
    """Undo `add`; returns the files that were deleted. Raises OSError."""
    paths = tuple(path for path in installed_paths(home) if path.exists())
    for path in paths:
        path.unlink()
    _refresh_desktop(home)
    return paths


def _refresh_desktop(home: Path) -> None:
    """Update the desktop's databases; without these programs this happens at the next login."""
    for program, folder in (
        ("update-mime-database", home / "mime"),
        ("update-desktop-database", home / "applications"),
    ):
        path = shutil.which(program)
        if path is not None and folder.is_dir():
            subprocess.run([path, str(folder)], check=False, capture_output=True, timeout=_SECONDS)


def _translate(key: str, words: Mapping[str, str]) -> list[str]:
    return [
        f"{key}{f'[{language}]' if language else ''}={name}" for language, name in words.items()
    ]


def _quote(word: str) -> str:
    """A word of a command line, quoted as in section “The Exec key” of the specification."""
    if word.replace("/", "").replace("-", "").replace("_", "").replace(".", "").isalnum():
        return word
    inner = "".join(f"\\\\{c}" if c in '"`$\\' else c for c in word.replace("%", "%%"))
    return f'"{inner}"'
