"""``inpaint engines``: what can fill a hole."""

from __future__ import annotations

import argparse
import json
from typing import Any

from inpaint_core.registry import GeneratorSpec, generators

HELP = "List the engines that can fill a hole."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``inpaint engines``."""
    parser.add_argument("--json", action="store_true", help="print JSON, for programs")


def run(args: argparse.Namespace) -> int:
    """Print the table or the JSON. Returns 0."""
    rows = [describe(spec) for spec in generators().values()]
    if args.json:
        print(json.dumps(rows, indent=2, ensure_ascii=False))
        return 0
    width = max(len(row["id"]) for row in rows)
    for row in rows:
        weights = {None: "needs no weights", True: "weights present", False: "weights missing"}
        size = "any size" if row["max_side"] is None else f"sees {row['max_side']} px at once"
        print(f"{row['id']:<{width}}  {row['title']}")
        about = (row["summary"], row["paper"])
        traits = (" or ".join(row["devices"]), size, weights[row["weights_present"]])
        for line in (*filter(None, about), "; ".join(traits)):
            print(f"{'':<{width}}  {line}")
    return 0


def describe(spec: GeneratorSpec) -> dict[str, Any]:
    """The generator as JSON values; ``weights_present`` is None where none are needed."""
    return {
        "id": spec.id,
        "title": spec.title,
        "summary": spec.summary,
        "paper": spec.paper,
        "devices": ["cpu", "cuda", "mps"] if spec.uses_torch else ["cpu"],
        "max_side": spec.size.max_side,
        "native_stage": spec.native_stage,
        "products": list(spec.products),
        "weights": spec.weights,
        "weights_present": None if spec.weights is None else _present(spec.weights),
    }


def _present(name: str) -> bool:
    import weights

    try:
        weights.path(name)
    except FileNotFoundError:
        return False
    return True
