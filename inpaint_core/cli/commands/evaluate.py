"""``inpaint evaluate``: score engines and finished fills on photos whose truth is known."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inpaint_core.cli.interruption import exit_code, show_progress
from inpaint_core.cli.options import add_device, whole_number
from inpaint_core.cli.terminal import complain, format_count
from inpaint_core.contract.choices import MAX_SEED
from inpaint_core.contract.errors import BadRequest
from inpaint_core.contract.file_names import show_name, to_path
from inpaint_core.contract.progress import Cancelled, Progress
from inpaint_core.contract.version import __version__
from inpaint_core.retouch.output_places import make_folder, write_whole

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

    from inpaint_core.lab.evaluation.cases import Case, Sample
    from inpaint_core.lab.evaluation.perceptual.fid import Fid
    from inpaint_core.lab.evaluation.photo_scoring import ScoredPhoto, ScoreRow

HELP = "score engines and finished fills against the true content of the holes"

DESCRIPTION = """\
Fills the hole of every photo and compares with what was there. All are scored alike: 8-bit,
a mask pixel of 128 or more is hole, only hole pixels of a fill are used, all others come from
the photo. Photos and masks (and finished fills) are matched by the name before the dot.
Means are given over all photos and by the share of the photo that is hole, in the bins of the
irregular masks (over 1 % and up to 10 %, 10 to 20 % .. 50 to 60 %).
With --scenes the photos are rendered ones with straight lines through the hole; with --structure
the photos of a folder with the most lines, each with a person's silhouette across them;
with --small photos with small and thin holes.
Writes scores.json, scores.csv, table.txt and contact sheets (sheet-1.png ..) to --out-dir.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    add = parser.add_argument
    add("--photos", type=to_path, metavar="DIR", help="the photos: the truth")
    add("--masks", type=to_path, metavar="DIR", help="their masks, bright = hole")
    add(
        "--scenes",
        type=whole_number(1, 999),
        metavar="N",
        help="instead of photos: N rendered scenes whose lines cross the hole, put into "
        "OUT-DIR/scenes",
    )
    add(
        "--structure",
        type=Path,
        metavar="DIR",
        help="instead of photos and masks: the photos in DIR and its folders whose lines a drawn "
        "silhouette crosses most often (48, or --limit), put into OUT-DIR/structure",
    )
    add(
        "--small",
        type=Path,
        metavar="DIR",
        help="instead of photos and masks: every photo in DIR and its folders with a spot, a "
        "scratch, a wire and a small object, one hole each, put into OUT-DIR/small",
    )
    add("--engine", type=_names, default=[], metavar="ID[,ID...]", help="engines to score")
    add(
        "--peers",
        type=to_path,
        action="append",
        default=[],
        metavar="DIR",
        help="folder whose sub-folders hold finished fills; may be repeated",
    )
    add(
        "--out-dir",
        type=to_path,
        default=Path("evaluation"),
        metavar="DIR",
        help="folder for the results; created if missing (default: evaluation)",
    )
    add(
        "--only",
        action="append",
        default=[],
        metavar="GLOB",
        help="only photos whose stem matches, as '*[02468]_*'; may be repeated",
    )
    add("--limit", type=whole_number(1, 10**9), metavar="N", help="at most N photos, evenly spread")
    add("--features", type=to_path, metavar="FILE", help="SqueezeNet 1.1 weights (.pth)")
    add(
        "--lpips",
        type=to_path,
        nargs=2,
        metavar=("BACKBONE", "HEADS"),
        help="LPIPS too: a backbone with torchvision's key names and the heads learned on it",
    )
    add(
        "--fid",
        type=to_path,
        metavar="FILE",
        help="FID too: the weights of its Inception-v3; needs 50 photos or more",
    )
    add(
        "--seed",
        type=whole_number(0, MAX_SEED),
        metavar="N",
        default=0,
        help="seed of the engines (default: 0)",
    )
    add_device(parser)
    add("--brief", action="store_true", help="print the means only, not every photo")
    add("--keep-fills", action="store_true", help="write the engines' fills to OUT-DIR/fills/ID")
    add("--no-sheet", action="store_true", help="write no contact sheets")
    add(
        "--actual",
        action="store_true",
        help="write close-ups at 100 %% of every photo, to OUT-DIR/actual",
    )
    add(
        "--by",
        choices=("family", "situation", "depth", "width"),
        help="means too of photos whose names are alike after their number, of holes that "
        "“auto” tells apart (by situation, or by situation and depth), or of holes as wide",
    )
    add(
        "--write-better",
        action="store_true",
        help="with --by depth, exemplar and networks among the engines: measure where each network "
        "is better and how its fills are followed best, into the entries of weights that you "
        "imported, which “auto” goes by, and into OUT-DIR/better",
    )
    add(
        "--resume",
        action="store_true",
        help="go on where a run with the same options and weights was stopped",
    )


