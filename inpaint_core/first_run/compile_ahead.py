"""Compiles the loops of fills, exports and searches by doing tiny ones."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from inpaint_core.contract.options import FillOptions
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import InpaintRequest
from inpaint_core.engine.engine import Engine
from inpaint_core.exemplar.seam_levelling import describe_surroundings
from inpaint_core.generators.registry import generator
from inpaint_core.perspective.vanishing_points import find_common_point, find_vanishing_points
from inpaint_core.raster.composition import to_float
from inpaint_core.selection.strip import find_path

_SIDE = 64  # pixels


def compile_fills(progress: Progress) -> None:
    """Compile what exemplar synthesis runs, with a guide and without, or load it from disk, which
    takes 0.5 s. Raises `Cancelled`.
    """
    noise = np.random.default_rng(0).integers(0, 16, (_SIDE, _SIDE, 3), np.uint8)
    pixels = noise + np.arange(_SIDE, dtype=np.uint8)[:, None, None]  # a guide is worth following
    mask = np.zeros((_SIDE, _SIDE), np.uint8)
    mask[28:36, 28:36] = 255
    guiding = replace(generator("harmonic"), id="guiding", native_stage=True, trust=0.5)
    engine = Engine(own=[guiding])
    for name in ("exemplar", guiding.id):
        engine.inpaint(InpaintRequest(pixels, mask, FillOptions(engine=name)), progress)
    # So small a picture has too few lines to look where they meet, and no steep seams.
    ends = np.random.default_rng(0).uniform(0, _SIDE, (8, 4))
    find_vanishing_points(ends, (), (_SIDE, _SIDE))
    find_common_point(ends.reshape(-1, 2, 2).astype(np.float32), 1.0)
    place = np.zeros(1, np.intp)
    describe_surroundings(to_float(pixels), mask > 0, place, place)


def compile_exports() -> None:
    """Compile what reads a JPEG's blocks and keeps them in another file, or load it from disk."""
    from inpaint_core.photo.formats.jpeg.kept_blocks import compile_ahead

    compile_ahead()


def compile_searches() -> None:
    """Compile what follows wires, or load it from disk."""
    find_path(np.zeros((4, 4), np.float32), 1.0)


def find_compiled_sources() -> list[Path]:
    """The source files, of the modules imported so far, that define compiled functions."""
    from inpaint_core.local.compiled import is_compiled

    modules = [m for name, m in sys.modules.items() if name.startswith("inpaint_core.")]
    return [
        Path(str(module.__file__))
        for module in modules
        if any(is_compiled(value) for value in tuple(vars(module).values()))
    ]
