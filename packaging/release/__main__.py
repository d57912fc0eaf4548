"""Install newly trained weights: ``python packaging/release WEIGHTS --figures FILE``.

Copies the exported file into ``weights/`` and writes its model card and its entry in
``manifest.json``. Refuses a file that does not fit its network, or that measures worse than the
present weights.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2]))

from figures import read_figures
from release import ReleaseFacts, release_weights

import weights
from inpaint_core.contract.errors import InpaintError
from inpaint_core.contract.specs import FirstLook
from inpaint_core.networks.store.manifest import read_better


def _parse_first_look(text: str) -> FirstLook:
    """``tsgl:layout,128,96``. Raises ValueError."""
    engine, side, over = text.split(",")
    return FirstLook(engine.strip(), int(side), float(over))


def main() -> int:
    """Release the weights. Returns 0 when done, 2 when refused."""
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
    add("--id", help="the name of the weights (default: their network's id)")
    for name, what in (
        ("measured", "what the figures were measured on"),
        ("training-data", "what the network was trained on"),
        ("licence", "the licence of the weights"),
        ("paper", "the paper that the network is from"),
    ):
        add(f"--{name}", metavar="TEXT", help=f"{what} (default: as the present entry says)")
    add(
        "--better",
        metavar="FILE",
        type=Path,
        help="where they are better and how their fills are followed best, as “inpaint evaluate "
        "--by depth --write-better” wrote it into OUT-DIR/better (default: “auto” does not use "
        "them)",
    )
    add(
        "--first-look",
        metavar="ENGINE,SIDE,WIDTH",
        type=_parse_first_look,
        help="the engine that looks first at holes wider than WIDTH pixels in a view of 512, and "
        "to what longer side the view is reduced for it, if that measured better (default: none)",
    )
    add("--remarks", metavar="TEXT", default="", help="a paragraph for the model card")
    add("--allow-worse", action="store_true", help="even if the present weights measure better")
    args = parser.parse_args()
    facts = ReleaseFacts(
        args.measured,
        args.training_data,
        args.licence,
        args.paper,
        args.remarks,
        {} if args.better is None else read_better(args.better),
        args.first_look,
    )
    try:
        entry = release_weights(
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
