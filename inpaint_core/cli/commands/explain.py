"""``inpaint explain``: why one filled pixel is as it is, and where it was copied from."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from inpaint_core.cli.options import add_inspected_fill_options, add_inspection_options, read_files
from inpaint_core.cli.result_folder import prepare_folder, write_json, write_picture
from inpaint_core.contract.message import Message

if TYPE_CHECKING:
    from inpaint_core.contract.request import InpaintRequest, InpaintResult
    from inpaint_core.inspection.capture import InspectedRun
    from inpaint_core.inspection.influence import Influence
    from inpaint_core.photo.photo import Photo

HELP = "Fill, and say of one filled pixel where it came from and what decided its colour."

ENGINE = "tsgl"
INDEX, SOURCE, OFFSETS = "explain.json", "source.png", "offsets.png"
BY_PHOTO, BY_EDGES = "influence-photo.png", "influence-edges.png"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``inpaint explain``."""
    add_inspection_options(parser)
    parser.add_argument(
        "--at", metavar="X,Y", type=_place, required=True, help="a pixel of the hole, as 812,640"
    )
    add_inspected_fill_options(parser, ENGINE)


def run(args: argparse.Namespace) -> int:
    """Fill, ask, write. Returns 0."""
    from inpaint_core.cli.interruption import show_progress
    from inpaint_core.contract.errors import BadRequest
    from inpaint_core.engine.engine import Engine
    from inpaint_core.generators.registry import generator
    from inpaint_core.inspection.capture import look_inside
    from inpaint_core.inspection.influence import find_influence, find_source, is_in_perspective
    from inpaint_core.retouch.retouch import build_request

    spec = generator(args.engine)
    copies = spec.native_stage or "offsets" in spec.products or spec.choose is not None
    if not (copies or spec.taps):
        raise BadRequest("command.nothing_to_explain", engine=spec.id, other=ENGINE)
    prepare_folder(args, (INDEX, SOURCE, OFFSETS, BY_PHOTO, BY_EDGES))
    photo, mask, options = read_files(args)
    request = build_request(photo, mask, options)
    x, y = args.at
    _check_in_hole(request, x, y)
    with show_progress(args.quiet) as (_, progress):
        done = look_inside(request, Engine(), (), progress.part(0.0, 0.8))
        progress.report(0.8, Message("command.asking_network"))
        asked = [c for c in done.captures if hasattr(c.generator_pass.net, "inputs")]
        why = find_influence(done, x, y) if asked else None
        _write(args, photo, done, why)
        progress.report(1.0)
    source = find_source(done.result, x, y)
    if not args.quiet:
        came = f"copied from {source[0]}, {source[1]}" if source else "not copied from anywhere"
        if source and is_in_perspective(done.result, x, y):
            came = f"continued in perspective, from between pixels near {source[0]}, {source[1]}"
        print(f"{x}, {y}: {came}")
    return 0


def _check_in_hole(request: InpaintRequest, x: int, y: int) -> None:
    from inpaint_core.contract.errors import BadRequest
    from inpaint_core.contract.geometry import Rect
    from inpaint_core.engine.effective_mask import find_effective_mask
    from inpaint_core.retouch.fill_task import nothing_left

    height, width = request.mask.shape
    if not (0 <= x < width and 0 <= y < height):
        raise BadRequest(
            "command.pixel_outside",
            width=width,
            height=height,
            x=x,
            y=y,
            right=width - 1,
            bottom=height - 1,
        )
    mask = find_effective_mask(request).mask
    if mask.rect.is_empty:
        raise nothing_left(request.options.grow)
    box = mask.rect
    if not mask.over(Rect(x, y, 1, 1)).any():
        raise BadRequest(
            "command.pixel_not_in_hole",
            x=x,
            y=y,
            left=box.x,
            right=box.right - 1,
            top=box.y,
            bottom=box.bottom - 1,
        )


def _write(
    args: argparse.Namespace, photo: Photo, done: InspectedRun, why: Influence | None
) -> None:
    from inpaint_core.inspection.export.run_files import draw_offsets
    from inpaint_core.inspection.influence import (
        draw_influence,
        draw_source,
        find_source,
        is_in_perspective,
    )

    x, y = args.at
    result = done.result
    source = find_source(result, x, y)
    before, after = _colours(photo, result, x, y)
    found: dict[str, Any] = {
        "schema": 1,
        "pixel": [x, y],
        "before": before,
        "after": after,
        "copied_from": None if source is None else list(source),
        "in_perspective": is_in_perspective(result, x, y),
        "engine": result.engine,
        "seed": result.seed,
        "weights_sha256": result.weights_sha256,
        "network": None,
        "notes": list(map(str, done.notes)),
    }
    if done.offsets is not None:
        write_picture(args, OFFSETS, draw_offsets(done))
        write_picture(args, SOURCE, draw_source(done, x, y))
    if why is not None:
        found["network"] = {
            "brightness": why.value,
            "tile": [why.capture.place.width, why.capture.place.height],
            "strongest": list(why.strongest),
        }
        write_picture(args, BY_PHOTO, draw_influence(done, why, "photo"))
        if why.edges is not None:
            write_picture(args, BY_EDGES, draw_influence(done, why, "edges"))
    write_json(args, INDEX, found)


def _colours(photo: Photo, result: InpaintResult, x: int, y: int) -> tuple[list[int], list[int]]:
    """The pixel before and after the fill, in the photo's own numbers."""
    from inpaint_core.photo.tone import find_tone

    before = photo.pixels[y : y + 1, x : x + 1]
    top, left = y - result.rect.y, x - result.rect.x
    after = result.pixels[top : top + 1, left : left + 1]
    tone = find_tone(photo)
    if tone is not None:
        after = tone.restore(before, after)
    return before[0, 0].tolist(), after[0, 0].tolist()


def _place(text: str) -> tuple[int, int]:
    """“X,Y” as two whole numbers."""
    try:
        x, y = (int(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}” is not two whole numbers, as 812,640") from None
    return x, y
