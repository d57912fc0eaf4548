"""``inpaint explain``: why one filled pixel is as it is, and where it was copied from."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from inpaint_core.cli import terminal
from inpaint_core.cli.inspection_options import (
    add_fill_options,
    add_photo_options,
    prepare,
    put_picture,
    put_text,
    request_of,
)

if TYPE_CHECKING:
    from inpaint_core.contract.request import InpaintRequest
    from inpaint_core.inspection.capture import Run
    from inpaint_core.inspection.influence import Influence

HELP = "Fill, and say of one filled pixel where it came from and what decided its colour."

ENGINE = "tsgl"
INDEX, SOURCE, OFFSETS = "explain.json", "source.png", "offsets.png"
BY_PHOTO, BY_EDGES = "influence-photo.png", "influence-edges.png"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``inpaint explain``."""
    add_photo_options(parser)
    parser.add_argument(
        "--at", metavar="X,Y", type=_place, required=True, help="a pixel of the hole, as 812,640"
    )
    add_fill_options(parser, ENGINE)


def run(args: argparse.Namespace) -> int:
    """Fill, ask, write. Returns 0."""
    from inpaint_core.cli.interruption import stoppable
    from inpaint_core.contract.errors import BadRequest
    from inpaint_core.contract.progress import Progress
    from inpaint_core.engine.engine import Engine
    from inpaint_core.generators.registry import generator
    from inpaint_core.inspection.capture import look_inside
    from inpaint_core.inspection.influence import influence
    from inpaint_core.inspection.provenance import source_of

    spec = generator(args.engine)
    copies = spec.native_stage or "offsets" in spec.products or spec.choose is not None
    if not (copies or spec.taps):
        raise BadRequest(
            f"The engine “{spec.id}” neither copies pixels nor has a network to be asked.",
            f"Choose another engine, as “{ENGINE}”.",
        )
    prepare(args, (INDEX, SOURCE, OFFSETS, BY_PHOTO, BY_EDGES))
    request = request_of(args)
    x, y = args.at
    _check_in_hole(request, x, y)
    with terminal.Bar(sys.stderr, args.quiet) as bar:
        progress = Progress(bar)
        with stoppable(progress):
            done = look_inside(request, Engine(), (), progress.part(0.0, 0.8))
            progress.report(0.8, "Asking the network")
            asked = [c.seen for c in done.captures if hasattr(c.seen.net, "inputs")]
            why = influence(done, x, y) if asked else None
            _write(args, done, why)
            progress.report(1.0, "Done")
    source = source_of(done.result, x, y)
    if not args.quiet:
        came = f"copied from {source[0]}, {source[1]}" if source else "not copied from anywhere"
        print(f"{x}, {y}: {came}")
    return 0


def _check_in_hole(request: InpaintRequest, x: int, y: int) -> None:
    from inpaint_core.contract.errors import BadRequest
    from inpaint_core.contract.geometry import Rect
    from inpaint_core.raster.soft_masks import soften

    height, width = request.mask.shape
    if not (0 <= x < width and 0 <= y < height):
        raise BadRequest(
            f"The photo of {width} x {height} pixels has no pixel {x}, {y}.",
            f"Take x from 0 to {width - 1} and y from 0 to {height - 1}.",
        )
    mask = soften(request.mask, request.grow, request.feather)
    box = mask.rect
    if not mask.over(Rect(x, y, 1, 1)).any():
        raise BadRequest(
            f"The pixel {x}, {y} is not in the hole, so it is the photo's own.",
            f"The hole lies within x {box.x} to {box.right - 1}, y {box.y} to {box.bottom - 1}.",
        )


def _write(args: argparse.Namespace, done: Run, why: Influence | None) -> None:
    from inpaint_core.inspection.pixel_answer import influence_picture, source_picture
    from inpaint_core.inspection.provenance import source_of
    from inpaint_core.inspection.run_export import offsets_picture

    x, y = args.at
    result = done.result
    source = source_of(result, x, y)
    after = result.applied_to(done.request.image)
    found: dict[str, Any] = {
        "schema": 1,
        "pixel": [x, y],
        "before": done.request.image[y, x].tolist(),
        "after": after[y, x].tolist(),
        "copied_from": None if source is None else list(source),
        "engine": result.engine,
        "seed": result.seed,
        "weights_sha256": result.weights_sha256,
        "network": None,
        "notes": list(done.notes),
    }
    if done.offsets is not None:
        put_picture(args, OFFSETS, offsets_picture(done))
        put_picture(args, SOURCE, source_picture(done, x, y))
    if why is not None:
        found["network"] = {
            "brightness": why.value,
            "tile": [why.capture.place.width, why.capture.place.height],
            "strongest": list(why.strongest),
        }
        put_picture(args, BY_PHOTO, influence_picture(done, why, "photo"))
        if why.edges is not None:
            put_picture(args, BY_EDGES, influence_picture(done, why, "edges"))
    put_text(args, INDEX, json.dumps(found, indent=2, ensure_ascii=False) + "\n")


def _place(text: str) -> tuple[int, int]:
    """“X,Y” as two whole numbers."""
    try:
        x, y = (int(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}” is not two whole numbers, as 812,640") from None
    return x, y
