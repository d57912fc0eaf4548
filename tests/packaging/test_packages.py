"""What `packaging/build` made, used where nothing else is. By hand: it takes minutes and a network.

LACUNA_PACKAGES names the folder with the packages. The bare Debian is made by debootstrap, as root;
LACUNA_BARE_ROOT names a folder where one is kept between runs.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

_FOLDER = os.environ.get("LACUNA_PACKAGES", "")
pytestmark = pytest.mark.skipif(not _FOLDER, reason="LACUNA_PACKAGES names no packages")
_DEBIAN = "bookworm"
_SECONDS = 3600
_STEPS = (
    {"do": "resize", "width": 1280, "height": 800},
    {"do": "action", "id": "file.sample"},
    {"do": "wait", "seconds": 900},
    {"do": "tool", "id": "brush", "size": 90, "hardness": 60},
    {"do": "stroke", "points": [[610, 290], [610, 700]]},
    {"do": "action", "id": "fill.run"},
    {"do": "wait", "seconds": 900},
    {"do": "grab", "path": "window.png", "overwrite": True},
    {"do": "export", "path": "filled.png", "overwrite": True},
)


def _package(pattern: str) -> Path:
    (found,) = Path(_FOLDER).resolve().glob(pattern)
    return found


def _run(command: list[str], **options: object) -> str:
    done = subprocess.run(  # type: ignore[call-overload]
        command, capture_output=True, text=True, timeout=_SECONDS, check=False, **options
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return str(done.stdout)


class BareDebian:
    """A Debian of nothing but its base, in a folder; “ann” may use it and change nothing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        if not (folder / "usr" / "bin" / "apt-get").exists():
            _run(["debootstrap", "--variant=minbase", _DEBIAN, str(folder)])
        shutil.copy("/etc/resolv.conf", folder / "etc" / "resolv.conf")
        if not (folder / "home" / "ann").exists():
            self.run("useradd --create-home --uid 1000 ann", by_root=True)
        for name in ("python3", "qmake6"):
            assert not (folder / "usr" / "bin" / name).exists()

    def run(self, command: str, by_root: bool = False) -> str:
        """What a command of the shell prints there."""
        variables = "HOME=/home/ann LANG=C.UTF-8 QT_QPA_PLATFORM=offscreen PATH=/usr/sbin:/usr/bin"
        user = "" if by_root else "--userspec=1000:1000"
        inside = (
            f"mount -t proc proc '{self.folder}/proc' && mount --rbind /dev '{self.folder}/dev' && "
            f"exec chroot {user} '{self.folder}' env -i {variables} "
            f"sh -c 'cd /home/ann 2>/dev/null; {command}'"
        )
        return _run(["unshare", "--mount", "--pid", "--fork", "sh", "-c", inside])


@pytest.fixture(scope="module")
def debian(tmp_path_factory: pytest.TempPathFactory) -> BareDebian:
    if os.name == "nt" or os.geteuid() or shutil.which("debootstrap") is None:
        pytest.skip("needs root and debootstrap")
    kept = os.environ.get("LACUNA_BARE_ROOT")
    return BareDebian(Path(kept) if kept else tmp_path_factory.mktemp("debian") / "root")


def _use(debian: BareDebian, lacuna: str, inpaint: str) -> None:
    """The sample without and with a network, then the editor; the pictures lie in ann's home."""
    home = debian.folder / "home" / "ann"
    shutil.rmtree(home / "lacuna-sample", ignore_errors=True)
    assert "inpaint " in debian.run(f"{inpaint} --version")
    debian.run(f"{inpaint} sample --no-open")
    photo, filled = (
        np.asarray(Image.open(home / "lacuna-sample" / name))
        for name in ("beach.jpg", "beach-without-stand.jpg")
    )
    hole = np.asarray(Image.open(home / "lacuna-sample" / "beach-mask.png").convert("L")) > 127
    assert (photo != filled).any(axis=2)[hole].mean() > 0.9
    for name, pixels in (("small.png", photo), ("small-mask.png", hole)):
        Image.fromarray(pixels).resize((320, 213)).save(home / name)
    small = np.asarray(Image.open(home / "small.png"))
    for engine in ("tsgl", "pconv", "dmfn", "zits"):
        files = f"small.png --mask small-mask.png --out lacuna-sample/{engine}.png"
        debian.run(f"{inpaint} fill {files} --engine {engine}")
        filled = np.asarray(Image.open(home / "lacuna-sample" / f"{engine}.png"))
        assert (filled != small).any(axis=2).mean() > 0.02
    (home / "script.jsonl").write_text("\n".join(map(json.dumps, _STEPS)), "utf-8")
    said = debian.run(f"{lacuna} --play script.jsonl")
    assert "error" not in said
    window = np.asarray(Image.open(home / "window.png").convert("RGB"))
    assert window.shape[:2] == (800, 1280)
    # Without any font, menus and labels would be empty: the menu bar has letters in it.
    assert window[:30].std() > 5
    assert (np.asarray(Image.open(home / "filled.png")) != photo).any()
    print(home / "window.png")


def test_the_appimage_runs_where_nothing_is_installed(debian: BareDebian) -> None:
    image = shutil.copy(_package("Lacuna-*.AppImage"), debian.folder / "home" / "ann" / "Lacuna")
    Path(image).chmod(0o755)
    _use(
        debian,
        "./Lacuna --appimage-extract-and-run",
        "./Lacuna --appimage-extract-and-run inpaint",
    )


def test_the_debian_package_brings_what_it_needs(debian: BareDebian) -> None:
    package = shutil.copy(_package("lacuna-photo_*.deb"), debian.folder / "tmp")
    debian.run("apt-get -q update", by_root=True)
    install = "DEBIAN_FRONTEND=noninteractive apt-get -qy --no-install-recommends install"
    debian.run(f"{install} /tmp/{Path(package).name} fonts-dejavu-core", by_root=True)
    assert not (debian.folder / "usr" / "bin" / "python3").exists()
    _use(debian, "lacuna", "inpaint")
    share = debian.folder / "usr" / "share"
    for place in (
        "applications/lacuna.desktop",
        "mime/packages/lacuna.xml",
        "icons/hicolor/scalable/apps/lacuna.svg",
        "metainfo/photo.lacuna.Lacuna.metainfo.xml",
    ):
        assert (share / place).is_file()
    notices = (share / "doc" / "lacuna-photo" / "copyright").read_text("utf-8")
    for name in ("PySide6", "torch", "numpy", "numba", "Python Software Foundation"):
        assert name in notices


@pytest.mark.parametrize("pattern", ["lacuna_photo-*.whl", "lacuna_photo-*.tar.gz"])
def test_python_installs_it_without_a_checkout(pattern: str, tmp_path: Path) -> None:
    venv.create(tmp_path / "env", with_pip=True)
    programs = tmp_path / "env" / ("Scripts" if sys.platform == "win32" else "bin")
    variables = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "LACUNA"))}
    here = {"cwd": tmp_path, "env": variables}
    _run([str(programs / "python"), "-m", "pip", "install", "-q", str(_package(pattern))], **here)
    said = _run([str(programs / "inpaint"), "sample", "--no-open"], **here)
    assert "beach-without-stand.jpg" in said
    assert _run([str(programs / "lacuna"), "--version"], **here).startswith("lacuna ")
