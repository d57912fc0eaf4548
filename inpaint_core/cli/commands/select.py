"""``inpaint select``: a mask of what is found in a photo: wires, spots or writing."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from inpaint_core.cli import terminal
from inpaint_core.cli.options import number
from inpaint_core.contract.errors import BadRequest
from inpaint_core.contract.file_names import to_path
from inpaint_core.contract.message import Message

if TYPE_CHECKING:
    from inpaint_core.contract.arrays import Pixels
    from inpaint_core.contract.progress import Progress
    from inpaint_core.selection.mark import Mark

HELP = "Write a mask of what is found in a photo, to be looked at and given to “fill” or “batch”."

KINDS = {
    "wires": "wires and poles in front of the sky",
    "spots": "dust on the sensor and blemishes",
    "text": "dates, signs and watermarks",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``inpaint select``."""
    kinds = ", ".join(f"{kind}: {what}" for kind, what in KINDS.items())
    parser.add_argument("kind", metavar="WHAT", choices=tuple(KINDS), help=kinds)
    parser.add_argument("photo", metavar="PHOTO", type=to_path)
    parser.add_argument(
        "--out", metavar="MASK", type=to_path, required=True, help="the mask, white = remove"
    )
    parser.add_argument(
        "--sensitivity",
        metavar="N",
        type=number(0, 100),
        default=50.0,
        help="of spots, 0 to 100: the higher, the fainter ones count (default: 50)",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace the mask if it exists")


def run(args: argparse.Namespace) -> int:
    """Find and write. Returns 0, also where nothing was found: the mask is empty then."""
    from inpaint_core.cli.interruption import show_progress
    from inpaint_core.photo.photo import Photo, grey_pixels
    from inpaint_core.photo.read_photo import read_photo
    from inpaint_core.photo.write_photo import write_photo
    from inpaint_core.selection.mark import draw_marks

    if args.out == args.photo:
        raise BadRequest("command.mask_over_photo", path=args.out)
    photo = read_photo(args.photo)
    with show_progress(args.quiet) as (_, progress):
        progress.report(0.0, Message("command.selecting", what=KINDS[args.kind]))
        marks = find(args.kind, photo.pixels, float(args.sensitivity), progress)
    mask = draw_marks(marks, photo.shape)
    write_photo(args.out, Photo(grey_pixels(mask), is_grey=True), overwrite=args.overwrite)
    if terminal.wants_remarks(args):
        terminal.remark(f"{args.out}: {len(marks)} found")
    return 0


def find(kind: str, pixels: Pixels, sensitivity: float, progress: Progress) -> list[Mark]:
    """The marks of that kind in ``pixels`` (H, W, 3) uint8 or uint16."""
    from inpaint_core.selection.sky_wires import find_wires
    from inpaint_core.selection.spots import find_spots, least_certainty
    from inpaint_core.selection.text_marks import SURE, find_text

    if kind == "wires":
        return find_wires(pixels, progress)
    if kind == "text":
        return [mark for mark in find_text(pixels, progress) if mark.certainty >= SURE]
    least = least_certainty(sensitivity)
    drawn = [s.draw(pixels.shape[:2]) for s in find_spots(pixels, progress) if s.certainty >= least]
    return [mark for mark in drawn if mark is not None]
