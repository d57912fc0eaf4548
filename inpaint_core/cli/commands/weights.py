"""``inpaint weights``: weights of other programs and of one's own training."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from inpaint_core.cli.interruption import show_progress
from inpaint_core.cli.options import whole_number
from inpaint_core.contract.errors import BadRequest
from inpaint_core.contract.file_names import to_path

if TYPE_CHECKING:
    from inpaint_core.importing.catalogue import CatalogueFile
    from inpaint_core.networks.store.manifest import WeightsEntry

HELP = "Import or fetch weights of other programs, or of your own training; list and remove them."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``inpaint weights``."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    add = actions.add_parser("import", help="bring in weights; the file itself stays where it is")
    add.add_argument("files", metavar="FILE", nargs="+", type=to_path)
    add.add_argument("--name", help="what to call them; by default the file's hash begins the name")
    add.add_argument(
        "--accept", choices=("non-commercial",), help="terms of the weights that you agree to"
    )
    get = actions.add_parser(
        "get", help="fetch weights after asking, check their hash, import them"
    )
    get.add_argument("name", metavar="NAME", nargs="?", help="which; without it, all are shown")
    get.add_argument("--yes", action="store_true", help="do not ask")
    allow = actions.add_parser(
        "downloads", help="say whether anything may be fetched, or change it"
    )
    allow.add_argument("state", choices=("on", "off"), nargs="?", help="for the editor too")
    listed = actions.add_parser("list", help="show what ships and what was imported")
    listed.add_argument("--json", action="store_true", help="print JSON, for programs")
    actions.add_parser("check", help="compare every file with its hash")
    measure = actions.add_parser(
        "measure", help="find out where imported weights are better, so that “auto” uses them there"
    )
    measure.add_argument("id", metavar="ID")
    measure.add_argument(
        "--photos", metavar="DIR", type=to_path, help="draw holes into your photos, not into scenes"
    )
    measure.add_argument(
        "--count",
        type=whole_number(1, 999),
        default=12,
        metavar="N",
        help="how many scenes or photos, with two holes each (default: 12)",
    )
    for name, text in (
        ("prefer", "let an engine use these weights by itself"),
        ("remove", "delete imported weights"),
    ):
        actions.add_parser(name, help=text).add_argument("id", metavar="ID")
    actions.add_parser("where", help="print the folders that are searched, ours first")


def run(args: argparse.Namespace) -> int:
    """Do what ``args.action`` says. Returns 0, or 1 when a check found damage or nobody agreed."""
    actions: dict[str, Callable[[argparse.Namespace], int]] = {
        "import": _import,
        "get": _get,
        "downloads": _switch_downloads,
        "list": _list,
        "check": _check,
        "measure": _measure,
        "prefer": _prefer,
        "remove": _remove,
        "where": _where,
    }
    return actions[args.action](args)


def _import(args: argparse.Namespace) -> int:
    from inpaint_core.importing.examine_weights import examine_weights
    from inpaint_core.importing.import_weights import import_weights
    from inpaint_core.networks.store.user_weights import find_imported

    several = args.name is not None and len(args.files) > 1
    entries: dict[str, tuple[WeightsEntry, str]] = {}
    for path in args.files:
        with show_progress(False) as (_, progress):
            found = examine_weights(path, progress)
            if several and found.part is None:
                raise BadRequest("weights.one_name")
            again = find_imported(found.sha256)
            entry = import_weights(found, progress, args.name, args.accept is not None)
        print(f"{path.name}: {found.network}, {found.numbers / 1e6:.1f} million numbers")
        known = found.known
        print(f"  {_describe_known(known.title, known.origin) if known else _UNKNOWN}")
        print(f"  licence: {(known and known.licence) or 'not known here; ask who made them'}")
        if again is not None and again.parts == entry.parts:
            print(f"  imported already, on {again.imported[:10]}")
        entries[entry.id] = entry, found.engine
    for entry, engine in entries.values():
        _print_use(entry, engine)
    return 0


def _get(args: argparse.Namespace) -> int:
    from inpaint_core.importing.catalogue import CATALOGUE, find_file
    from inpaint_core.importing.download import discard_download, download
    from inpaint_core.importing.examine_weights import examine_weights
    from inpaint_core.importing.import_weights import import_weights
    from inpaint_core.networks.store.user_weights import find_imported

    if args.name is None:
        for each in CATALOGUE:
            _print_offer(each)
        return 0
    file = find_file(args.name)
    entry = find_imported(file.sha256)
    if entry is not None:
        print(f"{file.name}: imported already, on {entry.imported[:10]}")
        _print_use(entry, file.engine)
        return 0
    _print_offer(file)
    if not args.yes and not _ask(f"Fetch {file.size / 1e6:.0f} MB from {file.host}?"):
        return 1
    with show_progress(False) as (_, progress):
        found = examine_weights(download(file, progress.part(0, 0.7)), progress.part(0.7, 0.8))
        entry = import_weights(found, progress.part(0.8, 1), file.entry)
    discard_download(file)
    _print_use(entry, found.engine)
    return 0


def _print_offer(file: CatalogueFile) -> None:
    print(
        f"{file.name}: {file.known.title}, {file.size / 1e6:.0f} MB, for the engine {file.engine}"
    )
    print(f"  made by: {file.known.origin}")
    print(f"  licence: {file.known.licence or 'not known here; ask who made them'}")
    print(f"  from: {file.address}")
    print(f"  SHA-256: {file.sha256}")


def _ask(question: str) -> bool:
    """Whether the person at the terminal says yes. Raises `BadRequest` where there is none."""
    if not sys.stdin.isatty():
        raise BadRequest("weights.say_yes")
    sys.stdout.flush()  # what the question is about
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _switch_downloads(args: argparse.Namespace) -> int:
    from inpaint_core.local.download_permission import allow_downloads, are_downloads_allowed

    if args.state is not None:
        allow_downloads(args.state == "on")
    print(f"Downloads are {'on' if are_downloads_allowed() else 'off'}.")
    return 0


def _print_use(entry: WeightsEntry, engine: str) -> None:
    from inpaint_core.generators.registry import generators
    from inpaint_core.networks.store.entry_folder import find_test_picture

    name = entry.id.removeprefix(f"{generators()[engine].weights}-")
    if entry.missing:
        print(f"  kept for the engine {engine}:{name}; still missing, in any order:")
        for files in entry.missing:
            print(f"    {files}")
        return
    picture = find_test_picture(entry)
    if picture is not None:
        print(f"  test picture: {picture}")
    print(f"  use them: inpaint fill PHOTO --mask MASK --engine {engine}:{name}")


_UNKNOWN = "not a file that is known by its hash"


def _describe_known(title: str, origin: str) -> str:
    return f"known by its hash: {title}, from {origin}"


def _list(args: argparse.Namespace) -> int:
    entries = _find_all()
    if args.json:
        rows = [{**entry.plain(), "present": entry.is_present} for entry in entries]
        print(json.dumps(rows, indent=2, ensure_ascii=False))
        return 0
    for entry in entries:
        origin = f"imported {entry.imported[:10]} from {entry.source}" if entry.source else "ships"
        here = "" if entry.is_present else "; its file is missing"
        here += f"; incomplete, without {'; '.join(entry.missing)}" if entry.missing else ""
        seen = f", trained on {entry.images:,} samples" if entry.images else ""
        print(f"{entry.id}  {entry.network}, {entry.parameters / 1e6:.1f} M parameters{seen}")
        print(f"  {origin}{here}; {entry.licence or 'licence not known here'}")
    return 0


def _check(args: argparse.Namespace) -> int:
    from inpaint_core.networks.store.entry_folder import check_weights, find_test_picture
    from inpaint_core.networks.store.user_weights import read_user_weights

    code = 0
    for entry in _find_all():
        problem = check_weights(entry)
        print(f"{entry.id}: {'intact' if problem is None else problem.message}")
        if entry.missing:
            print(f"  incomplete, without {'; '.join(entry.missing)}")
        picture = find_test_picture(entry)
        if picture is not None:
            print(f"  test picture: {picture}")
        code = code if problem is None else 1
    for folder in read_user_weights().damaged:
        print(f"{folder}: its entry.json is missing or damaged")
        code = 1
    return code


def _measure(args: argparse.Namespace) -> int:
    from inpaint_core.generators.registry import find_engine_of
    from inpaint_core.lab.evaluation.weights_measurement import measure_weights, tell_better

    with show_progress(False) as (_, progress):
        entry = measure_weights(_find_usable(args.id), progress, args.count, args.photos)
    found = entry.validation
    print(f"{args.id}: SSIM in the hole {found['ssim_hole']:.3f}, {found['seconds']:.1f} s a hole")
    alone, seconds = found["exemplar_ssim_hole"], found["exemplar_seconds"]
    print(f"  exemplar synthesis alone: {alone:.3f}, {seconds:.1f} s")
    print(tell_better(find_engine_of(entry.id), entry.plain()), end="")
    return 0


def _prefer(args: argparse.Namespace) -> int:
    from inpaint_core.generators.registry import generators
    from inpaint_core.networks.store.manifest import read_manifest
    from inpaint_core.networks.store.user_weights import prefer

    entry = _find_usable(args.id)
    families = [spec for spec in generators().values() if spec.weights is not None]
    spec = next(spec for spec in families if entry.id.startswith(f"{spec.weights}-"))
    engine, family = spec.id, str(spec.weights)
    if spec.weights in read_manifest():  # other configurations do not ship
        if entry.network == spec.weights:
            name = entry.id.removeprefix(f"{spec.weights}-")
            raise BadRequest("weights.ships", engine=spec.id, name=name)
        engine, family = f"{spec.id}:{entry.network}", entry.network
    prefer(family, entry.id)
    print(f"The engine “{engine}” uses “{entry.id}” now.")
    return 0


def _remove(args: argparse.Namespace) -> int:
    from inpaint_core.networks.store.entry_folder import remove_weights

    entry = _find_imported(args.id)
    remove_weights(entry)
    print(f"Removed {entry.id}.")
    return 0


def _where(args: argparse.Namespace) -> int:
    from inpaint_core.networks.store.user_weights import list_folders

    for folder in list_folders():
        print(folder)
    return 0


def _find_all() -> list[WeightsEntry]:
    from inpaint_core.networks.store.manifest import read_manifest
    from inpaint_core.networks.store.user_weights import read_user_weights

    shipped, held = read_manifest(), read_user_weights()
    imported = {**held.entries, **held.incomplete}
    return [*shipped.values(), *(e for name, e in imported.items() if name not in shipped)]


def _find_usable(entry_id: str) -> WeightsEntry:
    from inpaint_core.networks.store.entries import check_complete

    entry = _find_imported(entry_id)
    check_complete(entry)
    return entry


def _find_imported(entry_id: str) -> WeightsEntry:
    """An imported entry by its id, or by the engine that uses it (“lama:mine”)."""
    from inpaint_core.generators.registry import generators
    from inpaint_core.networks.store.user_weights import read_user_weights

    held = read_user_weights()
    entries = {**held.incomplete, **held.entries}
    engine, _, name = entry_id.partition(":")
    if name and engine in generators():
        entry_id = f"{generators()[engine].weights}-{name}"
    if entry_id not in entries:
        raise BadRequest("weights.none_imported", name=entry_id, known=tuple(entries) or ("-",))
    return entries[entry_id]
