"""The folder that `priors`, `features` and `explain` write their results into."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image


def prepare_folder(args: argparse.Namespace, names: Iterable[str]) -> None:
    """Make the output folder, and make sure that files of these ``names`` can be put there.

    Raises `CannotWrite`.
    """
    from inpaint_core.retouch.output_places import check_apart, check_place, make_folder

    make_folder(args.out_dir)
    inputs = [vars(args).get(name) for name in ("photo", "mask", "lines", "edges", "semantic")]
    for name in names:
        check_apart(args.out_dir / name, inputs)
        check_place(args.out_dir / name, args.overwrite)


def write_picture(args: argparse.Namespace, name: str, picture: Image) -> None:
    """Write a picture as PNG into the output folder. Raises `CannotWrite`."""
    from inpaint_core.photo.atomic_file import write_atomically

    with write_atomically(args.out_dir / name, args.overwrite) as stream:
        picture.save(stream, "PNG")


def write_json(args: argparse.Namespace, name: str, value: object) -> None:
    """Write a value as indented JSON into the output folder. Raises `CannotWrite`."""
    write_text(args, name, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def write_text(args: argparse.Namespace, name: str, text: str) -> None:
    """Write a text into the output folder. Raises `CannotWrite`."""
    from inpaint_core.photo.atomic_file import write_atomically

    with write_atomically(args.out_dir / name, args.overwrite) as stream:
        stream.write(text.encode("utf-8", "backslashreplace"))
