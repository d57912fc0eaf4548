"""A network's feature maps of a hole, as arrays: python feature_maps.py PHOTO MASK"""

import sys
from pathlib import Path

from inpaint_core import (
    Engine,
    FillOptions,
    build_request,
    engines,
    look_inside,
    read_mask,
    read_photo,
)


def main(photo_path: Path, mask_path: Path) -> None:
    """Fill, and print the size and the mean of two maps of every tile."""
    photo = read_photo(photo_path)
    mask = read_mask(mask_path, photo.shape)
    request = build_request(photo, mask, FillOptions(engine="tsgl"))
    names = [tap.name for tap in engines()["tsgl"].taps[:2]]
    run = look_inside(request, Engine(), names)
    for capture in run.captures:
        for name, values in capture.maps.items():  # (channels, h, w) float16
            print(name, values.shape, f"{float(values.mean()):.4f}")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
