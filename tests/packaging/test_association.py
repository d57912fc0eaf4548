"""Files that open with Lacuna from the file manager."""

from __future__ import annotations

import plistlib
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from app.__main__ import main
from app.configuration.text import LANGUAGES, choose_language
from app.system.association import linux, windows
from app.system.association import set_association as command
from app.system.association.file_kinds import PHOTO_SUFFIXES, PROJECT_MEDIA_TYPE, PROJECT_SUFFIX
from inpaint_core.photo.formats.registry import readable_extensions
from inpaint_core.project.write_project import MIMETYPE

_ROOT = Path(__file__).resolve().parents[2]


def test_the_kinds_are_those_that_are_read_and_written() -> None:
    assert PROJECT_MEDIA_TYPE == MIMETYPE

    assert {ending for endings in PHOTO_SUFFIXES.values() for ending in endings} <= set(
        readable_extensions()
    )


@pytest.mark.parametrize(
    ("word", "written"),
    [
        ("/opt/lacuna/bin/lacuna", "/opt/lacuna/bin/lacuna"),
        ("/home/ann lee/lacuna", '"/home/ann lee/lacuna"'),
        ('a"b', r'"a\\"b"'),
        ("50%", '"50%%"'),
    ],
)
def test_the_command_is_quoted_as_desktops_want_it(word: str, written: str) -> None:
    (line,) = [
        line for line in linux.make_desktop_entry([word]).splitlines() if line.startswith("Exec=")
    ]
    assert line == f"Exec={written} %F"


def test_the_packaged_files_are_what_the_program_would_write() -> None:
    folder = _ROOT / "packaging" / "linux"
    assert (folder / "lacuna.desktop").read_text("utf-8") == linux.make_desktop_entry(["lacuna"])
    assert (folder / "lacuna.xml").read_text("utf-8") == linux.make_media_type()


def test_words_are_there_in_every_language() -> None:
    space = "{http://www.freedesktop.org/standards/shared-mime-info}"
    tree = ET.fromstring(linux.make_media_type())
    comments = tree.findall(f"{space}mime-type/{space}comment")
    language = "{http://www.w3.org/XML/1998/namespace}lang"
    assert {c.get(language, "en") for c in comments} == set(LANGUAGES)
    entry = linux.make_desktop_entry(["lacuna"])
    said = re.findall(r"^Comment(?:\[(\w+)\])?=.", entry, re.MULTILINE)
    assert {name or "en" for name in said} == set(LANGUAGES)
    with (_ROOT / "packaging" / "macos" / "Info.plist").open("rb") as stream:
        bundle = plistlib.load(stream)["CFBundleLocalizations"]
    assert {choose_language("system", [name]) for name in bundle} == set(LANGUAGES)
    assert len(bundle) == len(LANGUAGES)
    (glob,) = tree.findall(f"{space}mime-type/{space}glob")
    assert glob.get("pattern") == "*.lacuna"


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="freedesktop.org")
def test_associating_writes_files_and_taking_it_back_removes_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert main(["--associate"]) == 0
    written = linux.installed_paths(tmp_path)
    assert all(path.is_file() for path in written)
    said = capsys.readouterr().out
    assert all(str(path) in said for path in written)
    assert f"MimeType={PROJECT_MEDIA_TYPE};image/jpeg;" in written[0].read_text("utf-8")
    assert main(["--no-associate"]) == 0
    assert not any(path.exists() for path in written)


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="freedesktop.org")
def test_a_home_that_cannot_be_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    assert main(["--associate"]) == 2
    assert "could not be changed" in capsys.readouterr().err


@pytest.mark.skipif(shutil.which("gio") is None, reason="no gio to ask")
def test_the_desktop_knows_a_project_by_name_and_by_content(tmp_path: Path) -> None:
    if shutil.which("update-mime-database") is None:
        pytest.skip("no update-mime-database")
    linux.add(["lacuna"], tmp_path / "data")
    for name in ("a.lacuna", "renamed"):
        path = tmp_path / name
        path.write_bytes(b"PK\x03\x04" + b"\0" * 26 + b"mimetype" + MIMETYPE.encode())
        asked = subprocess.run(
            ["gio", "info", "-a", "standard::content-type", str(path)],
            env={"XDG_DATA_HOME": str(tmp_path / "data"), "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=True,
        )
        assert PROJECT_MEDIA_TYPE in asked.stdout, name


def test_the_registry_gets_projects_and_leaves_photos_to_their_programs() -> None:
    found = windows.registry_values([r"C:\Program Files\Lacuna\lacuna.exe"])
    opens = found[r"Software\Classes\Lacuna.Project\shell\open\command", ""]
    assert opens == r'"C:\Program Files\Lacuna\lacuna.exe" "%1"'
    assert found[r"Software\Classes\.lacuna", ""] == "Lacuna.Project"
    assert (r"Software\Classes\.jpg", "") not in found
    assert (r"Software\Classes\.jpg\OpenWithProgids", "Lacuna.Photo") in found


def test_a_bundle_for_macos_says_the_same() -> None:
    with (_ROOT / "packaging" / "macos" / "Info.plist").open("rb") as stream:
        found = plistlib.load(stream)
    (kind,) = found["UTExportedTypeDeclarations"]
    tags = kind["UTTypeTagSpecification"]
    assert tags["public.filename-extension"] == [PROJECT_SUFFIX[1:]]
    assert tags["public.mime-type"] == [PROJECT_MEDIA_TYPE]
    assert found["CFBundleDocumentTypes"][0]["LSItemContentTypes"] == [kind["UTTypeIdentifier"]]


def test_the_program_is_found_by_its_own_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    assert command.launch_command() == (str(tmp_path / "python"), "-m", "app")
    (tmp_path / "lacuna").write_bytes(b"")
    assert command.launch_command() == (str(tmp_path / "lacuna"),)
