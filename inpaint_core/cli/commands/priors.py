"""``inpaint priors``: what structure the known part of a photo shows."""

from __future__ import annotations

import argparse
from dataclasses import asdict, replace

from inpaint_core.cli import terminal
from inpaint_core.cli.options import add_inspection_options, number, read_request, whole_number
from inpaint_core.cli.result_folder import prepare_folder, write_json, write_picture, write_text
from inpaint_core.contract.message import Message

HELP = "Write the edges, lines, smoothed colours and other priors of a photo as pictures."

LONGEST = 2048
INDEX, TABLE = "priors.json", "lines.txt"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``inpaint priors``."""
    add_inspection_options(parser)
    how = parser.add_argument_group("priors")
    how.add_argument(
        "--prior",
        metavar="ID",
        action="append",
        help="this prior only; may be repeated (default: all: canny, grey, lines ..)",
    )
    how.add_argument(
        "--sigma",
        metavar="PX",
        type=number(0.1, 50),
        default=2.0,
        help="blur of edges (default: 2)",
    )
    how.add_argument(
        "--low",
        metavar="T",
        type=number(0, 10),
        default=0.1,
        help="lower edge threshold (default: 0.1)",
    )
    how.add_argument(
        "--high",
        metavar="T",
        type=number(0, 10),
        default=0.2,
        help="upper edge threshold (default: 0.2)",
    )
    how.add_argument(
        "--strength",
        metavar="L",
        type=number(0, 1),
        help="of L0 smoothing (default: the prior's own)",
    )
    how.add_argument(
        "--max-side",
        metavar="PX",
        type=whole_number(64, 100_000),
        default=LONGEST,
        help=f"read larger photos at this size (default: {LONGEST})",
    )


def run(args: argparse.Namespace) -> int:
    """Read the priors and write them. Returns 0."""
    from PIL.Image import fromarray as from_array

    from inpaint_core.cli.interruption import show_progress
    from inpaint_core.contract.errors import BadRequest
    from inpaint_core.contract.geometry import Rect
    from inpaint_core.contract.request import View
    from inpaint_core.engine.effective_mask import find_effective_mask
    from inpaint_core.inspection.prior_pictures import PriorSettings, compute_prior, draw_prior
    from inpaint_core.priors.registry import priors
    from inpaint_core.raster.composition import to_float
    from inpaint_core.raster.scaling import shrink_view
    from inpaint_core.retouch.fill_task import nothing_left

    known = priors()
    names = list(dict.fromkeys(args.prior or known))
    for name in names:
        if name not in known:
            raise BadRequest("command.unknown_prior", name=name, known=tuple(known))
    if args.low > args.high:
        raise BadRequest("command.thresholds_swapped")
    files = [f"{name}.png" for name in names] + [TABLE] * ("lines" in names) + [INDEX]
    prepare_folder(args, files)
    request = read_request(args)
    settings = PriorSettings(args.sigma, args.low, args.high)
    if args.strength is not None:
        settings = replace(settings, strength=args.strength)
    mask = find_effective_mask(request).mask
    if mask.rect.is_empty:
        raise nothing_left(args.grow)
    height, width = request.mask.shape
    hole = mask.over(Rect.whole(request.mask.shape)) > 0
    scale = min(1.0, args.max_side / max(height, width))
    w, h = max(1, round(width * scale)), max(1, round(height * scale))
    view = shrink_view(View(to_float(request.image), hole, ~hole), w, h)
    with show_progress(args.quiet) as (_, progress):
        for number, name in enumerate(names):
            progress.report(
                number / len(names), Message("command.reading_prior", name=known[name].title)
            )
            progress.check()
            values = compute_prior(name, view.image, view.hole, settings)
            write_picture(args, f"{name}.png", from_array(draw_prior(name, values, (h, w))))
            if name == "lines":
                write_text(args, TABLE, _rows(values.tolist(), width / w, height / h))
        progress.report(1.0)
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
    write_json(args, INDEX, index)
    if terminal.wants_remarks(args):
        terminal.remark(f"{args.out_dir}: {len(names)} priors at {w}×{h}")
    return 0


def _rows(lines: list[list[float]], sx: float, sy: float) -> str:
    """Lines in the photo's own pixels, as ``--lines`` takes them."""
    from inpaint_core.contract.geometry import Segment

    found = [Segment(*line).scale(sx, sy) for line in lines]
    head = "# straight lines of the known part: x0, y0, x1, y1\n"
    return head + "".join(f"{s.x0:.2f}, {s.y0:.2f}, {s.x1:.2f}, {s.y1:.2f}\n" for s in found)
