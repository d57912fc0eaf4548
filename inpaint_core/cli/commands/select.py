"""``inpaint select``: a mask of what is found in a photo: wires, spots or writing."""

from __future__ import annotations

import argparse

from inpaint_core.cli import terminal
from inpaint_core.cli.options import add_sensitivity
from inpaint_core.contract.errors import BadRequest
from inpaint_core.contract.file_names import to_path
from inpaint_core.contract.message import Message

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
    add_sensitivity(parser)
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
    photo = read_photo(args.photo)
    with show_progress(args.quiet) as (_, progress):
        progress.report(0.0, Message("command.selecting", what=KINDS[args.kind]))
        marks = find_marks(args.kind, photo.pixels, float(args.sensitivity), progress)
    mask = draw_marks(marks, photo.shape)
    write_photo(args.out, Photo(grey_pixels(mask), is_grey=True), overwrite=args.overwrite)
    if terminal.wants_remarks(args):
        terminal.remark(f"{args.out}: {len(marks)} found")
    return 0
