"""The options for another size of a result, and the value made of them."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING

from inpaint_core.contract.choices import MAX_PERCENT, MAX_SIDE, RESIZE_BY

if TYPE_CHECKING:
    from inpaint_core.contract.choices import ResizeBy
    from inpaint_core.contract.options import Resize

_SIDES = tuple(by for by in RESIZE_BY if by != "percent")
_FORMS = ", ".join(f"{side}:PX" for side in _SIDES)


def add_resize_options(parser: argparse._ActionsContainer) -> None:
    """The size that results are written in."""
    parser.add_argument(
        "--resize",
        metavar="SIZE",
        type=_parse_size,
        help=f"write in another size of the same proportions: {_FORMS}, or 50%%; nothing outside "
        "the mask is then the same pixel for pixel",
    )
    parser.add_argument(
        "--enlarge",
        action="store_true",
        help="let --resize make photos larger (default: smaller ones keep their size)",
    )
    parser.add_argument(
        "--sharpen",
        action="store_true",
        help="strengthen fine details after --resize",
    )


def read_resize(args: argparse.Namespace) -> Resize | None:
    """The size that was asked for. Raises `BadRequest` for --enlarge or --sharpen without one."""
    from inpaint_core.contract.errors import BadRequest
    from inpaint_core.contract.options import Resize

    if args.resize is None:
        for option in ("enlarge", "sharpen"):
            if getattr(args, option):
                raise BadRequest("command.option_without_resize", option=f"--{option}")
        return None
    by, amount = args.resize
    return Resize(by, amount, args.enlarge, args.sharpen)


def _parse_size(text: str) -> tuple[ResizeBy, float]:
    percent = re.fullmatch(r"([0-9]{1,3}(?:\.[0-9]{1,4})?)%", text)
    if percent is not None and 0 < float(percent[1]) <= MAX_PERCENT:
        return "percent", float(percent[1])
    side, _, length = text.partition(":")
    for known in _SIDES:
        if side == known and re.fullmatch("[0-9]{1,5}", length) and 1 <= int(length) <= MAX_SIDE:
            return known, int(length)
    raise argparse.ArgumentTypeError(
        f"“{text}” is not a size: {_FORMS} with 1 to {MAX_SIDE} pixels, or up to {MAX_PERCENT}%"
    )
