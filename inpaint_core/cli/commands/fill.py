"""``inpaint fill``: one photo, one mask, one output."""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from inpaint_core.cli import terminal
from inpaint_core.cli.options import (
    add_fill_options,
    add_photo_and_mask,
    add_scale_mask,
    fill_files,
    output_options,
)
from inpaint_core.contract.file_names import to_path

if TYPE_CHECKING:
    from inpaint_core.retouch.fill_task import FinishedFill

HELP = "Remove what a mask marks from one photo."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``inpaint fill``."""
    add_photo_and_mask(parser)
    add_scale_mask(parser)
    parser.add_argument(
        "--out",
        metavar="OUT",
        type=to_path,
        required=True,
        help="the result; its name's ending chooses the format",
    )
    add_fill_options(parser)
    parser.add_argument(
        "--offsets", metavar="FILE.npz", type=to_path, help="write where each pixel was copied from"
    )
    parser.add_argument(
        "--overwrite-original", action="store_true", help="allow OUT to be PHOTO itself"
    )


def run(args: argparse.Namespace) -> int:
    """Fill, write, and say so on a terminal. Returns 0."""
    started = time.perf_counter()
    from inpaint_core.cli.interruption import show_progress
    from inpaint_core.contract.message import Message
    from inpaint_core.contract.progress import Cancelled
    from inpaint_core.engine.engine import Engine
    from inpaint_core.photo.file_version import FileVersion
    from inpaint_core.retouch.fill_task import FillTask
    from inpaint_core.retouch.output_places import check_apart, check_distinct, check_place

    imported = time.perf_counter()
    task = FillTask(
        fill_files(args, args.photo, args.mask),
        args.out,
        output_options(args),
        args.offsets,
        args.overwrite,
        args.overwrite_original,
    )
    task.check()
    if args.report is not None:
        check_apart(args.report, task.inputs)
        check_distinct(args.report, (task.out, task.offsets))
        check_place(args.report, args.overwrite)

    before = FileVersion.at(task.out)
    try:
        with show_progress(args.quiet) as (_, progress):
            done = task.perform(Engine(), progress)
            timings = {"start": args.startup, "imports": imported - started, **done.timings}
            total = time.perf_counter() - started + (args.startup or 0.0)
            if args.report is not None:
                _write_report(args.report, done, timings, total)
    except (Cancelled, KeyboardInterrupt) as stop:
        if FileVersion.at(task.out) == before:
            raise
        raise type(stop)(*stop.args, Message("command.stopped_after", path=task.out)) from stop
    if not args.quiet:
        for loss in done.losses:
            terminal.remark(f"note: {loss}")
    if terminal.wants_remarks(args):
        for note in done.result.notes:
            terminal.remark(f"note: {note}")
        terminal.remark("read again: " + " ".join(map(str, done.check.messages)))
        width, height = done.check.resized or done.photo.shape[::-1]
        count = terminal.format_count(done.masked, "pixel")
        terminal.remark(
            f"{task.out}: {width}×{height}, {count} filled by {done.result.engine}"
            f" on {done.result.device} in {terminal.format_duration(total)}"
        )
    if args.verbose and not args.quiet:
        for stage, seconds in timings.items():
            if seconds is not None:
                terminal.remark(f"  {stage:<16}{seconds:8.3f} s")
        for step in done.result.plan:
            terminal.remark("  plan: " + ", ".join(f"{k} {v}" for k, v in step.items()))
    return 0


def _write_report(
    path: Path, done: FinishedFill, timings: Mapping[str, float | None], total: float
) -> None:
    from inpaint_core.cli.report import write_report

    content = done.describe()
    content["timings"] = {k: round(v, 4) for k, v in timings.items() if v is not None}
    content["timings"]["total"] = round(total, 4)
    write_report(path, "fill", content)
