"""Make the manual's pictures by playing scripts in the editor, and its pages as HTML.

``python packaging/manual`` plays every script in ``scripts/`` with the sample photo, and writes the
pictures into ``resources/manual/pictures``; ``--html DIR`` writes the manual as a web site with
MkDocs instead (``pip install mkdocs``).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

ROOT = Path(__file__).parents[2]
MANUAL = ROOT / "resources" / "manual"
SCRIPTS = Path(__file__).parent / "scripts"
_WIDTH = 900  # pixels of a picture
_QUALITY = 35
_DUST = ((260, 90, 5), (520, 150, 7), (930, 70, 6), (1180, 210, 5), (1340, 60, 7), (770, 240, 5))


def draw_inputs(folder: Path) -> None:
    """The photos that the scripts open: one with dust, and an album."""
    sample = np.asarray(Image.open(ROOT / "resources" / "samples" / "beach.jpg").convert("RGB"))
    Image.fromarray(_add_dust(sample)).save(folder / "dusty.jpg", quality=92)
    album = folder / "beach"
    album.mkdir()
    height, width = sample.shape[:2]
    for number in range(6):
        part = sample[:, number * width // 12 : width // 2 + number * width // 12]
        Image.fromarray(part[: height - 40 * number]).save(album / f"beach_{number + 1}.jpg")
    shutil.copy(album / "beach_2.jpg", album / "beach_2-lacuna.jpg")


def _add_dust(photo: NDArray[np.uint8]) -> NDArray[np.uint8]:
    y, x = np.mgrid[: photo.shape[0], : photo.shape[1]]
    light = np.ones(photo.shape[:2])
    for column, row, radius in _DUST:
        light *= 1 - 0.14 / (1 + np.exp(2 * (np.hypot(x - column, y - row) - radius)))
    return np.asarray((photo * light[..., None]).round(), np.uint8)


def play(script: Path, folder: Path) -> None:
    """Play a script in ``folder``, where its pictures are written."""
    copied = folder / script.name
    shutil.copy(script, copied)
    screen = {"QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen")}
    command = [sys.executable, "-m", "app", "--play", str(copied)]
    subprocess.run(command, cwd=ROOT, env={**os.environ, **screen}, check=True)


def shrink(picture: Path, out: Path) -> None:
    """Write a screenshot as a small WebP."""
    with Image.open(picture) as image:
        size = (_WIDTH, round(image.height * _WIDTH / image.width))
        small = image.convert("RGB").resize(min(size, image.size), Image.Resampling.LANCZOS)
        small.save(out, quality=_QUALITY, method=6)


def build_site(out: Path) -> None:
    """The manual as HTML, with MkDocs."""
    names = json.loads((MANUAL / "contents.json").read_text("utf-8"))
    with tempfile.TemporaryDirectory() as name:
        config = Path(name) / "mkdocs.yml"
        # JSON is YAML, too.
        text = {
            "site_name": "Lacuna",
            "docs_dir": str(MANUAL),
            "site_dir": str(out.resolve()),
            "theme": "readthedocs",
            "use_directory_urls": False,
            "nav": [f"{chapter}.md" for chapter in names],
            "exclude_docs": "contents.json",
        }
        config.write_text(json.dumps(text), "utf-8")
        subprocess.run([sys.executable, "-m", "mkdocs", "build", "-q", "-f", config], check=True)
    first = f'<meta charset="utf-8"><meta http-equiv="refresh" content="0; url={names[0]}.html">'
    (out / "index.html").write_text(first, "utf-8")


def main() -> None:
    """Make the pictures, or the web site."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--html", metavar="DIR", type=Path, help="write the manual as HTML")
    parser.add_argument("scripts", nargs="*", help="only these scripts, by name")
    args = parser.parse_args()
    if args.html is not None:
        build_site(args.html)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        draw_inputs(folder)
        for script in sorted(SCRIPTS.glob("*.jsonl")):
            if not args.scripts or script.stem in args.scripts:
                play(script, folder)
        for picture in sorted(folder.glob("*.png")):
            shrink(picture, MANUAL / "pictures" / f"{picture.stem}.webp")


if __name__ == "__main__":
    main()
