"""``inpaint train``: train a network on photos of one's own."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from inpaint_core.cli import terminal
from inpaint_core.cli.interruption import cancel_on_signals, exit_code
from inpaint_core.contract.errors import CannotWrite
from inpaint_core.contract.file_names import to_path
from inpaint_core.contract.progress import Cancelled, Progress

if TYPE_CHECKING:
    from inpaint_core.lab.objects.object_config import ObjectTrainConfig

HELP = "Train a network as a TOML file says; goes on from the newest checkpoint."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``inpaint train``."""
    parser.add_argument("config", metavar="CONFIG", type=to_path, help="the TOML file of the run")
    parser.add_argument(
        "--export",
        metavar="FILE",
        type=to_path,
        help="do not train: write the newest checkpoint’s weights for use (.safetensors)",
    )


def run(args: argparse.Namespace) -> int:
    """Train, with one line of JSON per interval on standard output. Returns 0, or 128 + signal
    when Ctrl-C or SIGTERM stopped the run, which then has saved a checkpoint.
    """
    from inpaint_core.lab.objects.object_config import read_object_config
    from inpaint_core.lab.training.config import read_stages
    from inpaint_core.lab.training.processes import keep_freed_memory, leave_processes
    from inpaint_core.lab.training.stages import find_newest_stage, run_stages
    from inpaint_core.lab.training.trainer import Trainer

    if args.export is not None and args.export.suffix.lower() != ".safetensors":
        raise CannotWrite("lab.export_as_safetensors", path=args.export)
    objects = read_object_config(args.config)
    if objects is not None:
        return _train_objects(objects, args)
    stages = read_stages(args.config)
    if args.export is not None:
        Trainer(find_newest_stage(stages)).export(args.export)
        return 0

    say = partial(_say, args.quiet)
    keep_freed_memory()
    progress = Progress()
    begun: list[Trainer] = []
    try:
        with cancel_on_signals(progress):
            run_stages(stages, say, progress, begun.append)
    except Cancelled as stop:
        if begun and begun[-1].processes.is_first:
            step = begun[-1].step
            terminal.complain(f"Stopped after step {step}; the next run goes on from there.")
        return exit_code(stop)
    finally:
        leave_processes()
    return 0


def _train_objects(config: ObjectTrainConfig, args: argparse.Namespace) -> int:
    """The same for the network that selects objects."""
    from inpaint_core.lab.objects.object_training import export_objects, train_objects

    if args.export is not None:
        export_objects(config, args.export)
        return 0
    progress = Progress()
    try:
        with cancel_on_signals(progress):
            train_objects(config, partial(_say, args.quiet), progress)
    except Cancelled as stop:
        return exit_code(stop)
    return 0


def _say(quiet: bool, line: Mapping[str, Any]) -> None:
    if not quiet:
        print(json.dumps(line), flush=True)