def run(args: argparse.Namespace) -> int:
    """Score, print, write. 0 when everything was scored, 1 when something failed; stopped with
    Ctrl-C, what was scored so far is printed and written too.
    """
    from inpaint_core.lab.evaluation.native_stage.better_run import BetterRun
    from inpaint_core.lab.evaluation.perceptual.feature_distance import FeatureDistance, Lpips
    from inpaint_core.lab.evaluation.perceptual.fid import Fid, InceptionFeatures
    from inpaint_core.lab.evaluation.photo_scoring import find_candidates, score_photo
    from inpaint_core.lab.evaluation.score_files import ScoreLog
    from inpaint_core.lab.evaluation.score_table import format_photo_table

    if args.resume and args.fid:
        raise BadRequest("command.fid_not_resumable")
    better = None
    if args.write_better:
        better = BetterRun(args.engine, args.by, args.features is not None)
    runners = find_candidates(args.engine, args.peers, args.seed, args.device)
    features = FeatureDistance(args.features) if args.features else None
    lpips = Lpips(*args.lpips) if args.lpips else None
    fid = Fid(InceptionFeatures(args.fid)) if args.fid else None
    with show_progress(args.quiet) as (_, progress):
        cases = _cases(args, progress)
        if better is not None:
            runners = better.replace_networks(runners, cases, progress)
    make_folder(args.out_dir)
    # Not the number of scenes: more of them begin with the same ones.
    settings = {**_settings(args), "scenes": args.scenes is not None}
    ledger = ScoreLog(args.out_dir / "rows.jsonl", settings, args.resume)
    rows: list[ScoreRow] = []
    stopped = 0
    try:
        with show_progress(args.quiet) as (bar, progress):
            for index, case in enumerate(cases):
                part = progress.part(index / len(cases), (index + 1) / len(cases))
                known = ledger.photos.get(case.name)
                if known is not None:
                    rows += known
                    continue
                result = _sorted(score_photo(case, runners, features, part, lpips), args.by, part)
                if fid is not None and result.sample is not None:
                    fid.add(case.name, result.sample.truth, result.composites)
                _draw(result, [runner.name for runner in runners], args)
                if args.keep_fills:
                    _keep(result, args.engine, args.out_dir / "fills")
                ledger.add(result.rows)
                rows += result.rows
                if not (args.brief or args.quiet):
                    bar.wipe()
                    print(format_photo_table(result.rows), end="\n\n", flush=True)
    except Cancelled as stop:
        if not rows:
            raise
        stopped = exit_code(stop)
    except Exception:
        if rows:  # a bug met on the last photo must not cost what the others took
            _write(args, rows, fid)
        raise
    text = _write(args, rows, fid)
    if better is not None and not stopped:
        text += better.write(rows, cases, args.out_dir / "better")
    if not args.quiet:
        print(f"{text}\nWritten to {args.out_dir}")
    for row in rows:
        if row.error and (args.brief or args.quiet):
            complain(f"{row.photo}, {row.candidate}: {row.error}")
    if stopped:
        done = len({row.photo for row in rows})
        complain(f"Stopped after {done} of {format_count(len(cases), 'photo')}.")
    return stopped or int(any(row.error for row in rows))


def _settings(args: argparse.Namespace) -> dict[str, Any]:
    """What decides the rows of a run: a run with other settings does not go on from them."""
    from inpaint_core.networks.store.manifest import read_manifest
    from inpaint_core.networks.store.user_weights import read_user_weights

    held = {**read_user_weights().entries, **read_manifest()}
    return {
        "version": __version__,
        "photos": str(args.photos) if args.photos else None,
        "masks": str(args.masks) if args.masks else None,
        "scenes": args.scenes,
        "structure": str(args.structure) if args.structure else None,
        "small": str(args.small) if args.small else None,
        "engines": args.engine,
        "weights": {name: entry.plain() for name, entry in held.items()},
        "better": args.write_better,
        "peers": [str(folder) for folder in args.peers],
        "by": args.by,
        "seed": args.seed,
        "device": args.device,
        "features": str(args.features) if args.features else None,
        "lpips": [str(path) for path in args.lpips] if args.lpips else None,
    }


def _sorted(result: ScoredPhoto, by: str | None, progress: Progress) -> ScoredPhoto:
    """The trial with the group of its photo in every row, if groups were asked for."""
    from dataclasses import replace

    from inpaint_core.lab.evaluation.photo_groups import GROUPINGS

    if by is None or result.sample is None:
        return result
    group = GROUPINGS[by](result.case, result.sample, progress)
    return replace(result, rows=tuple(replace(row, group=group) for row in result.rows))


def _draw(result: ScoredPhoto, names: Sequence[str], args: argparse.Namespace) -> None:
    """Write the photo's row of the contact sheet, and its close-ups at 100 %."""
    from inpaint_core.lab.evaluation.contact_sheet import draw_at_full_size, draw_row

    pictures = []
    if not args.no_sheet:
        pictures.append(("strips", draw_row(result, names)))
    if args.actual and (page := draw_at_full_size(result)) is not None:
        pictures.append(("actual", page))
    for folder, picture in pictures:
        make_folder(args.out_dir / folder)
        _write_picture(args.out_dir / folder / f"{result.case.name}.png", picture)


