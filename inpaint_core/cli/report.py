"""The JSON report: what was done, with what, how long it took and how much memory."""

from __future__ import annotations

import json
import platform
import sys
from pathlib import Path
from typing import Any

from inpaint_core.cli.peak_memory import peak_memory
from inpaint_core.retouch.output_places import put

SCHEMA = 1
_LIBRARIES = ("numpy", "cv2", "PIL", "numba", "torch", "tifffile")


def write_report(path: Path, command: str, content: dict[str, Any]) -> None:
    """Write ``content`` with the program's and the machine's particulars. Raises `CannotWrite`."""
    from inpaint_core import __version__

    everything = {
        "schema": SCHEMA,
        "program": f"lacuna-photo {__version__}",
        "command": command,
        **content,
        "peak_memory_bytes": peak_memory(),
        "versions": versions(),
        "platform": platform.platform(),
    }
    text = json.dumps(everything, indent=2, ensure_ascii=False, default=_plain) + "\n"
    put(path, lambda stream: stream.write(text.encode("utf-8", "backslashreplace")))


def versions() -> dict[str, str]:
    """Python's version and those of the libraries that this run has loaded, no others."""
    loaded = {name: sys.modules[name] for name in _LIBRARIES if name in sys.modules}
    return {
        "python": platform.python_version(),
        **{name: str(getattr(module, "__version__", "?")) for name, module in loaded.items()},
    }


def _plain(value: object) -> object:
    """A numpy number or array, or a value of the plan, as JSON knows it."""
    tolist = getattr(value, "tolist", None)
    return tolist() if tolist is not None else str(value)
