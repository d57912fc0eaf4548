"""``inpaint select``: a mask of what is found in a photo: wires, spots, writing or an object."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from inpaint_core.cli import terminal
from inpaint_core.cli.options import add_sensitivity
from inpaint_core.contract.errors import BadRequest
from inpaint_core.contract.file_names import to_path
from inpaint_core.contract.message import Message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inpaint_core.contract.arrays import Pixels
    from inpaint_core.contract.progress import Progress
    from inpaint_core.selection.mark import Mark

HELP = "Write a mask of what is found in a photo, to be looked at and given to “fill” or “batch”."

Point = tuple[int, int]

KINDS = {
    "wires": "wires and poles in front of the sky",
    "spots": "dust on the sensor and blemishes",
    "text": "dates, signs and watermarks",
    "object": "what lies at the points of --at",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``inpaint select``."""
    kinds = ", ".join(f"{kind}: {what}" for kind, what in KINDS.items())
    parser.add_argument("kind", metavar="WHAT", choices=tuple(KINDS), help=kinds)
    parser.add_argument("photo", metavar="PHOTO", type=to_path)
    parser.add_argument(
        "--out", metavar="MASK", type=to_path, required=True, help="the mask, white = remove"
    )
    add_sensitivity(parser)
    parser.add_argument(
        "--at",
        metavar="X,Y",
        type=_parse_point,
        action="append",
        help="a pixel of the object, as often as needed",
    )
    parser.add_argument(
        "--not-at",
        metavar="X,Y",
        type=_parse_point,
        action="append",
        help="a pixel beside the object that was taken for a part of it, as often as needed",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace the mask if it exists")


def run(args: argparse.Namespace) -> int:
    """Find and write. Returns 0, also where nothing was found: the mask is empty then."""
    from inpaint_core.cli.interruption import show_progress
    from inpaint_core.photo.photo import Photo, grey_pixels
    from inpaint_core.photo.read_photo import read_photo
    from inpaint_core.photo.write_photo import write_photo
    from inpaint_core.selection.find_marks import find_marks
    from inpaint_core.selection.mark import draw_marks

    if args.out == args.photo:
        raise BadRequest("command.mask_over_photo", path=args.out)
    if (args.kind == "object") != bool(args.at) or (args.not_at and not args.at):
        raise BadRequest("command.select_at")
    photo = read_photo(args.photo)
    with show_progress(args.quiet) as (_, progress):
        progress.report(0.0, Message("command.selecting", what=KINDS[args.kind]))
        if args.kind == "object":
            marks = find_object(photo.pixels, args.at, args.not_at or [], progress)
        else:
            marks = find_marks(args.kind, photo.pixels, float(args.sensitivity), progress)
    mask = draw_marks(marks, photo.shape)
    write_photo(args.out, Photo(grey_pixels(mask), is_grey=True), overwrite=args.overwrite)
    if terminal.wants_remarks(args):
        terminal.remark(f"{args.out}: {len(marks)} found")
    return 0


def find_object(
    pixels: Pixels, wanted: Sequence[Point], unwanted: Sequence[Point], progress: Progress
) -> list[Mark]:
    """The object at the pixels ``wanted`` (x, y) and not at those ``unwanted``, as one mark; none
    where nothing is found.

    Raises `BadRequest` for a pixel outside the photo, `WeightsUnavailable` without the weights.
    """
    from inpaint_core.object_selection.load_network import load_object_network
    from inpaint_core.object_selection.object_finder import ObjectFinder
    from inpaint_core.object_selection.pointing import Click, Pointing
    from inpaint_core.selection.mark import cut_to_mark

    height, width = pixels.shape[:2]
    for x, y in (*wanted, *unwanted):
        if not (0 <= x < width and 0 <= y < height):
            raise BadRequest("command.point_outside", x=x, y=y, width=width, height=height)
    clicks = [Click(x + 0.5, y + 0.5) for x, y in wanted]
    clicks += [Click(x + 0.5, y + 0.5, False) for x, y in unwanted]
    finder = ObjectFinder(pixels, load_object_network())
    found = finder.find(Pointing(tuple(clicks)), progress=progress)
    mark = None if found is None else cut_to_mark(*finder.refine(found)[::-1])
    return [] if mark is None else [mark]


def _parse_point(text: str) -> Point:
    x, y = (int(part) for part in text.split(","))
    return x, y
