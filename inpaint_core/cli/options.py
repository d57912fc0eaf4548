"""The options that several sub-commands take, and the values made of them."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from inpaint_core.cli import terminal
from inpaint_core.cli.resize_options import add_resize_options, read_resize
from inpaint_core.contract.choices import (
    CHROMA_SAMPLINGS,
    DEFAULT_ENGINE,
    DEFAULT_FEATHER,
    DEVICES,
    MAX_COORDINATE,
    MAX_REACH,
    MAX_SEED,
    METADATA_CHOICES,
    PERSPECTIVES,
    PRECISIONS,
    PROFILES,
    REGULARITIES,
    is_device,
)
from inpaint_core.contract.file_names import to_path

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from inpaint_core.contract.arrays import BoolMask
    from inpaint_core.contract.geometry import Plane
    from inpaint_core.contract.options import FillOptions, OutputOptions
    from inpaint_core.contract.request import InpaintRequest
    from inpaint_core.photo.photo import Photo
    from inpaint_core.retouch.fill_files import FillFiles, Finding
    from inpaint_core.retouch.replay_task import ReplayTask

# Options that a project sets for every fill, with their defaults.
_PROJECT_OPTION_DEFAULTS = {
    "engine": DEFAULT_ENGINE,
    "seed": 0,
    "grow": None,
    "feather": DEFAULT_FEATHER,
    "protect": None,
    "source": None,
    "lines": None,
    "plane": None,
    "perspective": "auto",
    "regularity": "auto",
    "edges": None,
    "semantic": None,
    "scale_mask": False,
}


def add_photo_and_mask(parser: argparse.ArgumentParser) -> None:
    """One photo and its mask."""
    parser.add_argument("photo", metavar="PHOTO", type=to_path)
    parser.add_argument(
        "--mask",
        metavar="MASK",
        type=to_path,
        required=True,
        help="a picture of the photo's size: bright = remove, soft edges allowed",
    )


def add_mask_options(parser: argparse._ActionsContainer) -> None:
    """How the mask is made larger and softer."""
    parser.add_argument(
        "--grow",
        metavar="PX",
        type=whole_number(-MAX_REACH, MAX_REACH),
        help="grow the mask by this many pixels, shrink it when negative; 0 leaves it as it is "
        "(default: where it ends on the edge of what it covers, by what is left of that edge)",
    )
    parser.add_argument(
        "--feather",
        metavar="PX",
        type=number(0, MAX_REACH),
        default=DEFAULT_FEATHER,
        help=f"fade the mask's edge outwards over this many pixels (default: {DEFAULT_FEATHER:g})",
    )


def add_sensitivity(parser: argparse._ActionsContainer) -> None:
    """How faint spots may be."""
    parser.add_argument(
        "--sensitivity",
        metavar="N",
        type=number(0, 100),
        default=50.0,
        help="of spots, 0 to 100: the higher, the fainter ones count (default: 50)",
    )


def add_scale_mask(parser: argparse._ActionsContainer) -> None:
    """Masks of another size."""
    parser.add_argument(
        "--scale-mask",
        action="store_true",
        help="scale a mask of another size, but of the photo's proportions, to the photo",
    )


def add_device(parser: argparse._ActionsContainer) -> None:
    """Where networks run."""
    parser.add_argument(
        "--device",
        metavar="DEVICE",
        type=device,
        default="auto",
        help="where networks run: auto, cpu, cuda, cuda:1 or mps (default: auto, a GPU if there is"
        " one)",
    )


def add_engine_options(parser: argparse._ActionsContainer, engine: str = DEFAULT_ENGINE) -> None:
    """What fills, and the edges and lines that it follows."""
    parser.add_argument(
        "--engine",
        metavar="ID",
        default=engine,
        help=f"one of “inpaint engines” (default: {engine})",
    )
    add_device(parser)
    parser.add_argument(
        "--seed",
        metavar="N",
        type=whole_number(0, MAX_SEED),
        default=0,
        help="another number gives another fill; the same one gives the same bytes (default: 0)",
    )
    parser.add_argument(
        "--lines",
        metavar="FILE",
        type=to_path,
        help="lines that run straight through the hole: rows of “x0 y0 x1 y1”, or a JSON list",
    )
    parser.add_argument(
        "--plane",
        metavar="X0,Y0,..,X3,Y3",
        action="append",
        type=_parse_plane,
        help="continue the surface in perspective that has a rectangle with these four corners, "
        "in order around it, in every hole that it reaches into; may be repeated",
    )
    parser.add_argument(
        "--perspective",
        choices=PERSPECTIVES,
        default="auto",
        help="continue surfaces that are found: those that are sure (auto), also those that are "
        "only likely (always), or none (off) (default: auto)",
    )
    parser.add_argument(
        "--regularity",
        choices=REGULARITIES,
        default="auto",
        help="keep lines that cross the hole together, and what repeats, in step, or not (off) "
        "(default: auto)",
    )
    parser.add_argument(
        "--edges",
        metavar="FILE",
        type=to_path,
        help="a picture of the photo's size: edges drawn white on black that the fill must have",
    )
    parser.add_argument(
        "--semantic",
        metavar="FILE",
        type=to_path,
        help="a picture of the photo's size that shows what things are, a colour for each class, "
        "for networks that were trained with such maps",
    )


def add_max_pixels(parser: argparse._ActionsContainer) -> None:
    """The limit on a photo's size."""
    parser.add_argument(
        "--max-pixels",
        metavar="N",
        type=whole_number(1, 2**40),
        help="raise the limit on a photo's size, which keeps decompression bombs out",
    )


