"""``inpaint benchmark --peers``: other programs on the same photos and masks, in the same run."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from inpaint_core.cli.interruption import exit_code, show_progress
from inpaint_core.cli.options import whole_number
from inpaint_core.cli.terminal import complain
from inpaint_core.contract.errors import BadRequest
from inpaint_core.contract.file_names import to_path
from inpaint_core.contract.message import Message
from inpaint_core.contract.progress import Cancelled

if TYPE_CHECKING:
    from inpaint_core.lab.evaluation.cases import Sample
    from inpaint_core.lab.evaluation.peers.comparison import PeerRow

ALL = "all"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options that only a comparison has."""
    add = parser.add_argument_group("comparison with other programs").add_argument
    add(
        "--peers",
        metavar="ID[,ID...]",
        nargs="?",
        const=ALL,
        help="compare --engine with other programs: all that are installed, or those named",
    )
    add("--photos", type=to_path, metavar="DIR", help="photos to fill; without: --sizes, rendered")
    add("--masks", type=to_path, metavar="DIR", help="their masks, bright = hole")
    add(
        "--only",
        action="append",
        default=[],
        metavar="GLOB",
        help="only photos whose stem matches, as '*_sea'; may be repeated",
    )
    add("--limit", type=whole_number(1, 10**9), metavar="N", help="at most N photos, evenly spread")
    add("--features", type=to_path, metavar="FILE", help="SqueezeNet 1.1 weights (.pth)")
    add(
        "--patience",
        metavar="S",
        type=whole_number(1, 86400),
        default=600,
        help="seconds after which a program is stopped (default: 600)",
    )
    add("--fills", type=to_path, metavar="DIR", help="write every fill to DIR/ID/PHOTO.png")


def compare(args: argparse.Namespace) -> int:
    """Run everything, print, write. 0 when every program that is here gave fills, 1 when one
    failed; stopped with Ctrl-C, what was measured so far is printed and written too.
    """
    import numpy as np
    from PIL import Image

    from inpaint_core.cli.report import write_report
    from inpaint_core.lab.evaluation.peers.comparison import compare_peer, find_peers
    from inpaint_core.lab.evaluation.peers.own_engine import own_engine
    from inpaint_core.lab.evaluation.peers.peer_table import (
        LEGEND,
        format_mean_table,
        format_photo_table,
    )
    from inpaint_core.lab.evaluation.peers.registry import peer, peers
    from inpaint_core.retouch.output_places import check_place, make_folder

    own = [own_engine(name, args.device) for name in _split(args.engine)]
    others = list(peers().values()) if args.peers == ALL else [peer(n) for n in _split(args.peers)]
    if args.json is not None:
        check_place(args.json, overwrite=True)
    photos, count = _photos(args)
    features = None
    if args.features is not None:
        from inpaint_core.lab.evaluation.perceptual.feature_distance import FeatureDistance

        features = FeatureDistance(args.features)
    rows: list[PeerRow] = []
    missing: dict[str, str] = {}
    stopped = 0
    try:
        with show_progress(args.quiet) as (_, progress):
            found, absent = find_peers([*own, *others], args.patience, progress.part(0.0, 0.1))
            missing = {title: str(error.message) for title, error in absent.items()}
            total, done = count * len(found), 0
            for name, sample in photos:
                of_photo: list[PeerRow] = []
                for each in found:
                    progress.report(
                        0.1 + 0.9 * done / total,
                        Message("lab.scoring", photo=name, candidate=each.peer.title),
                    )
                    row, fill = compare_peer(
                        each, name, sample, progress, args.patience, args.repeat, features
                    )
                    of_photo.append(row)
                    rows.append(row)
                    done += 1
                    if fill is not None and args.fills is not None:
                        place = args.fills / each.peer.id
                        make_folder(place)
                        whole = np.where(sample.hole[..., None], fill, sample.truth)
                        Image.fromarray(whole).save(place / f"{name}.png")
                if not args.quiet:
                    print(format_photo_table(of_photo) + "\n")
    except Cancelled as stop:
        if not rows:
            raise
        stopped = exit_code(stop)
    if not args.quiet:
        if len({row.photo for row in rows}) > 1:
            print(format_mean_table(rows) + "\n")
        lines = [f"{title}: {reason}" for title, reason in missing.items()]
        print("\n".join([*lines, LEGEND]))
    if args.json is not None:
        content: dict[str, Any] = {
            "repeat": args.repeat,
            "device": args.device,
            "rows": [row.to_plain_values() for row in rows],
            "missing": missing,
        }
        write_report(args.json, "benchmark", content)
    for row in rows:
        if row.error and args.quiet:
            complain(f"{row.peer}, {row.photo}: {row.error}")
    return stopped or int(any(row.error for row in rows))


def _split(names: str) -> list[str]:
    return [name.strip() for name in names.split(",") if name.strip()]


def _photos(args: argparse.Namespace) -> tuple[Iterator[tuple[str, Sample]], int]:
    """The photos with their masks, one after the other, and how many there are."""
    from inpaint_core.lab.evaluation.cases import Sample, find_cases, load_sample
    from inpaint_core.lab.evaluation.scenes.scene_drawing import draw_blob, render_landscape

    if (args.photos is None) != (args.masks is None):
        raise BadRequest("command.usage", sentence="Give --photos and --masks, or neither.",
                         program="inpaint benchmark")  # fmt: skip
    if args.photos is not None:
        cases = find_cases(args.photos, args.masks, args.only, args.limit)
        return ((case.name, load_sample(case)) for case in cases), len(cases)

    def render() -> Iterator[tuple[str, Sample]]:
        for megapixels, percent in args.sizes:
            truth = render_landscape(megapixels)
            pixels = round(megapixels * 1e4 * (percent or args.hole))
            yield f"landscape-{megapixels:g}", Sample(truth, draw_blob(truth.shape[:2], pixels))

    return render(), len(args.sizes)