def _cases(args: argparse.Namespace, progress: Progress) -> list[Case]:
    """The photos that the options name, or scenes or holes drawn for this run.

    Raises `BadRequest` for several or none of them, and too few photos for FID.
    """
    from inpaint_core.lab.evaluation.cases import find_cases
    from inpaint_core.lab.evaluation.perceptual.fid import FEWEST

    names = ("photos", "masks", "scenes", "structure", "small")
    given = {name for name in names if getattr(args, name) is not None}
    if given not in ({"photos", "masks"}, {"scenes"}, {"structure"}, {"small"}):
        raise BadRequest("command.which_photos")
    least = FEWEST if args.fid else 0
    if args.structure is not None:
        found = find_cases(*_draw_holes(args, progress), args.only)
    elif args.small is not None:
        found = find_cases(*_draw_small_holes(args, progress), args.only, args.limit)
    elif args.scenes is None:
        found = find_cases(args.photos, args.masks, args.only, args.limit)
    else:
        _enough(args.scenes, least)
        found = find_cases(*_render(args), args.only, args.limit)
    _enough(len(found), least)
    return found


def _enough(count: int, least: int) -> None:
    if count < least:
        raise BadRequest("command.too_few_for_fid", least=least, count=count)


def _render(args: argparse.Namespace) -> tuple[Path, Path]:
    """Write the scenes to OUT-DIR/scenes, instead of those of a run before."""
    from inpaint_core.lab.evaluation.scenes.rendered_cases import render_case

    return _write_samples(args.out_dir / "scenes", map(render_case, range(args.scenes)))


def _draw_holes(args: argparse.Namespace, progress: Progress) -> tuple[Path, Path]:
    """Write photos with drawn holes to OUT-DIR/structure, instead of those of a run before."""
    from inpaint_core.lab.evaluation.scenes.structure_set import COUNT, build_structure_set

    samples = build_structure_set(args.structure, args.limit or COUNT, progress)
    return _write_samples(args.out_dir / "structure", samples)


def _draw_small_holes(args: argparse.Namespace, progress: Progress) -> tuple[Path, Path]:
    """Write photos with small holes to OUT-DIR/small, instead of those of a run before."""
    from inpaint_core.lab.evaluation.scenes.small_holes import draw_small_holes

    return _write_samples(args.out_dir / "small", draw_small_holes(args.small, progress))


def _write_samples(folder: Path, samples: Iterable[tuple[str, Sample]]) -> tuple[Path, Path]:
    import numpy as np
    from PIL.Image import fromarray as from_array

    folders = (folder / "photos", folder / "masks")
    for each in folders:
        make_folder(each)
        for old in each.glob("[0-9][0-9][0-9]_*.png"):
            old.unlink()
    for name, sample in samples:
        mask = np.where(sample.hole, 255, 0).astype(np.uint8)
        for each, pixels in zip(folders, (sample.truth, mask), strict=True):
            _write_picture(each / f"{name}.png", from_array(pixels))
    return folders


def _write(args: argparse.Namespace, rows: Sequence[ScoreRow], fid: Fid | None) -> str:
    """Write everything; returns the text of the tables."""
    from PIL import Image

    from inpaint_core.lab.evaluation.contact_sheet import stack_pages
    from inpaint_core.lab.evaluation.score_files import format_csv, format_json
    from inpaint_core.lab.evaluation.score_table import format_report

    text = format_report(rows) + (f"\n\n{fid.format_report()}" if fid else "") + "\n"
    settings = {
        **_settings(args),
        "only": args.only,
        "limit": args.limit,
        "fid": str(args.fid) if args.fid else None,
    }
    distances = fid.compute_distances() if fid else None
    _write_text(args.out_dir / "scores.json", format_json(rows, settings, distances))
    _write_text(args.out_dir / "scores.csv", format_csv(rows))
    _write_text(args.out_dir / "table.txt", show_name(text))
    for old in args.out_dir.glob("sheet-*.png"):
        old.unlink()  # a shorter run must not leave pages of a longer one behind
    drawn = [] if args.no_sheet else list(dict.fromkeys(row.photo for row in rows))
    found = [args.out_dir / "strips" / f"{name}.png" for name in drawn]
    strips = [Image.open(path) for path in found if path.is_file()]
    for number, page in enumerate(stack_pages(strips), 1):
        _write_picture(args.out_dir / f"sheet-{number}.png", page)
    return text


def _write_text(path: Path, text: str) -> None:
    write_whole(path, lambda stream: stream.write(text.encode("utf-8", "backslashreplace")))


def _write_picture(path: Path, picture: Picture) -> None:
    write_whole(path, lambda stream: picture.save(stream, "PNG"))


def _keep(result: ScoredPhoto, engines: Sequence[str], folder: Path) -> None:
    """Write the fills of our engines as RGBA, alpha = hole: finished fills for a later run."""
    import numpy as np
    from PIL.Image import fromarray as from_array

    if result.sample is None:
        return
    alpha = np.where(result.sample.hole, 255, 0).astype(np.uint8)
    for name in engines:
        if name in result.composites:
            make_folder(folder / name)
            picture = from_array(np.dstack([result.composites[name], alpha]))
            _write_picture(folder / name / f"{result.case.name}.png", picture)


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]
