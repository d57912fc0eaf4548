"""``inpaint batch``: many photos; goes on after a failure, resumes, sums up."""

from __future__ import annotations

import argparse
import sys
import time
from contextlib import suppress
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inpaint_core.cli import terminal
from inpaint_core.cli.failure_message import describe_failure
from inpaint_core.cli.options import (
    add_fill_options,
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
    from inpaint_core.cli.batch_items import BatchItem, MaskFolder
    from inpaint_core.cli.batch_journal import BatchJournal
    from inpaint_core.engine.engine import Engine
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
    from inpaint_core.cli.batch_journal import BatchJournal
    from inpaint_core.cli.interruption import cancel_on_signals
    from inpaint_core.cli.report import write_report
    from inpaint_core.engine.engine import Engine

    todo, masks = _prepare(args)
    outcomes: list[dict[str, Any]] = []
    stopped: Cancelled | None = None
    with BatchJournal(args.out_dir) as journal, terminal.ProgressBar(sys.stderr, args.quiet) as bar:
        progress, engine = Progress(bar), Engine()
        try:
            with cancel_on_signals(progress):
                for index, item in enumerate(todo):
                    bar.prefix = f"{index + 1} of {len(todo)}, {item.photo.name}: "
                    part = progress.part(index / len(todo), (index + 1) / len(todo))
                    progress.check()
                    outcomes.append(_fill_item(args, item, masks, journal, engine, part))
                    bar.wipe()
                    _print_outcome(args, outcomes[-1])
        except Cancelled as cancelled:
            stopped = cancelled
    counts = {
        state: sum(o["state"] == state for o in outcomes) for state in ("done", "skipped", "failed")
    }
    counts["left"] = len(todo) - len(outcomes)
    seconds = time.perf_counter() - started
    unwritten: CannotWrite | None = None
    if args.report is not None:
        content = {"photos": outcomes, "summary": counts, "timings": {"total": round(seconds, 4)}}
        try:
            write_report(args.report, "batch", content)
        except CannotWrite as error:  # the summary is still printed
            unwritten = error
    if not args.quiet:
        _print_summary(outcomes, counts, seconds)
    if stopped is not None:
        raise stopped
    if unwritten is not None and not counts["failed"]:
        raise unwritten
    if unwritten is not None:
        terminal.fail(str(unwritten.message), str(unwritten.hint))
    return SOME_FAILED if counts["failed"] else 0


def _prepare(args: argparse.Namespace) -> tuple[list[BatchItem], MaskFolder | None]:
    """Refuse what would fail for every photo, make the output folder, and list what to fill, and
    the masks where these are in a folder.
    """
    from inpaint_core.cli.batch_items import MaskFolder, list_batch_items, list_photos
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
    photos, left_out = list_photos(args.photos, args.mask, args.masks)
    todo = list_batch_items(photos, args.out_dir, ending)
    masks = None if args.masks is None else MaskFolder(args.masks, photos)
    make_folder(args.out_dir)
    if args.report is not None:
        outputs = [args.out_dir / item.output for item in todo]
        check_apart(args.report, (args.mask, args.project, *photos))
        check_distinct(args.report, outputs)
        check_place(args.report, args.overwrite)
    if left_out and not args.quiet:
        note = Message("command.masks_left_out", count=len(left_out), first=left_out[0])
        terminal.remark(f"note: {note}")
    return todo, masks


def _fill_item(
    args: argparse.Namespace,
    item: BatchItem,
    masks: MaskFolder | None,
    journal: BatchJournal,
    engine: Engine,
    progress: Progress,
) -> dict[str, Any]:
    """Fill one photo unless it is finished; whatever goes wrong is an outcome, not an error."""
    from inpaint_core.retouch.fill_task import FillTask

    key: str | None = None
    start = time.perf_counter()
    try:
        out = args.out_dir / item.output
        task: FillTask | ReplayTask
        if args.project is not None:
            task = replay_task(args, item.photo, out)
        else:
            mask = args.mask if masks is None else masks.find(item.photo)
            files = fill_files(args, item.photo, mask)
            task = FillTask(files, out, output_options(args), overwrite=args.overwrite)
        fingerprint = _fingerprint(task)
        if journal.is_finished(item.output, fingerprint):
            return {"state": "skipped", "photo": {"path": str(item.photo)}}
        if journal.owns(item.output):
            task = replace(task, overwrite=True)
        task.check()
        key = fingerprint
        journal.add(item.output, "started", key)
        done = task.perform(engine, progress).describe()
        journal.add(item.output, "done", key)
        return {"state": "done", **done, "seconds": time.perf_counter() - start}
    except Cancelled:
        raise
    except Exception as error:
        message, hint, _ = describe_failure(error, args.traceback)
        if key is not None:
            with suppress(CannotWrite):  # the entry says “started” then, and the photo is redone
                journal.add(item.output, "failed", key, error=message)
        photo = {"path": str(item.photo)}
        return {"state": "failed", "photo": photo, "error": message, "hint": hint}


def _fingerprint(task: FillTask | ReplayTask) -> str:
    """The hash of all that the output depends on, the program's version included."""
    from inpaint_core.cli.batch_journal import compute_fingerprint
    from inpaint_core.contract.version import __version__

    options = {
        f.name: getattr(task, f.name)
        for f in fields(task)
        if f.name not in ("max_pixels", "overwrite", "overwrite_original")
    }
    return compute_fingerprint(task.inputs, {**options, "version": __version__})


def _print_outcome(args: argparse.Namespace, outcome: dict[str, Any]) -> None:
    """Print one photo's outcome: failures always, the rest where remarks are wanted."""
    name = outcome["photo"]["path"]
    if outcome["state"] == "failed":
        terminal.fail(f"{name}: {outcome['error']}", outcome["hint"])
        return
    losses, notes = outcome.get("losses", []), outcome.get("notes", [])
    wants_remarks = terminal.wants_remarks(args)
    for note in [] if args.quiet else [*losses, *(notes if wants_remarks else [])]:
        terminal.remark(f"note: {name}: {note}")
    if wants_remarks and outcome["state"] == "skipped":
        terminal.remark(f"{name}: finished before")
    elif wants_remarks:
        terminal.remark(
            f"{outcome['output']['path']}: {terminal.format_duration(outcome['seconds'])}"
        )


def _print_summary(outcomes: list[dict[str, Any]], counts: dict[str, int], seconds: float) -> None:
    words = {
        "done": "filled",
        "skipped": "finished before",
        "failed": "failed",
        "left": "not begun",
    }
    parts = [f"{counts[key]} {word}" for key, word in words.items() if counts[key]]
    print(f"{', '.join(parts)}, in {terminal.format_duration(seconds)}")
    for outcome in outcomes:
        if outcome["state"] == "failed":
            print(terminal.one_line(f"failed: {outcome['photo']['path']}: {outcome['error']}"))
