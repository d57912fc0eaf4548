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
from inpaint_core.cli.failure_message import explain
from inpaint_core.cli.options import add_fill_options
from inpaint_core.contract.errors import CannotWrite
from inpaint_core.contract.progress import Cancelled, Progress

if TYPE_CHECKING:
    from inpaint_core.cli.batch_journal import Journal
    from inpaint_core.cli.photo_mask_pairs import Pair
    from inpaint_core.engine.engine import Engine
    from inpaint_core.retouch.fill_task import Task
    from inpaint_core.retouch.replay_task import Replay

HELP = (
    "Remove what masks mark from many photos. A photo that fails does not stop the others;"
    " run the same command again to do what is left."
)

SOME_FAILED = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``inpaint batch``."""
    parser.add_argument("photos", metavar="PHOTO", type=Path, nargs="+")
    masks = parser.add_mutually_exclusive_group(required=True)
    masks.add_argument("--mask", metavar="MASK", type=Path, help="one mask for every photo")
    masks.add_argument(
        "--masks", metavar="DIR", type=Path, help="a folder with a mask of each photo's name"
    )
    masks.add_argument(
        "--project",
        metavar="FILE.lacuna",
        type=Path,
        help="make the fills of a project again on photos of the same size",
    )
    parser.add_argument(
        "--out-dir", metavar="DIR", type=Path, required=True, help="where results go; is created"
    )
    parser.add_argument(
        "--format", metavar="EXT", help="the results' format, such as png (the photo's own)"
    )
    add_fill_options(parser)


def run(args: argparse.Namespace) -> int:
    """Fill every photo that is not finished. Returns 0, or 1 when some failed."""
    started = time.perf_counter()
    from inpaint_core.cli.batch_journal import Journal
    from inpaint_core.cli.interruption import stoppable
    from inpaint_core.cli.report import write_report
    from inpaint_core.engine.engine import Engine

    todo = _prepare(args)
    outcomes: list[dict[str, Any]] = []
    stopped: Cancelled | None = None
    with Journal(args.out_dir) as journal, terminal.Bar(sys.stderr, args.quiet) as bar:
        progress, engine = Progress(bar), Engine()
        try:
            with stoppable(progress):
                for index, pair in enumerate(todo):
                    bar.prefix = f"{index + 1} of {len(todo)}, {pair.photo.name}: "
                    part = progress.part(index / len(todo), (index + 1) / len(todo))
                    progress.check()
                    outcomes.append(_one(args, pair, journal, engine, part))
                    bar.wipe()
                    _tell(args, outcomes[-1])
        except Cancelled as cancelled:
            stopped = cancelled
    counts = {
        state: sum(o["state"] == state for o in outcomes) for state in ("done", "skipped", "failed")
    }
    counts["left"] = len(todo) - len(outcomes)
    seconds = time.perf_counter() - started
    if not args.quiet:
        _sum_up(outcomes, counts, seconds)
    if args.report is not None:
        content = {"photos": outcomes, "summary": counts, "timings": {"total": round(seconds, 4)}}
        write_report(args.report, "batch", content)
    if stopped is not None:
        raise stopped
    return SOME_FAILED if counts["failed"] else 0


def _prepare(args: argparse.Namespace) -> list[Pair]:
    """Refuse what would fail for every photo, make the output folder, and pair the photos up."""
    from inpaint_core.cli.photo_mask_pairs import pairs
    from inpaint_core.contract.errors import FileUnreadable
    from inpaint_core.generators.registry import generator
    from inpaint_core.photo.write_photo import format_of
    from inpaint_core.retouch.output_places import check_apart, check_place, refused
    from inpaint_core.retouch.replay_task import check_project

    if args.project is not None:
        check_project(args)
    generator(args.engine)
    if args.mask is not None and not args.mask.exists():
        raise FileUnreadable(f"“{args.mask}” does not exist.", "Check the name after --mask.")
    if args.masks is not None and not args.masks.is_dir():
        raise FileUnreadable(f"“{args.masks}” is not a folder.", "Check the name after --masks.")
    ending = None if args.format is None else "." + args.format.lower().lstrip(".")
    if ending is not None:
        format_of(Path(f"result{ending}"))
    todo = pairs(args.photos, args.out_dir, ending)
    try:
        args.out_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise refused(args.out_dir, error) from error
    if args.report is not None:
        outputs = [args.out_dir / pair.output for pair in todo]
        check_apart(args.report, (args.mask, args.project, *args.photos, *outputs))
        check_place(args.report, args.overwrite)
    return todo


def _one(
    args: argparse.Namespace, pair: Pair, journal: Journal, engine: Engine, progress: Progress
) -> dict[str, Any]:
    """Fill one photo unless it is finished; whatever goes wrong is an outcome, not an error."""
    from inpaint_core.cli.photo_mask_pairs import mask_for
    from inpaint_core.retouch.fill_task import Task
    from inpaint_core.retouch.replay_task import Replay

    key: str | None = None
    start = time.perf_counter()
    try:
        out = args.out_dir / pair.output
        task: Task | Replay
        if args.project is not None:
            task = Replay.of(args, pair.photo, out)
        else:
            mask = args.mask if args.mask is not None else mask_for(pair.photo, args.masks)
            task = Task.of(args, pair.photo, mask, out)
        fingerprint = _fingerprint(task)
        if journal.finished(pair.output, fingerprint):
            return {"state": "skipped", "photo": {"path": str(pair.photo)}}
        if journal.owns(pair.output):
            task = replace(task, overwrite=True)
        task.check()
        key = fingerprint
        journal.add(pair.output, "started", key)
        done = _done(task, engine, progress)
        journal.add(pair.output, "done", key)
        return {"state": "done", **done, "seconds": time.perf_counter() - start}
    except Cancelled:
        raise
    except Exception as error:
        message, hint, _ = explain(error, args.traceback)
        if key is not None:
            with suppress(CannotWrite):  # the entry says “started” then, and the photo is redone
                journal.add(pair.output, "failed", key, error=message)
        photo = {"path": str(pair.photo)}
        return {"state": "failed", "photo": photo, "error": message, "hint": hint}


def _done(task: Task | Replay, engine: Engine, progress: Progress) -> dict[str, Any]:
    """Do it, and say how it went."""
    from inpaint_core.retouch import fill_task as single
    from inpaint_core.retouch import replay_task as replay

    if isinstance(task, replay.Replay):
        return replay.describe(replay.perform(task, engine, progress))
    return single.describe(single.perform(task, engine, progress))


def _fingerprint(task: Task | Replay) -> str:
    """The hash of all that the output depends on, the program's version included."""
    from inpaint_core import __version__
    from inpaint_core.cli.batch_journal import fingerprint

    options = {
        f.name: getattr(task, f.name)
        for f in fields(task)
        if f.name not in ("max_pixels", "overwrite", "overwrite_original")
    }
    return fingerprint(task.inputs, {**options, "version": __version__})


