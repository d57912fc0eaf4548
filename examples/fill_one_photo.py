"""Remove from one photo what a mask marks: python fill_one_photo.py PHOTO MASK OUT"""

import sys
from pathlib import Path

from inpaint_core import FillOptions, InpaintError, fill, read_mask, read_photo, write_photo


def main(photo_path: Path, mask_path: Path, out: Path) -> None:
    """Fill, write, and print what the file could not keep."""
    photo = read_photo(photo_path)
    mask = read_mask(mask_path, photo.shape)
    filled = fill(photo, mask, FillOptions(engine="exemplar", seed=3, grow=2))
    for note in write_photo(out, filled):
        print(note)


if __name__ == "__main__":
    try:
        main(*map(Path, sys.argv[1:]))
    except InpaintError as error:
        sys.exit(str(error))
