"""``inpaint benchmark``: how long every stage takes."""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inpaint_core.cli import network_pass, peer_comparison
from inpaint_core.cli.interruption import exit_code, show_progress
from inpaint_core.cli.options import add_device, whole_number
from inpaint_core.cli.terminal import complain, format_count
from inpaint_core.contract.choices import DEFAULT_ENGINE
from inpaint_core.contract.errors import BadRequest
from inpaint_core.contract.file_names import to_path
from inpaint_core.contract.message import Message
from inpaint_core.contract.progress import Cancelled, Progress

if TYPE_CHECKING:
    from inpaint_core.lab.evaluation.timing_tables import Measurement

HELP = "time every stage at several photo and hole sizes"

DESCRIPTION = """\
Renders photos, and fills a hole in each as “inpaint fill” would: from a JPEG file to a JPEG
file, in a process of its own, so that the peak of memory is that of this fill alone. Several
engines get the same files; each is compared with the first.
"""

SIZES = "0.25,1,4,24"
HOLES = "1000,10000,100000,1000000"
POLL = 0.2
_MOST_PERCENT = 90


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    add = parser.add_argument
    add(
        "--engine",
        metavar="ID[,ID...]",
        default=DEFAULT_ENGINE,
        help=f"engines to time (default: {DEFAULT_ENGINE})",
    )
    add(
        "--sizes",
        metavar="MP[:PCT],...",
        type=_sizes,
        default=SIZES,
        help=f"photo sizes in megapixels, each with its own hole if wanted (default: {SIZES})",
    )
    add(
        "--hole",
        metavar="PCT",
        type=_percent,
        default=2.0,
        help="hole in percent of the photo (default: 2)",
    )
    add(
        "--holes",
        metavar="PIXELS,...",
        type=_holes,
        nargs="?",
        const=HOLES,
        default=(),
        help=f"also time against the hole's size, at --holes-size megapixels (default: {HOLES})",
    )
    add(
        "--holes-size",
        metavar="MP",
        type=_megapixels,
        default=4.0,
        help="their photo's size (default: 4)",
    )
    add(
        "--repeat",
        metavar="N",
        type=whole_number(1, 1000),
        default=1,
        help="take the median of N (default: 1)",
    )
    add_device(parser)
    add("--json", metavar="FILE", type=to_path, help="write the measurements as JSON")
    add(
        "--network",
        metavar="WEIGHTS",
        nargs="?",
        const="base",
        help="time one pass of a network instead, against the floor of its multiplications",
    )
    peer_comparison.add_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Measure, print, write. 0 when everything worked, 1 when a measurement failed; stopped with
    Ctrl-C, what was measured so far is printed and written too.
    """
    if args.peers is not None:
        return peer_comparison.compare(args)
    if args.network is not None:
        return network_pass.measure(args)
    from inpaint_core.cli.report import write_report
    from inpaint_core.generators.registry import generator
    from inpaint_core.lab.evaluation.timing_tables import (
        format_hole_table,
        format_ratios,
        format_stage_table,
    )
    from inpaint_core.retouch.output_places import check_place

    engines = [generator(name.strip()).id for name in args.engine.split(",") if name.strip()]
    check_holes(args.holes, args.holes_size)
    if args.json is not None:
        check_place(args.json, overwrite=True)
    by_size: list[Measurement] = []
    by_hole: list[Measurement] = []
    stopped = 0
    pictures = [(size, _share(size, hole or args.hole), by_size) for size, hole in args.sizes]
    pictures += [(args.holes_size, hole, by_hole) for hole in args.holes]
    total, done = len(pictures) * len(engines), 0
    try:
        with show_progress(args.quiet) as (_, progress):
            for megapixels, hole, found in pictures:
                with _files(megapixels, hole) as (order, picture):
                    for name in engines:
                        text = Message(
                            "command.measuring", engine=name, megapixels=megapixels, hole=hole
                        )
                        progress.report(done / total, text)
                        how = {"engine": name, "device": args.device, "repeat": args.repeat}
                        found.append(measure_engine({**order, **how}, picture, progress))
                        done += 1
    except Cancelled as stop:
        if not by_size and not by_hole:
            raise
        stopped = exit_code(stop)
    everything = by_size + by_hole
    if not args.quiet:
        tables = [format_stage_table(by_size)] if by_size else []
        tables += [format_hole_table(by_hole)] if by_hole else []
        compared = "\n".join(format_ratios(by_size) + format_ratios(by_hole))
        print("\n\n".join(filter(None, [*tables, compared])))
    if args.json is not None:
        content = {
            "repeat": args.repeat,
            "device": args.device,
            "sizes": [m.to_plain_values() for m in by_size],
            "holes": [m.to_plain_values() for m in by_hole],
        }
        write_report(args.json, "benchmark", content)
    if stopped:
        complain(f"Stopped after {done} of {format_count(total, 'measurement')}.")
    elif args.quiet:
        for m in everything:
            if m.error:
                complain(f"{m.engine}, {m.width}x{m.height}: {m.error}")
    return stopped or int(any(m.error for m in everything))


def check_holes(holes: Sequence[int], megapixels: float) -> None:
    """Raise `BadRequest` where a hole of so many pixels leaves too little of such a photo."""
    for hole in holes:
        if hole > _share(megapixels, _MOST_PERCENT):
            raise BadRequest(
                "command.hole_beyond_photo",
                hole=hole,
                most=_MOST_PERCENT,
                megapixels=megapixels,
            )


@contextmanager
def _files(megapixels: float, hole: int) -> Iterator[tuple[dict[str, str], tuple[int, int, int]]]:
    """A photo and a mask in a temporary folder: the files, and width, height and hole pixels."""
    import numpy as np
    from PIL import Image

    from inpaint_core.lab.evaluation.scenes.scene_drawing import draw_blob, render_landscape

    photo = render_landscape(megapixels)
    height, width = photo.shape[:2]
    mask = draw_blob((height, width), hole)
    with tempfile.TemporaryDirectory(prefix="inpaint-benchmark-") as name:
        folder = Path(name)
        names = {"photo": "photo.jpg", "mask": "mask.png", "out": "out.jpg"}
        order = {key: str(folder / file) for key, file in names.items()}
        Image.fromarray(photo).save(order["photo"], quality=92)
        Image.fromarray(np.where(mask, 255, 0).astype(np.uint8)).save(order["mask"])
        yield order, (width, height, int(mask.sum()))


def measure_engine(
    order: dict[str, Any], picture: tuple[int, int, int], progress: Progress
) -> Measurement:
    """One measurement in a fresh process, which is killed when the work is cancelled."""
    from inpaint_core.lab.evaluation.timing_tables import Measurement

    width, height, hole = picture
    engine = str(order["engine"])
    command = [sys.executable, "-m", "inpaint_core.cli.benchmark_probe"]
    child = subprocess.Popen(
        [*command, json.dumps({**order, "born": time.time()})],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="backslashreplace",
    )
    with child:
        try:
            while True:
                try:
                    out, err = child.communicate(timeout=POLL)
                    break
                except subprocess.TimeoutExpired:
                    progress.check()
            progress.check()
        finally:
            child.kill()
    if child.returncode != 0 or not out.strip():
        last = (err.strip().splitlines() or [f"it ended with code {child.returncode}"])[-1]
        return Measurement(engine, width, height, hole, error=f"the process failed: {last}")
    return Measurement(engine, width, height, hole, **json.loads(out.splitlines()[-1]))


def _share(megapixels: float, percent: float) -> int:
    return max(1, round(megapixels * 1e4 * percent))


def _number(text: str, high: float) -> float:
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}” is not a number") from None
    if not (math.isfinite(value) and 0 < value <= high):
        raise argparse.ArgumentTypeError(f"{text} is not above 0 and at most {high:g}")
    return value


def _megapixels(text: str) -> float:
    return _number(text, 400)


def _percent(text: str) -> float:
    return _number(text, _MOST_PERCENT)


def _sizes(text: str) -> tuple[tuple[float, float | None], ...]:
    """``0.25:10,4`` as ((0.25, 10), (4, None))."""
    found = []
    for item in text.split(","):
        size, _, hole = item.partition(":")
        found.append((_megapixels(size), _percent(hole) if hole else None))
    return tuple(found)


def _holes(text: str) -> tuple[int, ...]:
    return tuple(whole_number(1, 10**9)(item) for item in text.split(","))
