"""``inpaint figures``: the figures of a paper, drawn for a photo of one's own."""

from __future__ import annotations

import argparse
import pkgutil
import time
from typing import TYPE_CHECKING

from inpaint_core.cli import terminal
from inpaint_core.cli.options import (
    add_inspected_fill_options,
    add_inspection_options,
    read_files,
)
from inpaint_core.cli.result_folder import prepare_folder
from inpaint_core.contract.file_names import to_path

if TYPE_CHECKING:
    from inpaint_core.contract.arrays import Pixels
    from inpaint_core.contract.request import InpaintRequest
    from inpaint_core.inspection.figures.paper_figure import Classifier

HELP = (
    "Fill, and draw for this photo what the figures of a paper show, on one page that explains each"
    " figure for photographers and for researchers. The photo is not changed."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``inpaint figures``."""
    from inpaint_core.inspection import papers

    add_inspection_options(parser)
    # By their files' names: to import them would take as long as to import NumPy and OpenCV.
    files = {module.name for module in pkgutil.iter_modules(papers.__path__)}
    known = ", ".join(sorted(files - {"registry"}))
    parser.add_argument("--paper", metavar="ID", required=True, help=f"whose figures: {known}")
    parser.add_argument(
        "--truth",
        metavar="FILE",
        type=to_path,
        help="a picture of the photo's size that shows what lies in the hole, for figures that"
        " compare with it; the photo itself where nothing that should go lies under the mask",
    )
    parser.add_argument(
        "--features",
        metavar="FILE",
        type=to_path,
        help="SqueezeNet 1.1, for figures that show a classifier's maps",
    )
    parser.add_argument(
        "--baseline",
        metavar="ENGINE",
        help="a second network that figures of --paper tsgl compare with: weights of your own for"
        " its ablation “Baseline”, as tsgl:NAME (default: the layer before of the same network)",
    )
    add_inspected_fill_options(parser, "the paper's own")
    parser.set_defaults(engine=None)


def run(args: argparse.Namespace) -> int:
    """Fill, draw, write. Returns 0."""
    started = time.perf_counter()
    from inpaint_core.cli.interruption import show_progress
    from inpaint_core.contract.errors import BadRequest
    from inpaint_core.engine.engine import Engine
    from inpaint_core.inspection.capture import look_inside
    from inpaint_core.inspection.figures.draw_paper import (
        check_baseline,
        check_engine,
        draw_paper,
        list_taps,
    )
    from inpaint_core.inspection.figures.paper_page import PAGE, list_files, write_paper
    from inpaint_core.inspection.papers.registry import papers
    from inpaint_core.retouch.fill_task import nothing_left

    if args.paper not in papers():
        raise BadRequest("figures.unknown", name=args.paper, known=tuple(papers()))
    paper = papers()[args.paper]
    args.engine = args.engine or paper.engine
    check_engine(paper, args.engine)
    if args.baseline is not None:
        check_baseline(paper, args.engine, args.baseline)
    prepare_folder(args, list_files(paper))
    request, truth = _read(args)
    classifier = _load_classifier(args)
    with show_progress(args.quiet) as (_, progress):
        taps = list_taps(paper, args.engine)
        run = look_inside(request, Engine(), taps, progress.part(0.0, 0.5))
        if run.result.rect.is_empty:
            raise nothing_left(args.grow)
        other = None
        if args.baseline is not None:
            asked = request.with_options(engine=args.baseline)
            other = look_inside(asked, Engine(), paper.baseline_taps, progress.part(0.5, 0.7))
        drawn = draw_paper(paper, run, truth, classifier, progress.part(0.7, 1.0), other)
        write_paper(paper, run, drawn, args.out_dir, args.photo.name, args.overwrite)
        progress.report(1.0)
    for figure in drawn if terminal.wants_remarks(args) else ():
        if figure.missing is not None:
            terminal.remark(f"note: {figure.id.replace('_', '-')}: {figure.missing}")
    if terminal.wants_remarks(args):
        seconds = terminal.format_duration(time.perf_counter() - started)
        count = sum(figure.missing is None for figure in drawn)
        terminal.remark(f"{args.out_dir / PAGE}: {count} figures, {seconds}")
    return 0


def _read(args: argparse.Namespace) -> tuple[InpaintRequest, Pixels | None]:
    """The request, and the truth in the same numbers. Raises what reading the files raises, and
    `BadRequest` for a truth of another size.
    """
    from inpaint_core.contract.errors import BadRequest
    from inpaint_core.photo.read_photo import read_photo
    from inpaint_core.retouch.retouch import build_request

    photo, mask, options = read_files(args)
    request = build_request(photo, mask, options)
    if args.truth is None:
        return request, None
    limit = {} if args.max_pixels is None else {"max_pixels": args.max_pixels}
    truth = build_request(read_photo(args.truth, **limit), mask, options).image
    if truth.shape != request.image.shape:
        raise BadRequest("figures.truth_other_size", path=args.truth)
    return request, truth


def _load_classifier(args: argparse.Namespace) -> Classifier | None:
    if args.features is None:
        return None
    from inpaint_core.lab.training.classifier_features import ClassifierFeatures

    return ClassifierFeatures(args.features).read_maps
