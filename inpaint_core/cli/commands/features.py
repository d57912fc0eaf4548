"""``inpaint features``: the feature maps of the network that fills a hole."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inpaint_core.cli import terminal
from inpaint_core.cli.options import (
    add_inspected_fill_options,
    add_inspection_options,
    read_request,
    whole_number,
)
from inpaint_core.cli.result_folder import prepare_folder
from inpaint_core.contract.choices import MAX_SEED, PRECISIONS
from inpaint_core.contract.message import Message

if TYPE_CHECKING:
    from inpaint_core.contract.progress import Progress
    from inpaint_core.contract.request import InpaintRequest
    from inpaint_core.engine.engine import Engine
    from inpaint_core.inspection.capture import InspectedRun
    from inpaint_core.inspection.reduction import Reduction

HELP = (
    "Fill, and write the network's feature maps with a one-page report. The photo is not changed."
)

ENGINE = "tsgl"
PAGE = "report.html"
NONE = "none"


def _precision(text: str) -> str:
    if text not in PRECISIONS:
        raise argparse.ArgumentTypeError(f"“{text}” is none of {', '.join(PRECISIONS)}")
    return text


_CHANGES: Mapping[str, Callable[[str], Any]] = {
    "engine": str,
    "seed": whole_number(0, MAX_SEED),
    "precision": _precision,
    "edges": str,
}
"""What the second fill may differ in, and how its value is read."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``inpaint features``."""
    add_inspection_options(parser)
    add_inspected_fill_options(parser, ENGINE)
    maps = parser.add_argument_group("maps")
    maps.add_argument(
        "--tap",
        metavar="NAME",
        action="append",
        help="this map only; may be repeated (default: all; “inpaint engines --json” lists them)",
    )
    maps.add_argument(
        "--show",
        choices=("mean", "max", "norm", "entropy"),
        action="append",
        help="how channels become one picture; may be repeated (default: norm)",
    )
    depth = maps.add_mutually_exclusive_group()
    depth.add_argument(
        "--first",
        dest="depth",
        action="store_const",
        const="first",
        default="whole",
        help="pictures of the first look, which gives the colours (default: closest whole crop)",
    )
    depth.add_argument(
        "--fine",
        dest="depth",
        action="store_const",
        const="fine",
        help="pictures of the finest tiles",
    )
    maps.add_argument(
        "--against",
        metavar="NAME=VALUE",
        type=_change,
        action="append",
        help="fill once more with another engine, seed, precision or edges (a file, or “none”), and"
        " write what differs; may be repeated, as “precision=float32”",
    )


def run(args: argparse.Namespace) -> int:
    """Fill, write maps, index and report. Returns 0."""
    started = time.perf_counter()
    from inpaint_core.cli.interruption import show_progress
    from inpaint_core.contract.errors import BadRequest
    from inpaint_core.engine.engine import Engine
    from inpaint_core.generators.registry import generator
    from inpaint_core.inspection.capture import check_taps, look_inside
    from inpaint_core.inspection.export import run_comparison as versus
    from inpaint_core.inspection.export.report import write_report
    from inpaint_core.inspection.export.run_files import ARRAYS, INDEX, export_run
    from inpaint_core.retouch.fill_task import nothing_left

    spec = generator(args.engine)
    if not spec.taps and spec.choose is None:
        raise BadRequest("command.engine_without_maps", engine=spec.id, other=ENGINE)
    check_taps(spec, args.tap or ())
    how = list(dict.fromkeys(args.show or ["norm"]))
    taps = list(dict.fromkeys(args.tap or [tap.name for tap in spec.taps]))
    pictures = [f"{tap}-{each}.png" for tap in taps for each in (*how, "colours")]
    against = dict(args.against or ())
    compared = versus.list_comparison_files(taps, how) if against else []
    prepare_folder(args, [*pictures, ARRAYS, INDEX, PAGE, *compared])
    request = read_request(args)
    other = _changed(args, request, against) if against else None
    with show_progress(args.quiet) as (_, progress):
        engine, half = Engine(), 0.4 if other else 0.7
        run = look_inside(request, engine, args.tap, progress.part(0.0, half))
        if run.result.rect.is_empty:
            raise nothing_left(args.grow)
        if not run.taps:
            raise BadRequest("command.fill_without_network", other=ENGINE)
        part = progress.part(half, half + 0.1)
        part.report(0.0, Message("command.writing_maps"))
        files = export_run(run, args.out_dir, how, args.overwrite, args.depth, part)
        progress.report(half + 0.1, Message("command.writing_report"))
        write_report(run, args.out_dir / PAGE, args.photo.name, args.overwrite)
        if other is not None:
            files += _compare(args, run, other, how, engine, progress.part(half + 0.1, 1.0))
        progress.report(1.0)
    for note in run.notes if terminal.wants_remarks(args) else ():
        terminal.remark(f"note: {note}")
    if terminal.wants_remarks(args):
        seconds = terminal.format_duration(time.perf_counter() - started)
        maps = terminal.format_count(len(run.taps), "map")
        terminal.remark(f"{args.out_dir}: {maps}, {len(files) + 1} files, {seconds}")
    return 0


def _compare(
    args: argparse.Namespace,
    run: InspectedRun,
    other: InpaintRequest,
    how: Sequence[Reduction],
    engine: Engine,
    progress: Progress,
) -> list[Path]:
    """Make the second fill and write what differs; returns the files."""
    from inpaint_core.generators.registry import generator
    from inpaint_core.inspection.capture import look_inside
    from inpaint_core.inspection.export.run_comparison import write_comparison
    from inpaint_core.inspection.run_on_disk import move_to_disk

    against = dict(args.against)
    first = move_to_disk(run)
    has = generator(other.options.engine)
    wanted = args.tap if has.taps or has.choose is not None else ()
    second = look_inside(other, engine, wanted, progress.part(0.0, 0.8))
    part = progress.part(0.8, 1.0)
    part.report(0.0, Message("command.writing_differences"))
    words = (_said(_own(args, against)), _said(against))
    more = {"against": against}
    return write_comparison(
        first, second, args.out_dir, how, words, more, args.overwrite, args.depth, part
    )


def _change(text: str) -> tuple[str, Any]:
    """“NAME=VALUE” as both, the value read."""
    name, equals, value = text.partition("=")
    if name not in _CHANGES or not equals:
        raise argparse.ArgumentTypeError(
            f"“{text}” is not NAME=VALUE with NAME one of {', '.join(_CHANGES)}"
        )
    return name, _CHANGES[name](value)


def _changed(
    args: argparse.Namespace, request: InpaintRequest, against: Mapping[str, Any]
) -> InpaintRequest:
    """The request of the second fill. Raises what reading a file of edges raises."""
    from inpaint_core.generators.registry import generator
    from inpaint_core.retouch.guide_files import read_edges

    changes = dict(against)
    if "edges" in changes:
        limit = {} if args.max_pixels is None else {"max_pixels": args.max_pixels}
        named = changes["edges"]
        shape = request.image.shape
        changes["edges"] = None if named == NONE else read_edges(Path(named), shape, **limit)
    # An unknown engine is refused before any fill.
    generator(changes.get("engine", request.options.engine))
    return request.with_options(**changes)


def _own(args: argparse.Namespace, against: Mapping[str, Any]) -> dict[str, Any]:
    """What the first fill has where the second differs."""
    edges = NONE if args.edges is None else str(args.edges)
    return {name: edges if name == "edges" else getattr(args, name) for name in against}


def _said(values: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{name} {Path(value).name if name == 'edges' else value}" for name, value in values.items()
    )
