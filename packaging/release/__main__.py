"""Put newly trained weights in: ``python packaging/release WEIGHTS --figures FILE``.

Copies the exported file into ``weights/``, writes its model card and its entry in
``manifest.json``. Refused when the file does not fit its network, or when the weights that are
there now measure better.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2]))

from figures import read_figures
from release import Facts, release

import weights
from inpaint_core.contract.errors import InpaintError


def _depths(text: str) -> dict[str, float]:
    """``crossing=24,wide=10`` by name. Raises ValueError."""
    pairs = [part.partition("=") for part in text.split(",") if part.strip()]
    return {name.strip(): float(depth) for name, _, depth in pairs}


def main() -> int:
    """Release what was asked for. 0 when done, 2 when refused."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("weights", type=Path, help="what “inpaint train CONFIG --export FILE” wrote")
    add(
        "--figures",
        type=Path,
        required=True,
        metavar="FILE",
        help="validation figures: the run's metrics.jsonl, or a JSON object of name: number",
    )
    add("--id", help="what the weights are called (default: their network's id)")
    for name, what in (
        ("measured", "on what the figures were measured"),
        ("training-data", "what the network was trained on"),
        ("licence", "the licence of the weights"),
        ("paper", "the paper that the network is from"),
    ):
        add(f"--{name}", metavar="TEXT", help=f"{what} (default: as the present entry says)")
    add(
        "--better-for",
        metavar="SITUATION=DEPTH[,...]",
        type=_depths,
        default={},
        help="up to which depth of a hole, in the situations of engine_choice, these weights "
        "with the native stage were measured to be better than exemplar synthesis alone "
        "(default: none)",
    )
    add(
        "--better-up-to",
        metavar="PIXELS",
        type=int,
        default=0,
        help="longest side of a view on which that was measured to hold (default: any)",
    )
    add("--remarks", metavar="TEXT", default="", help="a paragraph for the model card")
    add("--allow-worse", action="store_true", help="even if the present weights measure better")
    args = parser.parse_args()
    facts = Facts(
        args.measured,
        args.training_data,
        args.licence,
        args.paper,
        args.remarks,
        args.better_for,
        args.better_up_to,
    )
    try:
        entry = release(
            args.weights,
            read_figures(args.figures),
            facts,
            weights.FOLDER,
            weights_id=args.id,
            allow_worse=args.allow_worse,
        )
    except InpaintError as error:
        print(error.message, f"hint: {error.hint}", sep="\n", file=sys.stderr)
        return 2
    print(f"{entry.path}\n{entry.folder / entry.card}\n{entry.folder / 'manifest.json'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
