"""``inpaint batch``: many photos; goes on after a failure, resumes, sums up."""

from __future__ import annotations

import argparse
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inpaint_core.cli import terminal
from inpaint_core.cli.commands.select import KINDS
from inpaint_core.cli.failure_message import describe_failure
from inpaint_core.cli.options import (
    add_fill_options,
    add_scale_mask,
    add_sensitivity,
    check_project,
    fill_files,
    output_options,
    replay_task,
)
from inpaint_core.contract.errors import CannotWrite
from inpaint_core.contract.file_names import to_path
from inpaint_core.contract.message import Message
from inpaint_core.contract.progress import Cancelled, Progress

if TYPE_CHECKING:
    from inpaint_core.batch.batch_items import BatchItem, MaskFolder
    from inpaint_core.batch.batch_run import BatchOutcome, MakeTask
    from inpaint_core.retouch.fill_task import FillTask
    from inpaint_core.retouch.replay_task import ReplayTask

HELP = (
    "Remove what masks mark from many photos. A photo that fails does not stop the others;"
    " run the same command again to do what is left."
)

SOME_FAILED = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``inpaint batch``."""
    parser.add_argument(
        "photos",
        metavar="PHOTO",
        type=to_path,
        nargs="+",
        help="photos, patterns, or folders of photos",
    )
    masks = parser.add_mutually_exclusive_group(required=True)
    masks.add_argument("--mask", metavar="MASK", type=to_path, help="one mask for every photo")
    masks.add_argument(
        "--masks", metavar="DIR", type=to_path, help="a folder with a mask of each photo's name"
    )
    masks.add_argument(
        "--project",
        metavar="FILE.lacuna",
        type=to_path,
        help="make the fills of a project again on photos of the same size",
    )
    masks.add_argument(
        "--find",
        metavar="WHAT",
        choices=tuple(KINDS),
        help="find in each photo what to remove, as “inpaint select” does: " + ", ".join(KINDS),
    )
    add_sensitivity(parser)
    add_scale_mask(parser)
    parser.add_argument(
        "--out-dir",
        metavar="DIR",
        type=to_path,
        required=True,
        help="folder for the results; created if missing",
    )
    parser.add_argument(
        "--format",
        metavar="EXT",
        help="the results' format, such as png (default: the photo's own)",
    )
    add_fill_options(parser)


def run(args: argparse.Namespace) -> int:
    """Fill every photo that is not finished. Returns 0, or 1 when some failed."""
    started = time.perf_counter()
    from inpaint_core.batch.batch_run import BatchRun, count_outcomes
    from inpaint_core.cli.interruption import cancel_on_signals
    from inpaint_core.cli.report import write_report
    from inpaint_core.engine.engine import Engine

    todo, make_task = _prepare(args)
    count = len(todo)
    outcomes: list[tuple[BatchOutcome, dict[str, Any]]] = []
    stopped: Cancelled | None = None
    batch = BatchRun(todo, args.out_dir, make_task, lambda e: describe_failure(e, False)[0])
    with batch, terminal.ProgressBar(sys.stderr, args.quiet) as bar:
        progress, engine = Progress(bar), Engine()
        try:
            with cancel_on_signals(progress):
                for index, item in enumerate(todo):
                    bar.prefix = f"{index + 1} of {count}, {item.photo.name}: "
                    progress.check()
                    part = progress.part(index / count, (index + 1) / count)
                    outcome = batch.perform(index, engine, part)
                    outcomes.append((outcome, _describe(outcome, args.traceback)))
                    bar.wipe()
                    _print_outcome(args, *outcomes[-1])
        except Cancelled as cancelled:
            stopped = cancelled
    counts = count_outcomes([outcome for outcome, _ in outcomes], count)
    seconds = time.perf_counter() - started
    unwritten: CannotWrite | None = None
    if args.report is not None:
        photos = [report for _, report in outcomes]
        content = {"photos": photos, "summary": counts, "timings": {"total": round(seconds, 4)}}
        try:
            write_report(args.report, "batch", content)
        except CannotWrite as error:  # the summary is still printed
            unwritten = error
    if not args.quiet:
        _print_summary([report for _, report in outcomes], counts, seconds)
    if stopped is not None:
        raise stopped
    if unwritten is not None and not counts["failed"]:
        raise unwritten
    if unwritten is not None:
        terminal.fail(str(unwritten.message), str(unwritten.hint))
    return SOME_FAILED if counts["failed"] else 0


def _prepare(args: argparse.Namespace) -> tuple[list[BatchItem], MakeTask]:
    """Refuse what would fail for every photo, make the output folder, and list what to fill, and
    what makes the task of each.
    """
    from inpaint_core.batch.batch_items import MaskFolder, list_batch_items, list_photos
    from inpaint_core.batch.batch_journal import NAME
    from inpaint_core.contract.errors import FileUnreadable
    from inpaint_core.generators.registry import find_usable
    from inpaint_core.photo.formats.registry import find_writable_format
    from inpaint_core.retouch.output_places import (
        check_apart,
        check_distinct,
        check_place,
        make_folder,
    )

    if args.project is not None:
        check_project(args)
    find_usable(args.engine)
    if args.mask is not None and not args.mask.exists():
        raise FileUnreadable("command.no_mask", path=args.mask)
    if args.masks is not None and not args.masks.is_dir():
        raise FileUnreadable("command.masks_not_a_folder", path=args.masks)
    ending = None if args.format is None else "." + args.format.lower().lstrip(".")
    if ending is not None:
        find_writable_format(Path(f"result{ending}"))
    photos, left_out = list_photos(args.photos, args.mask, args.masks, args.out_dir)
    todo = list_batch_items(photos, args.out_dir, ending)
    masks = None if args.masks is None else MaskFolder(args.masks, photos)
    make_folder(args.out_dir)
    if args.report is not None:
        outputs = [args.out_dir / name for name in (NAME, *(item.output for item in todo))]
        check_apart(args.report, (args.mask, args.project, *photos))
        check_distinct(args.report, outputs)
        check_place(args.report, args.overwrite)
    if left_out and not args.quiet:
        note = Message("retouch.masks_left_out", count=len(left_out), first=left_out[0])
        terminal.remark(f"note: {note}")
    return todo, partial(_make_task, args, masks)


def _make_task(
    args: argparse.Namespace, masks: MaskFolder | None, photo: Path, out: Path
) -> FillTask | ReplayTask:
    from inpaint_core.retouch.fill_files import Finding
    from inpaint_core.retouch.fill_task import FillTask

    if args.project is not None:
        return replay_task(args, photo, out)
    mask = args.mask if masks is None else masks.find(photo)
    if args.find is not None:
        mask = Finding(args.find, float(args.sensitivity))
    files = fill_files(args, photo, mask)
    return FillTask(files, out, output_options(args), overwrite=args.overwrite)


def _describe(outcome: BatchOutcome, show: bool) -> dict[str, Any]:
    """What the report says about it, as JSON values. ``show`` an unexpected error's traceback."""
    state, photo = outcome.state, {"path": str(outcome.photo)}
    if outcome.error is None:
        seconds = {"seconds": outcome.seconds} if state == "done" else {}
        return {"state": state, "photo": photo, **outcome.report, **seconds}
    message, hint, _ = describe_failure(outcome.error, show)
    return {"state": state, "photo": photo, "error": message, "hint": hint}


