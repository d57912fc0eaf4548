"""What `priors`, `features` and `explain` share: options, what they read, where they write."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from inpaint_core.cli.options import DEVICES, add_mask_options, whole

if TYPE_CHECKING:
    from PIL.Image import Image

    from inpaint_core.contract.request import InpaintRequest


PRECISIONS = ("auto", "float32", "bfloat16", "float16")
"""As the contract has them, which is not imported for a help text."""


def add_photo_options(parser: argparse.ArgumentParser) -> None:
    """The photo, its mask, and the folder for what is found."""
    parser.add_argument("photo", metavar="PHOTO", type=Path)
    parser.add_argument(
        "--mask",
        metavar="MASK",
        type=Path,
        required=True,
        help="a picture of the photo's size: bright = remove, soft edges allowed",
    )
    parser.add_argument(
        "--out-dir",
        metavar="DIR",
        type=Path,
        required=True,
        help="where the results go; it is made if it is not there",
    )
    add_mask_options(parser)
    parser.add_argument(
        "--max-pixels", metavar="N", type=whole(1, 2**40), help="raise the limit on a photo's size"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace outputs that exist")


def add_fill_options(parser: argparse.ArgumentParser, engine: str) -> None:
    """How the fill is made that is looked into."""
    how = parser.add_argument_group("filling")
    how.add_argument(
        "--engine",
        metavar="ID",
        default=engine,
        help=f"one of “inpaint engines”; {engine} if not given",
    )
    how.add_argument(
        "--device", choices=DEVICES, default="auto", help="where networks run (auto: a GPU if any)"
    )
    how.add_argument(
        "--seed", metavar="N", type=whole(0, 2**63 - 1), default=0, help="seed of the fill (0)"
    )
    how.add_argument(
        "--precision",
        choices=PRECISIONS,
        default="auto",
        help="what networks compute in (auto: what is fastest on the device)",
    )
    how.add_argument(
        "--lines", metavar="FILE", type=Path, help="lines that run straight through the hole"
    )
    how.add_argument(
        "--edges", metavar="FILE", type=Path, help="a picture of edges that the fill must have"
    )


def request_of(args: argparse.Namespace) -> InpaintRequest:
    """Read the photo, its mask, and edges and lines where the command takes some.

    Raises what reading them raises, and `BadRequest` when nothing is left of a shrunken mask.
    """
    from inpaint_core.contract.errors import BadRequest
    from inpaint_core.contract.request import InpaintRequest
    from inpaint_core.photo.mask_picture import require_hole
    from inpaint_core.photo.read_photo import read_mask, read_photo
    from inpaint_core.raster.soft_masks import soften
    from inpaint_core.retouch.edge_file import read_edges
    from inpaint_core.retouch.line_file import check_lines, read_lines

    limit = {} if args.max_pixels is None else {"max_pixels": args.max_pixels}
    given = vars(args)
    lines = () if given.get("lines") is None else read_lines(args.lines)
    photo = read_photo(args.photo, **limit)
    check_lines(lines, photo.shape)
    mask = read_mask(args.mask, photo.shape, **limit)
    require_hole(mask, str(args.mask))
    if soften(mask, args.grow, args.feather).rect.empty:
        raise BadRequest(
            f"Nothing is left of the mask when it shrinks by {-args.grow} pixels.",
            "Take a --grow nearer to 0.",
        )
    edges = given.get("edges")
    return InpaintRequest(
        photo.pixels,
        mask,
        given.get("engine", "auto"),
        given.get("seed", 0),
        args.grow,
        args.feather,
        lines=lines,
        edges=None if edges is None else read_edges(edges, photo.shape, **limit),
        device=given.get("device", "auto"),
        precision=given.get("precision", "auto"),
    )


def prepare(args: argparse.Namespace, names: Iterable[str]) -> None:
    """Make the output folder, and make sure that files of these names can be put there.

    Raises `CannotWrite`.
    """
    from inpaint_core.retouch.output_places import check_apart, check_place, refused

    try:
        args.out_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise refused(args.out_dir, error) from error
    inputs = [vars(args).get(name) for name in ("photo", "mask", "lines", "edges")]
    for name in names:
        check_apart(args.out_dir / name, inputs)
        check_place(args.out_dir / name, args.overwrite)


def put_picture(args: argparse.Namespace, name: str, picture: Image) -> None:
    """Write a picture as PNG into the output folder. Raises `CannotWrite`."""
    _put(args, name, partial(_png, picture))


def put_text(args: argparse.Namespace, name: str, text: str) -> None:
    """Write a text into the output folder. Raises `CannotWrite`."""
    _put(args, name, partial(_text, text))


def _put(args: argparse.Namespace, name: str, write: Callable[[BinaryIO], object]) -> None:
    from inpaint_core.photo.atomic_file import replacing

    with replacing(args.out_dir / name, args.overwrite) as stream:
        write(stream)


def _png(picture: Image, stream: BinaryIO) -> None:
    picture.save(stream, "PNG")


def _text(text: str, stream: BinaryIO) -> None:
    stream.write(text.encode("utf-8", "backslashreplace"))