def add_fill_options(parser: argparse.ArgumentParser) -> None:
    """How to fill, what to keep away from, and how to write."""
    filling = parser.add_argument_group("filling")
    add_engine_options(filling)
    add_mask_options(filling)
    filling.add_argument(
        "--protect", metavar="MASK", type=to_path, help="never copy from where this mask is bright"
    )
    filling.add_argument(
        "--source", metavar="MASK", type=to_path, help="copy only from where this mask is bright"
    )
    files = parser.add_argument_group("files")
    files.add_argument(
        "--quality", metavar="Q", type=whole_number(1, 100), help="of JPEG and WebP, 1 to 100"
    )
    files.add_argument(
        "--chroma",
        choices=CHROMA_SAMPLINGS,
        default="",
        help="chroma sampling of a JPEG (default: the photo's own)",
    )
    files.add_argument(
        "--profile",
        choices=PROFILES,
        default="keep",
        help="convert the colours for the output: sRGB, Display P3 or Adobe RGB (default: keep)",
    )
    files.add_argument(
        "--metadata",
        choices=METADATA_CHOICES,
        default="all",
        help="metadata to keep: all, no_gps (no location or serial numbers) or none (default: all)",
    )
    files.add_argument(
        "--history", action="store_true", help="say in the XMP data that pixels were synthesised"
    )
    files.add_argument(
        "--layers",
        action="store_true",
        help="write what was filled as a layer of its own into a TIFF (PSD and ORA always have it)",
    )
    add_resize_options(files)
    add_max_pixels(files)
    files.add_argument(
        "--report", metavar="FILE.json", type=to_path, help="write timings, memory, plan and seed"
    )
    files.add_argument("--overwrite", action="store_true", help="replace outputs that exist")


def add_inspection_options(parser: argparse.ArgumentParser) -> None:
    """The photo, its mask, and the folder for what is found in it."""
    add_photo_and_mask(parser)
    parser.add_argument(
        "--out-dir",
        metavar="DIR",
        type=to_path,
        required=True,
        help="folder for the results; created if missing",
    )
    add_mask_options(parser)
    add_max_pixels(parser)
    parser.add_argument("--overwrite", action="store_true", help="replace outputs that exist")


def add_inspected_fill_options(parser: argparse.ArgumentParser, engine: str) -> None:
    """Options of the fill to inspect."""
    filling = parser.add_argument_group("filling")
    add_engine_options(filling, engine)
    filling.add_argument(
        "--precision",
        choices=PRECISIONS,
        default="auto",
        help="what networks compute in (default: auto, what is fastest on the device)",
    )