def _print_outcome(args: argparse.Namespace, outcome: BatchOutcome, report: dict[str, Any]) -> None:
    """Print one photo's outcome: failures always, the rest where remarks are wanted."""
    if outcome.state == "failed":
        terminal.fail(f"{outcome.photo}: {report['error']}", report["hint"])
        return
    losses, notes = report.get("losses", []), report.get("notes", [])
    wants_remarks = terminal.wants_remarks(args)
    for note in [] if args.quiet else [*losses, *(notes if wants_remarks else [])]:
        terminal.remark(f"note: {outcome.photo}: {note}")
    if wants_remarks and outcome.state == "skipped":
        terminal.remark(f"{outcome.photo}: finished before")
    elif wants_remarks and outcome.state == "unchanged":
        terminal.remark(f"{outcome.photo}: nothing found, not written")
    elif wants_remarks:
        terminal.remark(f"{outcome.out}: {terminal.format_duration(outcome.seconds)}")


def _print_summary(outcomes: list[dict[str, Any]], counts: dict[str, int], seconds: float) -> None:
    words = {
        "done": "filled",
        "skipped": "finished before",
        "unchanged": "without anything to remove",
        "failed": "failed",
        "left": "not begun",
    }
    parts = [f"{counts[key]} {word}" for key, word in words.items() if counts[key]]
    print(f"{', '.join(parts)}, in {terminal.format_duration(seconds)}")
    for outcome in outcomes:
        if outcome["state"] == "failed":
            print(terminal.one_line(f"failed: {outcome['photo']['path']}: {outcome['error']}"))
