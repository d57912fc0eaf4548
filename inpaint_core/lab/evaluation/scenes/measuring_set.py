"""What weights are measured on where there are no photos with masks: holes of every depth."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from inpaint_core.contract.arrays import BoolMask
from inpaint_core.contract.errors import BadRequest, InpaintError
from inpaint_core.lab.evaluation.cases import SUFFIXES, Sample, to_eight_bit
from inpaint_core.lab.evaluation.pixel_metrics import Composite
from inpaint_core.lab.evaluation.scenes.rendered_cases import SCENE_ORDER, render_case
from inpaint_core.lab.evaluation.scenes.small_holes import draw_object
from inpaint_core.lab.evaluation.scenes.structure_set import (
    LEAST_SIDE,
    place_silhouette,
    reduce_photo,
)
from inpaint_core.photo.read_photo import read_photo

LONGEST_SIDE = 1536
"""Photos are reduced to this."""
TRIES = 24
"""Silhouettes that are tried on a photo."""


def render_measuring_set(count: int) -> list[tuple[str, Sample]]:
    """``count`` rendered scenes, evenly spread over the kinds that there are, each with a large
    hole that its lines cross, and again with a small one anywhere.
    """
    found = []
    for number in range(count):
        name, sample = render_case(number * len(SCENE_ORDER) // count)
        found += [(name, sample), (f"{name}_object", _with_object(name, sample.truth))]
    return found


def draw_measuring_set(folder: Path, count: int) -> list[tuple[str, Sample]]:
    """At most ``count`` photos of the ``folder`` and the folders in it, evenly spread, each with a
    person's silhouette and again with a small hole. A hole depends on the photo's name and size
    alone. Photos that cannot be read or are small are left out; raises `BadRequest` when there is
    no other.
    """
    paths = [path for path in sorted(folder.rglob("*")) if path.suffix.lower() in SUFFIXES]
    chosen = np.linspace(0, len(paths) - 1, min(count, len(paths))).round().astype(int)
    found = [each for number in chosen for each in _draw_holes(paths[number])]
    if not found:
        raise BadRequest("lab.no_photos", sources=folder)
    return found


def _draw_holes(path: Path) -> Iterator[tuple[str, Sample]]:
    try:
        photo = reduce_photo(to_eight_bit(read_photo(path).pixels), LONGEST_SIDE)
    except InpaintError:
        return
    if min(photo.shape[:2]) < LEAST_SIDE:
        return
    rng = np.random.default_rng(zlib.crc32(path.stem.encode()))
    tries = (place_silhouette(rng, photo.shape[:2]) for _ in range(TRIES))
    figure: BoolMask | None = next((each for each in tries if each is not None), None)
    if figure is not None:
        yield f"{path.stem}_figure", Sample(photo, figure)
    yield f"{path.stem}_object", _with_object(path.stem, photo)


def _with_object(name: str, photo: Composite) -> Sample:
    plane = np.zeros(photo.shape[:2], np.uint8)
    draw_object(np.random.default_rng(zlib.crc32(f"{name} object".encode())), plane)
    return Sample(photo, plane > 0)
