"""Lacuna's library: a photo and a mask in, the photo without the object out.

It needs no Qt. Arrays are indexed ``[y, x]``, colour is RGB, and a hole is True or 255 where pixels
are to be filled::

    from pathlib import Path
    from inpaint_core import fill, read_mask, read_photo, write_photo

    photo = read_photo(Path("photo.jpg"))
    mask = read_mask(Path("mask.png"), photo.shape)
    write_photo(Path("without.jpg"), fill(photo, mask))

The names below are the public ones. Each is imported when it is first used, so that
``import inpaint_core`` loads nothing else: no NumPy, no torch, no numba.
"""

import os
from typing import TYPE_CHECKING, Any

from inpaint_core.contract.version import __version__

# How the threads of torch's operators wait for each other: asleep. Spinning, as they do otherwise,
# they take the processor from whoever else has work. The OpenMP libraries of all three systems read
# it once, when torch is loaded, which nothing outside of this package does.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # GNU
os.environ.setdefault("KMP_BLOCKTIME", "0")  # LLVM, Intel: milliseconds of spinning

if TYPE_CHECKING:
    from inpaint_core.contract.errors import InpaintError
    from inpaint_core.contract.geometry import Plane, Rect, Segment
    from inpaint_core.contract.options import FillOptions
    from inpaint_core.contract.preview import FillPreview
    from inpaint_core.contract.progress import Cancelled, Progress
    from inpaint_core.contract.request import Fill, InpaintRequest, InpaintResult, View
    from inpaint_core.contract.specs import GeneratorSpec
    from inpaint_core.engine.engine import Engine
    from inpaint_core.generators.registry import generators as engines
    from inpaint_core.inspection.capture import look_inside
    from inpaint_core.photo.photo import Photo
    from inpaint_core.photo.read_photo import read_mask, read_photo
    from inpaint_core.photo.write_photo import write_photo
    from inpaint_core.retouch.fill import fill
    from inpaint_core.retouch.retouch import build_request

__all__ = [
    "Cancelled",
    "Engine",
    "Fill",
    "FillOptions",
    "FillPreview",
    "GeneratorSpec",
    "InpaintError",
    "InpaintRequest",
    "InpaintResult",
    "Photo",
    "Plane",
    "Progress",
    "Rect",
    "Segment",
    "View",
    "__version__",
    "build_request",
    "engines",
    "fill",
    "look_inside",
    "read_mask",
    "read_photo",
    "write_photo",
]

_HOMES = {
    "Cancelled": "contract.progress",
    "Engine": "engine.engine",
    "Fill": "contract.request",
    "FillOptions": "contract.options",
    "FillPreview": "contract.preview",
    "GeneratorSpec": "contract.specs",
    "InpaintError": "contract.errors",
    "InpaintRequest": "contract.request",
    "InpaintResult": "contract.request",
    "Photo": "photo.photo",
    "Plane": "contract.geometry",
    "Progress": "contract.progress",
    "Rect": "contract.geometry",
    "Segment": "contract.geometry",
    "View": "contract.request",
    "build_request": "retouch.retouch",
    "engines": "generators.registry:generators",
    "fill": "retouch.fill",
    "look_inside": "inspection.capture",
    "read_mask": "photo.read_photo",
    "read_photo": "photo.read_photo",
    "write_photo": "photo.write_photo",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    module, _, symbol = _HOMES[name].partition(":")
    value = getattr(import_module(f"{__name__}.{module}"), symbol or name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
