"""What goes into the application, and what of the libraries stays out. Read by ``lacuna.spec``."""

from __future__ import annotations

import fnmatch
import shutil
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from host_libraries import NAMES

OWN = ("app", "inpaint_core", "resources", "weights")

DISTRIBUTIONS = (
    "PySide6-Essentials",
    "torch",
    "numpy",
    "opencv-python-headless",
    "pillow",
    "pillow-heif",
    "qtawesome",
    "platformdirs",
    "numba",
    "filelock",
    "tifffile",
    "safetensors",
    "psd-tools",
    "psdtags",
    "rawpy",
    "pillow-jxl-plugin",
    "h5py",
)
"""Those that Lacuna imports; their versions are known in the application (Help > About)."""

ABSENT_DISTRIBUTIONS = (
    "fsspec",
    "jinja2",
    "markupsafe",
    "mpmath",
    "networkx",
    "setuptools",
    "sympy",
)
"""Required by torch for compilers that are not used."""

HIDDEN_MODULES = (
    *(
        f"PIL.{name}ImagePlugin"
        for name in ("Bmp", "Gif", "Jpeg", "Mpo", "Png", "Ppm", "Tiff", "WebP")
    ),
    "h5py",
    "pillow_jxl",
    "rawpy",
    "typing_extensions",
)
"""Imported by name, or by torch only."""

UNUSED_MODULES = [
    "IPython",
    "PySide6.QtQml",
    "PySide6.QtQuick",
    "fsspec",
    "matplotlib",
    "pip",
    "pytest",
    "scipy",
    "setuptools",
    "skimage",
    "sympy",
    "tkinter",
    "torch",
    "wheel",
]
"""What numba and others import only for compilers, tests and drawings that are not used; and torch,
of which `copy_torch` brings the files as they are: to follow its 2,000 modules takes minutes."""

_LEFT_OUT = (
    "_tcl_data/*",
    "_tk_data/*",
    "libncursesw.so.*",
    "libpanelw.so.*",
    "libreadline.so.*",
    "libtcl8.6.so*",
    "libtinfo.so.*",
    "libtirpc.so.*",
    "libtk8.6.so*",
    "python3.*/lib-dynload/_curses*",
    "python3.*/lib-dynload/_tkinter*",
    "python3.*/lib-dynload/nis.*",
    "python3.*/lib-dynload/readline.*",
    "numba/tests/*",
    "PySide6/Qt/qml/*",
    "PySide6/Qt/lib/libQt6Pdf*",
    "PySide6/Qt/lib/libQt6Qml*",
    "PySide6/Qt/lib/libQt6Quick*",
    "PySide6/Qt/lib/libQt6VirtualKeyboard*",
    "PySide6/Qt/plugins/egldeviceintegrations/*",
    "PySide6/Qt/plugins/generic/*",
    "PySide6/Qt/plugins/imageformats/libqpdf*",
    "PySide6/Qt/plugins/networkinformation/*",
    "PySide6/Qt/plugins/platforminputcontexts/libqtvirtualkeyboard*",
    "PySide6/Qt/plugins/platforms/libqeglfs*",
    "PySide6/Qt/plugins/platforms/libqlinuxfb*",
    "PySide6/Qt/plugins/platforms/libqvkkhrdisplay*",
    "PySide6/Qt/plugins/platforms/libqvnc*",
    "PySide6/Qt/plugins/tls/*",
)
"""Files in the application's folder that nothing of ours loads."""

_OF_CUPS = (
    *("libcups", "libavahi-client", "libavahi-common", "libgnutls", "libhogweed", "libnettle"),
    *("libgssapi_krb5", "libkrb5", "libkrb5support", "libk5crypto", "libcom_err", "libkeyutils"),
    *("libgmp", "libidn2", "libp11-kit", "libtasn1", "libunistring"),
)
"""What Qt's plug-in for printers uses. They must be the host's, whose printers they know; without
them the plug-in is not loaded, and the print dialog writes PDF files only."""

_HOSTS_OWN = (
    "libX*.so.?",
    *(f"{name}.so.*" for name in _OF_CUPS),
    "libatk*.so.*",
    "libatspi.so.*",
    "libcairo*.so.*",
    "libdatrie.so.*",
    "libdrm.so.*",
    "libepoxy.so.*",
    "libfribidi.so.*",
    "libgbm.so.*",
    "libgdk*.so.*",
    "libgio-2.0.so.*",
    "libgmodule-2.0.so.*",
    "libgobject-2.0.so.*",
    "libgraphite2.so.*",
    "libgtk-3.so.*",
    "libharfbuzz.so.*",
    "libjpeg.so.62",
    "libblkid.so.*",
    "libmount.so.*",
    "libmvec.so.1",
    "libpango*.so.*",
    "libpixman-1.so.*",
    "libselinux.so.*",
    "libthai.so.*",
    "libuuid.so.*",
)
"""Beside `host_libraries.NAMES`: a part of the C library, and what only Qt's plug-in for GTK uses,
which is no use without the host's desktop."""


def is_wanted(name: str, is_linux: bool) -> bool:
    """Whether a file, named as in the application's folder, goes into it."""
    name = name.replace("\\", "/")
    if any(fnmatch.fnmatchcase(name, pattern) for pattern in _LEFT_OUT):
        return False
    last = Path(name).name
    hosts_own = last in NAMES or any(fnmatch.fnmatchcase(last, each) for each in _HOSTS_OWN)
    return not (is_linux and hosts_own and not name.startswith("fallback/"))


def list_modules(package: Path) -> Iterator[str]:
    """The names of a package's modules, the package among them."""
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package.parent).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def list_standard_modules() -> list[str]:
    """Python's own modules, as torch may want any of them."""
    unused = {"_curses", "_tkinter", "antigravity", "curses", "ensurepip", "idlelib", "lib2to3"}
    unused |= {"nis", "readline", "test", "this", "tkinter", "turtle", "turtledemo", "venv"}
    tops = sys.stdlib_module_names - unused
    folder = Path(sysconfig.get_path("stdlib"))
    inner = (name for top in tops for name in list_modules(folder / top))
    tests = {"test", "tests"}
    return sorted({*tops, *(name for name in inner if not tests & set(name.split(".")))})


def copy_torch(torch: Path, folder: Path) -> None:
    """Copy torch's packages into the application's folder, without headers, tests and compilers;
    with the times of their files, by which Python knows that what it compiled is up to date.
    """
    tops = {"include", "share", "test", "_inductor"}
    libraries = ("*test*", "libaoti_custom_ops*", "libbackend_with_compiler*", "*.lib")

    def is_unused(parent: str, names: list[str]) -> set[str]:
        out = {name for name in names if name.endswith((".pyi", ".h", ".cpp", ".cuh", ".cmake"))}
        if Path(parent) == torch:
            out |= tops & set(names)
        if Path(parent) == torch / "bin":  # torch looks for this one when it is imported
            out |= {name for name in names if not name.startswith("torch_shm_manager")}
        if Path(parent) == torch / "lib":
            out |= {name for name in names for each in libraries if fnmatch.fnmatchcase(name, each)}
        return out

    for package in (torch, torch.with_name("torchgen")):
        place = folder / package.name
        shutil.copytree(package, place, symlinks=True, ignore=is_unused)
