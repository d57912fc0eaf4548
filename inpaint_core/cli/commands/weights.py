"""``inpaint weights``: weights of other programs and of one's own training."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable

from inpaint_core.cli.interruption import show_progress
from inpaint_core.contract.errors import BadRequest
from inpaint_core.contract.file_names import to_path
from inpaint_core.networks.store.manifest import WeightsEntry

HELP = "Import weights of other programs or of your own training, list, check and remove them."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``inpaint weights``."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    add = actions.add_parser("import", help="bring in weights; the file itself stays where it is")
    add.add_argument("files", metavar="FILE", nargs="+", type=to_path)
    add.add_argument("--name", help="what to call them; by default the file's hash begins the name")
    add.add_argument(
        "--accept", choices=("non-commercial",), help="terms of the weights that you agree to"
    )
    listed = actions.add_parser("list", help="show what ships and what was imported")
    listed.add_argument("--json", action="store_true", help="print JSON, for programs")
    actions.add_parser("check", help="compare every file with its hash")
    for name, text in (
        ("prefer", "let an engine use these weights by itself"),
        ("remove", "delete imported weights"),
    ):
        actions.add_parser(name, help=text).add_argument("id", metavar="ID")
    actions.add_parser("where", help="print the folders that are searched, ours first")


def run(args: argparse.Namespace) -> int:
    """Do what ``args.action`` says. Returns 0, or 1 when a check found damage."""
    actions: dict[str, Callable[[argparse.Namespace], int]] = {
        "import": _import,
        "list": _list,
        "check": _check,
        "prefer": _prefer,
        "remove": _remove,
        "where": _where,
    }
    return actions[args.action](args)


def _import(args: argparse.Namespace) -> int:
    from inpaint_core.generators.registry import generators
    from inpaint_core.importing.import_weights import examine_weights, import_weights

    if args.name is not None and len(args.files) > 1:
        raise BadRequest("weights.one_name")
    for path in args.files:
        with show_progress(False) as (_, progress):
            found = examine_weights(path, progress)
            entry = import_weights(found, progress, args.name, args.accept is not None)
        weights = generators()[found.engine].weights
        name = entry.id.removeprefix(f"{weights}-")
        print(f"{path.name}: {found.network}, {found.tensors} tensors")
        known = found.known
        print(f"  {_describe_known(known.title, known.origin) if known else _UNKNOWN}")
        print(f"  licence: {entry.licence or 'not known here; ask who made them'}")
        print(f"  use them: inpaint fill PHOTO --mask MASK --engine {found.engine}:{name}")
    return 0


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
        print(f"{entry.id}  {entry.network}, {entry.parameters / 1e6:.1f} M parameters")
        print(f"  {origin}{here}; {entry.licence or 'licence not known here'}")
    return 0


def _check(args: argparse.Namespace) -> int:
    from inpaint_core.importing.import_weights import check_weights
    from inpaint_core.networks.store.user_weights import read_user_weights

    code = 0
    for entry in _find_all():
        problem = check_weights(entry)
        print(f"{entry.id}: {'intact' if problem is None else problem.message}")
        code = code if problem is None else 1
    for folder in read_user_weights().damaged:
        print(f"{folder}: its entry.json is missing or damaged")
        code = 1
    return code


def _prefer(args: argparse.Namespace) -> int:
    from inpaint_core.generators.registry import generators
    from inpaint_core.networks.store.manifest import read_manifest
    from inpaint_core.networks.store.user_weights import prefer

    entry = _find_imported(args.id)
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
    from inpaint_core.importing.import_weights import remove_weights

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

    shipped, imported = read_manifest(), read_user_weights().entries
    return [*shipped.values(), *(e for name, e in imported.items() if name not in shipped)]


def _find_imported(entry_id: str) -> WeightsEntry:
    from inpaint_core.networks.store.user_weights import read_user_weights

    entries = read_user_weights().entries
    if entry_id not in entries:
        raise BadRequest("weights.none_imported", name=entry_id, known=tuple(entries) or ("-",))
    return entries[entry_id]