def _tell(args: argparse.Namespace, outcome: dict[str, Any]) -> None:
    """Say what became of one photo: failures always, the rest where remarks are wanted."""
    name = outcome["photo"]["path"]
    if outcome["state"] == "failed":
        terminal.fail(f"{name}: {outcome['error']}", outcome["hint"])
        return
    losses, notes = outcome.get("losses", []), outcome.get("notes", [])
    talkative = terminal.talkative(args)
    for note in [] if args.quiet else [*losses, *(notes if talkative else [])]:
        terminal.remark(f"note: {name}: {note}")
    if talkative and outcome["state"] == "skipped":
        terminal.remark(f"{name}: finished before")
    elif talkative:
        terminal.remark(f"{outcome['output']['path']}: {terminal.duration(outcome['seconds'])}")


def _sum_up(outcomes: list[dict[str, Any]], counts: dict[str, int], seconds: float) -> None:
    words = {
        "done": "filled",
        "skipped": "finished before",
        "failed": "failed",
        "left": "not begun",
    }
    said = [f"{counts[key]} {word}" for key, word in words.items() if counts[key]]
    print(f"{', '.join(said)}, in {terminal.duration(seconds)}")
    for outcome in outcomes:
        if outcome["state"] == "failed":
            print(terminal.one_line(f"failed: {outcome['photo']['path']}: {outcome['error']}"))
