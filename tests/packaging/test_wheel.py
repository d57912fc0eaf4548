"""A wheel holds everything the program needs, and an installed one finds it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[2]
_PACKAGES = ("app", "inpaint_core", "resources", "weights")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built without the network from a copy, so that no build folder stays behind."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(_ROOT / name, source)
    for name in _PACKAGES:
        shutil.copytree(_ROOT / name, source / name)
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet"]
    command = [sys.executable, "-m", "pip", "wheel", *options, "-w", str(folder), str(source)]
    subprocess.run(command, check=True, capture_output=True, text=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the wheel's content lies in after an installation."""
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def _files() -> set[str]:
    """What the checkout's packages hold, as a wheel names it."""
    paths = (path for name in _PACKAGES for path in (_ROOT / name).rglob("*"))
    return {
        path.relative_to(_ROOT).as_posix()
        for path in paths
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_wheel_holds_the_packages_whole_and_nothing_else(wheel: Path) -> None:
    assert wheel.name.startswith("lacuna_photo-")
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert names == _files()
    assert "resources/samples/beach.jpg" in names
    assert "weights/manifest.json" in names


def test_the_wheel_carries_its_licence_and_both_commands(installed: Path) -> None:
    (info,) = installed.glob("*.dist-info")
    assert (info / "licenses" / "LICENSE").read_text("utf-8").lstrip().startswith("Apache License")
    entries = (info / "entry_points.txt").read_text("utf-8")
    assert "lacuna = app.__main__:main" in entries
    assert "inpaint = inpaint_core.cli:main" in entries


def test_an_installed_wheel_finds_its_resources_and_weights(
    installed: Path, tmp_path: Path
) -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(installed)!r})\n"
        "import resources, weights\n"
        "print(resources.path('samples/beach.jpg'))\n"
        "print(weights.path('manifest.json'))\n"
        "print(all(weights.path(e[k]) for e in weights.manifest() for k in ('file', 'card')))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    photo, manifest, complete = done.stdout.splitlines()
    assert Path(photo) == installed / "resources" / "samples" / "beach.jpg"
    assert Path(manifest) == installed / "weights" / "manifest.json"
    assert complete == "True"
