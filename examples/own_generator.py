"""A generator of one's own: python own_generator.py PHOTO MASK OUT

It fills with the mean colour of the known pixels. The engine cuts the photo into crops, tells the
generator what it may look at, and puts the fill into the photo at the photo's own depth.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np

from inpaint_core import (
    Engine,
    Fill,
    FillOptions,
    GeneratorSpec,
    Progress,
    View,
    fill,
    read_mask,
    read_photo,
    write_photo,
)


def run(net: Any, view: View, progress: Progress) -> Fill:
    """One view: the crop around a hole, (h, w, 3) float32 in [0, 1]."""
    mean = view.image[~view.hole].mean(axis=0)
    return Fill(np.broadcast_to(mean, view.image.shape).astype(np.float32))


MEAN = GeneratorSpec("mean", "Mean colour", "Fills with the mean of the known pixels.", run)


def main(photo_path: Path, mask_path: Path, out: Path) -> None:
    """Fill with the generator above."""
    photo = read_photo(photo_path)
    mask = read_mask(mask_path, photo.shape)
    write_photo(out, fill(photo, mask, FillOptions(engine="mean"), engine=Engine(own=[MEAN])))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
