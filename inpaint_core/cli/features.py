"""``inpaint features``: the feature maps of the network that fills a hole."""

from __future__ import annotations

import argparse
import sys
import time

from inpaint_core.cli import terminal
from inpaint_core.cli.look import add_fill_options, add_photo_options, prepare, request_of

HELP = (
    "Fill, and write the network's feature maps with a one-page report. The photo is not changed."
)

ENGINE = "tsgl"
PAGE = "report.html"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``inpaint features``."""
    add_photo_options(parser)
    add_fill_options(parser, ENGINE)
    maps = parser.add_argument_group("maps")
    maps.add_argument(
        "--tap",
        metavar="NAME",
        action="append",
        help="this map only; may be repeated (all; “inpaint engines --json” lists them)",
    )
    maps.add_argument(
        "--show",
        choices=("mean", "max", "norm", "entropy"),
        action="append",
        help="how channels become one picture; may be repeated (norm)",
    )
    maps.add_argument(
        "--fine", action="store_true", help="pictures of the finest tiles, not of the whole crop"
    )


def run(args: argparse.Namespace) -> int:
    """Fill, write maps, index and report. Returns 0."""
    started = time.perf_counter()
    from inpaint_core.cli.interrupt import stoppable
    from inpaint_core.engine import Engine
    from inpaint_core.errors import BadRequest
    from inpaint_core.inspection.capture import check_taps, look_inside
    from inpaint_core.inspection.export import ARRAYS, INDEX, export
    from inpaint_core.inspection.report import write_report
    from inpaint_core.progress import Progress
    from inpaint_core.registry import generator

    spec = generator(args.engine)
    if not spec.taps and spec.choose is None:
        raise BadRequest(
            f"The engine “{spec.id}” has no network, so it has no feature maps.",
            f"Choose an engine with one, as “{ENGINE}”.",
        )
    check_taps(spec, args.tap or ())
    how = list(dict.fromkeys(args.show or ["norm"]))
    taps = list(dict.fromkeys(args.tap or [tap.name for tap in spec.taps]))
    pictures = [f"{tap}-{each}.png" for tap in taps for each in (*how, "colours")]
    prepare(args, [*pictures, ARRAYS, INDEX, PAGE])
    request = request_of(args)
    with terminal.Bar(sys.stderr, args.quiet) as bar:
        progress = Progress(bar)
        with stoppable(progress):
            run = look_inside(request, Engine(), args.tap, progress.part(0.0, 0.7))
            if not run.taps:
                raise BadRequest(
                    "No network was used for this fill, so there are no feature maps.",
                    f"Choose an engine with a network, as “{ENGINE}”.",
                )
            progress.report(0.7, "Writing the maps")
            files = export(run, args.out_dir, how, args.overwrite, -1 if args.fine else 0)
            progress.report(0.9, "Writing the report")
            write_report(run, args.out_dir / PAGE, args.photo.name, args.overwrite)
            progress.report(1.0, "Done")
    for note in run.notes if terminal.talkative(args) else ():
        terminal.remark(f"note: {note}")
    if terminal.talkative(args):
        seconds = terminal.duration(time.perf_counter() - started)
        terminal.remark(f"{args.out_dir}: {len(run.taps)} maps, {len(files) + 1} files, {seconds}")
    return 0