def fill_files(args: argparse.Namespace, photo: Path, mask: Path | Finding) -> FillFiles:
    """The files of a fill and its options, as far as the sub-command has them."""
    from dataclasses import fields

    from inpaint_core.contract.options import FillOptions
    from inpaint_core.retouch.fill_files import FillFiles

    given = vars(args)
    names = {field.name for field in fields(FillOptions)} - {"lines", "planes"}
    planes = tuple(given.get("plane") or ())
    options: FillOptions[Path] = FillOptions(
        **{name: given[name] for name in names & set(given)}, planes=planes
    )
    scale_mask = bool(given.get("scale_mask"))
    return FillFiles(photo, mask, options, given.get("lines"), args.max_pixels, scale_mask)


def output_options(args: argparse.Namespace) -> OutputOptions:
    """How the result is to be written."""
    from inpaint_core.contract.options import OutputOptions

    return OutputOptions(
        quality=args.quality,
        chroma=args.chroma,
        profile=args.profile,
        metadata=args.metadata,
        note_in_xmp=args.history,
        layers=args.layers,
        resize=read_resize(args),
    )


def replay_task(args: argparse.Namespace, photo: Path, out: Path) -> ReplayTask:
    """The replay that the options of ``inpaint batch --project`` ask for."""
    from inpaint_core.retouch.replay_task import ReplayTask

    return ReplayTask(
        photo, args.project, out, args.device, output_options(args), args.max_pixels, args.overwrite
    )


def check_project(args: argparse.Namespace) -> None:
    """Refuse a project that cannot be replayed on any photo, and options that are its own.

    Raises what reading a project raises, `UnknownEngine` and `BadRequest`.
    """
    from inpaint_core.contract.errors import BadRequest
    from inpaint_core.retouch import replay_task

    for name, default in _PROJECT_OPTION_DEFAULTS.items():
        if getattr(args, name) != default:
            raise BadRequest("command.option_with_project", option=f"--{name.replace('_', '-')}")
    replay_task.check_project(args.project)


def read_request(args: argparse.Namespace) -> InpaintRequest:
    """What the engine is asked of the photo, as ``inpaint fill`` would ask.

    Raises what reading the files raises.
    """
    from inpaint_core.retouch.retouch import build_request

    return build_request(*read_files(args))


def read_files(
    args: argparse.Namespace,
) -> tuple[Photo, NDArray[np.uint8], FillOptions[BoolMask]]:
    """The photo, its mask and the options; prints what there is to note of the masks.

    Raises what reading the files raises.
    """
    photo, mask, options, notes = fill_files(args, args.photo, args.mask).read()
    if not args.quiet:
        for note in notes:
            terminal.remark(f"note: {note}")
    return photo, mask, options


_Number = TypeVar("_Number", int, float)


def _parse_plane(text: str) -> Plane:
    from inpaint_core.contract.geometry import Plane

    parse = number(-MAX_COORDINATE, MAX_COORDINATE)
    parts = text.replace(",", " ").split()
    if len(parts) != 8:
        raise argparse.ArgumentTypeError(f"“{text}” is not four corners “x0,y0,x1,y1,x2,y2,x3,y3”")
    plane = Plane.from_numbers([parse(part) for part in parts])
    if not plane.is_valid:
        raise argparse.ArgumentTypeError(f"the corners “{text}” do not go round a rectangle")
    return plane


def whole_number(low: int, high: int) -> Callable[[str], int]:
    """A parser of whole numbers from ``low`` to ``high``."""
    return _parser(int, low, high, "a whole number", f"{low} and {high}")


def number(low: float, high: float) -> Callable[[str], float]:
    """A parser of numbers from ``low`` to ``high``."""
    return _parser(float, low, high, "a number", f"{low:g} and {high:g}")


def device(text: str) -> str:
    """The name of a device."""
    if not is_device(text):
        choices = ", ".join((*DEVICES, "cuda:1"))
        raise argparse.ArgumentTypeError(f"“{text}” is not a device: choose one of {choices}")
    return text


def _parser(
    kind: type[_Number], low: float, high: float, title: str, limits: str
) -> Callable[[str], _Number]:
    def parse(text: str) -> _Number:
        try:
            value = kind(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"“{text}” is not {title}") from None
        if not low <= value <= high:  # neither is NaN
            raise argparse.ArgumentTypeError(f"{text} is not between {limits}")
        return value

    return parse
