"""What makes the application; that the application works is for `test_packages` to say."""

from __future__ import annotations

import ctypes
import importlib
import os
import re
import struct
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from app.configuration.text import LANGUAGES
from inpaint_core.contract.version import __version__

_ROOT = Path(__file__).resolve().parents[2]
_BUILD = _ROOT / "packaging" / "build"
_NAMES = (
    "bundle",
    "contents",
    "deb",
    "desktop_files",
    "environment",
    "host_libraries",
    "launcher",
    "notices",
)


@pytest.fixture(scope="module")
def build() -> Iterator[dict[str, ModuleType]]:
    sys.path.insert(0, str(_BUILD))
    try:
        yield {name: importlib.import_module(name) for name in _NAMES}
    finally:
        sys.path.remove(str(_BUILD))
        for name in _NAMES:
            del sys.modules[name]


def test_what_is_found_by_name_goes_into_the_application(build: dict[str, ModuleType]) -> None:
    contents = build["contents"]
    found = {name for package in contents.OWN for name in contents.list_modules(_ROOT / package)}
    assert {"app.__main__", "inpaint_core", "inpaint_core.generators.tsgl", "weights"} <= found
    assert "inpaint_core.photo.formats.raw" in found
    for name in ("multiprocessing", "pickletools", "timeit"):
        assert name in contents.list_standard_modules()


def test_every_dependency_and_its_licence_go_into_the_application(
    build: dict[str, ModuleType],
) -> None:
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    needed = [*project["dependencies"], *(extras[name][0] for name in build["bundle"].EXTRAS)]
    assert {re.split(r"[<>=!]", line)[0].lower() for line in needed} == {
        name.lower() for name in build["contents"].DISTRIBUTIONS
    }


@pytest.mark.parametrize(
    ("name", "on_linux", "elsewhere"),
    [
        ("PySide6/Qt/lib/libQt6Widgets.so.6", True, True),
        ("PySide6\\Qt\\plugins\\tls\\qopensslbackend.dll", False, False),
        ("libX11.so.6", False, True),
        ("libgio-2.0.so.0", False, True),
        ("fallback/libX11.so.6", True, True),
        ("libxcb-cursor.so.0", True, True),
        ("numba/tests/support.pyc", False, False),
        ("libcups.so.2", False, True),
        ("PySide6/Qt/lib/libQt6PrintSupport.so.6", True, True),
        ("PySide6/Qt/plugins/printsupport/libcupsprintersupport.so", True, True),
    ],
)
def test_what_the_desktop_has_is_left_to_it(
    name: str, on_linux: bool, elsewhere: bool, build: dict[str, ModuleType]
) -> None:
    is_wanted = build["contents"].is_wanted
    assert (is_wanted(name, True), is_wanted(name, False)) == (on_linux, elsewhere)


def test_only_what_the_system_lacks_is_loaded_from_the_application(
    build: dict[str, ModuleType], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    libraries = build["host_libraries"]
    loaded: list[str] = []

    def load(name: str) -> None:
        if name == "libEGL.so.1":
            raise OSError(name)
        loaded.append(name)

    monkeypatch.setattr(ctypes, "CDLL", load)
    monkeypatch.setattr(libraries, "_FONTS", tmp_path / "none")
    monkeypatch.delenv("FONTCONFIG_FILE", raising=False)
    libraries.load_fallbacks(tmp_path)
    assert str(tmp_path / "libEGL.so.1") in loaded
    assert [Path(name).name for name in loaded] == list(libraries.NAMES)
    assert sum(name.startswith("/") for name in loaded) == 1
    assert os.environ["FONTCONFIG_FILE"] == str(tmp_path / "fonts.conf")
    monkeypatch.delenv("FONTCONFIG_FILE")


def test_the_bundled_fonts_are_found_beside_their_list() -> None:
    (folder,) = ET.parse(_BUILD / "fonts.conf").iter("dir")
    assert (folder.get("prefix"), folder.text) == ("relative", "fonts")


def test_programs_of_the_system_get_their_own_libraries_back(
    build: dict[str, ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    launcher = build["launcher"]
    monkeypatch.setenv("LD_LIBRARY_PATH", str(launcher._FOLDER))
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/opt/theirs")
    launcher._restore_search_path()
    assert os.environ["LD_LIBRARY_PATH"] == "/opt/theirs"
    monkeypatch.setenv("LD_LIBRARY_PATH", str(launcher._FOLDER))
    launcher._restore_search_path()
    assert "LD_LIBRARY_PATH" not in os.environ


@pytest.mark.skipif(sys.platform == "win32", reason="links programs as a POSIX system does")
@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("inpaint", ["--version"], f"inpaint {__version__}"),
        ("lacuna", ["--version"], f"lacuna {__version__}"),
        ("lacuna", ["-m", "inpaint_core", "--version"], f"inpaint {__version__}"),
        ("inpaint", ["-m", "app", "--version"], f"lacuna {__version__}"),
    ],
)
def test_the_launcher_is_both_programs_and_the_interpreter(
    name: str, arguments: list[str], said: str, tmp_path: Path
) -> None:
    code = (
        f"import runpy, sys; sys.executable = {str(tmp_path / name)!r}; sys.argv[0] = 'launcher';"
        f"runpy.run_path({str(_BUILD / 'launcher.py')!r}, run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == said


def test_the_licences_of_all_that_is_brought_along_are_collected(
    build: dict[str, ModuleType],
) -> None:
    text = build["notices"].collect_notices(["tifffile", "filelock"], [], [])
    for line in ("Python Software Foundation", "\ntifffile ", "\nfilelock ", "\nnumpy "):
        assert line in text
    assert "numpy" not in build["notices"]._find_closure(["tifffile"], {"numpy"})


def test_the_page_in_software_centres_speaks_every_language(
    build: dict[str, ModuleType], tmp_path: Path
) -> None:
    build["desktop_files"].install_desktop_files(tmp_path, __version__)
    page = ET.parse(tmp_path / "metainfo" / "photo.lacuna.Lacuna.metainfo.xml").getroot()
    language = "{http://www.w3.org/XML/1998/namespace}lang"
    assert {each.get(language, "en") for each in page.iter("summary")} == set(LANGUAGES)
    assert page.find("releases/release").get("version") == __version__  # type: ignore[union-attr]
    assert (tmp_path / page.findtext("launchable", "")).name == "lacuna.desktop"
    assert (tmp_path / "applications" / "lacuna.desktop").is_file()


def test_the_package_asks_for_the_c_library_that_its_programs_need(
    build: dict[str, ModuleType], tmp_path: Path
) -> None:
    names = b"\0GLIBC_2.17\0GLIBC_2.34\0GLIBC_PRIVATE\0"
    (tmp_path / "a.so").write_bytes(b"\x7fELF" + struct.pack("<I", 2) + names)
    (tmp_path / "text.txt").write_bytes(b"\0GLIBC_2.99\0")
    assert build["deb"].find_libc(tmp_path) == "2.34"


def test_a_program_that_fails_ends_the_build(build: dict[str, ModuleType]) -> None:
    environment = build["environment"]
    with pytest.raises(environment.BuildFailed, match="ended with 3"):
        environment.run([sys.executable, "-c", "raise SystemExit(3)"])
