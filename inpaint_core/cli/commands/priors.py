"""``inpaint priors``: what structure the known part of a photo shows."""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Callable
from dataclasses import asdict, replace

from inpaint_core.cli import terminal
from inpaint_core.cli.inspection_options import (
    add_photo_options,
    prepare,
    put_picture,
    put_text,
    request_of,
)
from inpaint_core.cli.options import whole

HELP = "Write the edges, lines, smoothed colours and other priors of a photo as pictures."

LONGEST = 2048
INDEX, TABLE = "priors.json", "lines.txt"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``inpaint priors``."""
    add_photo_options(parser)
    how = parser.add_argument_group("priors")
    how.add_argument(
        "--prior",
        metavar="ID",
        action="append",
        help="this prior only; may be repeated (all: canny, grey, lines ..)",
    )
    how.add_argument(
        "--sigma", metavar="PX", type=_number(0.1, 50), default=2.0, help="blur of edges (2)"
    )
    how.add_argument(
        "--low", metavar="T", type=_number(0, 10), default=0.1, help="lower edge threshold (0.1)"
    )
    how.add_argument(
        "--high", metavar="T", type=_number(0, 10), default=0.2, help="upper edge threshold (0.2)"
    )
    how.add_argument(
        "--strength", metavar="L", type=_number(0, 1), help="of L0 smoothing (the prior's own)"
    )
    how.add_argument(
        "--max-side",
        metavar="PX",
        type=whole(64, 100_000),
        default=LONGEST,
        help=f"read larger photos at this size ({LONGEST})",
    )


def run(args: argparse.Namespace) -> int:
    """Read the priors and write them. Returns 0."""
    from PIL.Image import fromarray as from_array

    from inpaint_core.cli.interruption import stoppable
    from inpaint_core.contract.errors import BadRequest
    from inpaint_core.contract.geometry import Rect
    from inpaint_core.contract.progress import Progress
    from inpaint_core.contract.view import View
    from inpaint_core.inspection.prior_pictures import Settings, drawn, read
    from inpaint_core.priors.registry import priors
    from inpaint_core.raster.composition import to_float
    from inpaint_core.raster.scaling import reduced
    from inpaint_core.raster.soft_masks import soften

    known = priors()
    names = list(dict.fromkeys(args.prior or known))
    for name in names:
        if name not in known:
            raise BadRequest(
                f"There is no prior called “{name}”.", f"Choose among: {', '.join(known)}."
            )
    if args.low > args.high:
        raise BadRequest(
            "The lower threshold lies above the upper one.", "Exchange --low and --high."
        )
    files = [f"{name}.png" for name in names] + [TABLE] * ("lines" in names) + [INDEX]
    prepare(args, files)
    request = request_of(args)
    settings = Settings(args.sigma, args.low, args.high)
    if args.strength is not None:
        settings = replace(settings, strength=args.strength)
    mask = soften(request.mask, request.grow, request.feather)
    height, width = request.mask.shape
    hole = mask.over(Rect.whole(request.mask.shape)) > 0
    scale = min(1.0, args.max_side / max(height, width))
    w, h = max(1, round(width * scale)), max(1, round(height * scale))
    view = reduced(View(to_float(request.image), hole, ~hole), w, h)
    with terminal.Bar(sys.stderr, args.quiet) as bar:
        progress = Progress(bar)
        with stoppable(progress):
            for number, name in enumerate(names):
                progress.report(number / len(names), f"Reading “{known[name].title}”")
                progress.check()
                values = read(name, view.image, view.hole, settings)
                put_picture(args, f"{name}.png", from_array(drawn(name, values, (h, w))))
                if name == "lines":
                    put_text(args, TABLE, _rows(values.tolist(), width / w, height / h))
            progress.report(1.0, "Done")
    index = {
        "schema": 1,
        "photo": str(args.photo),
        "mask": str(args.mask),
        "size": [w, h],
        "settings": asdict(settings),
        "priors": [
            {"id": n, "title": known[n].title, "file": f"{n}.png", "channels": known[n].channels}
            for n in names
        ],
    }
    put_text(args, INDEX, json.dumps(index, indent=2, ensure_ascii=False) + "\n")
    if terminal.talkative(args):
        terminal.remark(f"{args.out_dir}: {len(names)} priors at {w}×{h}")
    return 0


def _rows(lines: list[list[float]], sx: float, sy: float) -> str:
    """Lines in the photo's own pixels, as ``--lines`` takes them."""
    from inpaint_core.contract.geometry import Segment

    found = [Segment(*line).scaled(sx, sy) for line in lines]
    head = "# straight lines of the known part: x0, y0, x1, y1\n"
    return head + "".join(f"{s.x0:.2f}, {s.y0:.2f}, {s.x1:.2f}, {s.y1:.2f}\n" for s in found)


def _number(low: float, high: float) -> Callable[[str], float]:
    """A parser of numbers from ``low`` to ``high``."""

    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"“{text}” is not a number") from None
        if not (math.isfinite(value) and low <= value <= high):
            raise argparse.ArgumentTypeError(f"{text} is not between {low:g} and {high:g}")
        return value

    return parse
