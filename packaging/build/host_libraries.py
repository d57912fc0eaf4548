"""Libraries of the desktop that Qt needs, in the order in which they need each other.

Every desktop has them, with plug-ins of its own (drivers, input methods, themes) that want its own
versions. So the application uses the host's; where a bare system lacks some, it takes those from
its folder ``fallback``, which is what `load_fallbacks` is for.
"""

from __future__ import annotations

import ctypes
import os
import re
import subprocess
from pathlib import Path

NAMES = (
    "libz.so.1",
    "libgcc_s.so.1",
    "libstdc++.so.6",
    "libmd.so.0",
    "libbsd.so.0",
    "libXau.so.6",
    "libXdmcp.so.6",
    "libxcb.so.1",
    "libX11.so.6",
    "libX11-xcb.so.1",
    "libGLdispatch.so.0",
    "libGLX.so.0",
    "libOpenGL.so.0",
    "libGL.so.1",
    "libEGL.so.1",
    "libpcre2-8.so.0",
    "libglib-2.0.so.0",
    "libgthread-2.0.so.0",
    "liblzma.so.5",
    "libzstd.so.1",
    "liblz4.so.1",
    "libcap.so.2",
    "libgpg-error.so.0",
    "libgcrypt.so.20",
    "libsystemd.so.0",
    "libdbus-1.so.3",
    "libexpat.so.1",
    "libbrotlicommon.so.1",
    "libbrotlidec.so.1",
    "libpng16.so.16",
    "libfreetype.so.6",
    "libfontconfig.so.1",
    "libxkbcommon.so.0",
    "libwayland-client.so.0",
    "libwayland-cursor.so.0",
    "libwayland-egl.so.1",
)
_FONTS = Path("/etc/fonts/fonts.conf")


def load_fallbacks(folder: Path) -> None:
    """Load the libraries in ``folder`` that this system lacks, before Qt looks for them, and use
    the fonts there where no others are known. Raises OSError.
    """
    for name in NAMES:
        try:
            ctypes.CDLL(name)
        except OSError:
            ctypes.CDLL(str(folder / name))
    if not _FONTS.exists():
        os.environ.setdefault("FONTCONFIG_FILE", str(folder / "fonts.conf"))


def find_libraries() -> dict[str, Path]:
    """Where this machine has them. Raises FileNotFoundError for those that it lacks."""
    listed = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=True)
    found = dict(re.findall(r"^\s+(\S+) \([^)]*64[^)]*\) => (\S+)$", listed.stdout, re.MULTILINE))
    if missing := [name for name in NAMES if name not in found]:
        raise FileNotFoundError(f"this machine lacks {', '.join(missing)}")
    return {name: Path(found[name]) for name in NAMES}
