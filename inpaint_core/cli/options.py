"""The options of a fill, which ``fill`` and ``batch`` share."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from pathlib import Path

DEVICES = ("auto", "cpu", "cuda", "mps")
ENGINE = "auto"
FEATHER = 2.0
# As `inpaint_core.photo` has them, which is not imported for a help text.
CHROMA = ("4:4:4", "4:2:2", "4:2:0")
PROFILES = ("keep", "srgb", "p3", "adobe")
METADATA = ("all", "no_gps", "none")


def add_mask_options(parser: argparse._ActionsContainer) -> None:
    """How the mask is made larger and softer."""
    parser.add_argument(
        "--grow",
        metavar="PX",
        type=whole(-4096, 4096),
        default=0,
        help="grow the mask by this many pixels, shrink it when negative (0)",
    )
    parser.add_argument(
        "--feather",
        metavar="PX",
        type=pixels,
        default=FEATHER,
        help=f"fade the mask's edge outwards over this many pixels ({FEATHER:g})",
    )


def add_fill_options(parser: argparse.ArgumentParser) -> None:
    """How to fill, what to keep away from, and how to write."""
    how = parser.add_argument_group("filling")
    how.add_argument(
        "--engine",
        metavar="ID",
        default=ENGINE,
        help=f"one of “inpaint engines”; {ENGINE} if not given",
    )
    how.add_argument(
        "--device", choices=DEVICES, default="auto", help="where networks run (auto: a GPU if any)"
    )
    how.add_argument(
        "--seed",
        metavar="N",
        type=whole(0, 2**63 - 1),
        default=0,
        help="another number gives another fill; the same one gives the same bytes (0)",
    )
    add_mask_options(how)
    how.add_argument(
        "--protect", metavar="MASK", type=Path, help="never copy from where this mask is bright"
    )
    how.add_argument(
        "--source", metavar="MASK", type=Path, help="copy only from where this mask is bright"
    )
    how.add_argument(
        "--lines",
        metavar="FILE",
        type=Path,
        help="lines that run straight through the hole: rows of “x0 y0 x1 y1”, or a JSON list",
    )
    how.add_argument(
        "--edges",
        metavar="FILE",
        type=Path,
        help="a picture of the photo's size: edges drawn white on black that the fill must have",
    )
    files = parser.add_argument_group("files")
    files.add_argument(
        "--quality", metavar="Q", type=whole(1, 100), help="of JPEG and WebP, 1 to 100"
    )
    files.add_argument(
        "--chroma", choices=CHROMA, default="", help="chroma sampling of a JPEG (the photo's own)"
    )
    files.add_argument(
        "--profile",
        choices=PROFILES,
        default="keep",
        help="convert the colours for the output: sRGB, Display P3 or Adobe RGB (keep)",
    )
    files.add_argument(
        "--metadata",
        choices=METADATA,
        default="all",
        help="what goes out: all, no_gps (nor serial numbers), or none (all)",
    )
    files.add_argument(
        "--history", action="store_true", help="say in the XMP data that pixels were synthesised"
    )
    files.add_argument(
        "--max-pixels",
        metavar="N",
        type=whole(1, 2**40),
        help="raise the limit on a photo's size, which keeps decompression bombs out",
    )
    files.add_argument(
        "--report", metavar="FILE.json", type=Path, help="write timings, memory, plan and seed"
    )
    files.add_argument("--overwrite", action="store_true", help="replace outputs that exist")


def whole(low: int, high: int) -> Callable[[str], int]:
    """A parser of whole numbers from ``low`` to ``high``."""

    def parse(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"“{text}” is not a whole number") from None
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{value} is not between {low} and {high}")
        return value

    return parse


def pixels(text: str) -> float:
    """A length in pixels, 0 to 4096."""
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}” is not a number") from None
    if not (math.isfinite(value) and 0 <= value <= 4096):
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 4096")
    return value
