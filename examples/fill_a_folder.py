"""Fill every photo of a folder with one engine: python fill_a_folder.py PHOTOS MASKS OUT

A photo's mask has its name and ends in .png. The engine is kept, so that a network is loaded once.
"""

import sys
from pathlib import Path

from inpaint_core import Engine, InpaintError, fill, read_mask, read_photo, write_photo


def main(photos: Path, masks: Path, out: Path) -> None:
    """Fill what can be filled, and say what cannot."""
    engine = Engine()
    out.mkdir(exist_ok=True)
    for path in sorted(photos.iterdir()):
        try:
            photo = read_photo(path)
            mask = read_mask(masks / f"{path.stem}.png", photo.shape)
            write_photo(out / path.name, fill(photo, mask, engine=engine), overwrite=True)
        except InpaintError as error:
            print(f"{path.name}: {error}")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
