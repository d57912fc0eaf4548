"""What desktops want to know of an application: entry, media type, icon, and its page in software
centres."""

from __future__ import annotations

import datetime
import re
import shutil
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parents[2]
_ID = "photo.lacuna.Lacuna"


def install_desktop_files(share: Path, version: str) -> None:
    """Put them below ``share``, which is a package's ``usr/share``."""
    linux = ROOT / "packaging" / "linux"
    icon = ROOT / "resources" / "icon.svg"
    for source, place in (
        (linux / "lacuna.desktop", "applications/lacuna.desktop"),
        (linux / "lacuna.xml", "mime/packages/lacuna.xml"),
        (icon, "icons/hicolor/scalable/apps/lacuna.svg"),
    ):
        (share / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, share / place)
    page = share / "metainfo" / f"{_ID}.metainfo.xml"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(_describe(version), encoding="utf-8")


def _describe(version: str) -> str:
    """The page in software centres, with the desktop entry's own words."""
    entry = (ROOT / "packaging" / "linux" / "lacuna.desktop").read_text("utf-8")
    summaries = "\n".join(
        f'  <summary xml:lang="{language}">{escape(words)}</summary>'
        if language
        else f"  <summary>{escape(words)}</summary>"
        for language, words in re.findall(r"^Comment(?:\[(\w+)\])?=(.*)$", entry, re.MULTILINE)
    )
    date = _find_release_date(version)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<component type="desktop-application">
  <id>{_ID}</id>
  <name>Lacuna</name>
{summaries}
  <metadata_license>CC0-1.0</metadata_license>
  <project_license>Apache-2.0</project_license>
  <developer_name>The Lacuna developers</developer_name>
  <description>
    <p>Lacuna removes what you paint over from a photo: a sign, a wire, a passer-by and the
    shadow. It fills the hole with real texture from the rest of the photo, at the photo's own
    resolution and depth, and keeps every other pixel, the colour profile and the metadata.
    Everything runs on your own machine.</p>
  </description>
  <launchable type="desktop-id">lacuna.desktop</launchable>
  <provides>
    <binary>lacuna</binary>
    <binary>inpaint</binary>
  </provides>
  <content_rating type="oars-1.1"/>
  <releases>
    <release version="{version}" date="{date}"/>
  </releases>
</component>
"""


def _find_release_date(version: str) -> str:
    """The day in the changelog; of a version that is not released yet, today."""
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    found = re.search(rf"^## \[{re.escape(version)}\] - ([\d-]+)", text, re.MULTILINE)
    return found[1] if found else datetime.datetime.now(datetime.UTC).date().isoformat()
