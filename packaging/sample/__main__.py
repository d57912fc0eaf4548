"""Render the sample photo and the mask of the object in it: ``python packaging/sample``.

The picture is all our own, so it may be shipped, changed and measured against: ``--truth FILE``
renders the same scene without the object.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import grass
import numpy as np
import sand
import sea
import sky
import stand
from noise import Field
from numpy.typing import NDArray
from PIL import Image, ImageCms
from scene import HEIGHT, HORIZON, WIDTH, Rays, lay_over

_MARGIN = 5  # pixels by which the mask extends beyond the object and its shadow


def render_scene(oversampling: int, with_stand: bool) -> tuple[Field, Field]:
    """The scene in linear light (HEIGHT, WIDTH, 3), and where the stand covers or shades it."""
    n = oversampling
    upper = Rays.of_rows(0, HORIZON, n)
    lower = Rays.of_rows(HORIZON, HEIGHT, n)
    shade = stand.cast_shadow(lower)
    air = sky.add_headland(upper, sky.render_sky(upper))
    water, wet = sea.render_sea(lower)
    beach = sand.render_sand(lower, shade if with_stand else shade * 0)
    image = np.concatenate([air, lay_over(beach, water, wet)])
    whole = Rays.of_rows(0, HEIGHT, n)
    paint, cover = stand.render_stand(whole)
    if with_stand:
        image = lay_over(image, paint, cover)
    image = np.ascontiguousarray(image, np.float32)
    grass.draw_grass(image, n)
    touched = cover.copy()
    touched[len(air) :] = np.maximum(touched[len(air) :], shade * (1 - wet))
    size = (WIDTH, HEIGHT)
    return (
        cv2.resize(image, size, interpolation=cv2.INTER_AREA),
        cv2.resize(touched, size, interpolation=cv2.INTER_AREA),
    )


def develop_photo(image: Field) -> NDArray[np.uint8]:
    """Linear light to an sRGB picture as a camera makes it: lens, sensor noise, tone curve."""
    h, w = image.shape[:2]
    y, x = np.mgrid[:h, :w].astype(np.float32)
    radius = np.hypot((x - w / 2) / w, (y - h / 2) / w)
    image = cv2.GaussianBlur(image, (0, 0), 0.45) * (1 - 0.42 * radius**2)[..., None]
    rng = np.random.default_rng(3)
    luma = cv2.GaussianBlur(rng.normal(0, 1, (h, w, 1)).astype(np.float32), (0, 0), 0.5)[..., None]
    chroma = cv2.GaussianBlur(rng.normal(0, 1, (h, w, 3)).astype(np.float32), (0, 0), 0.9)
    sigma = 0.011 * np.sqrt(np.maximum(image, 0) + 0.02)
    image = np.maximum(image * 0.80 + sigma * (1.4 * luma + 0.9 * chroma), 0)
    # Narkowicz' fit of the ACES curve.
    toned = image * (2.51 * image + 0.03) / (image * (2.43 * image + 0.59) + 0.14)
    toned = np.clip(toned, 0, 1)
    coded = np.where(toned <= 0.0031308, toned * 12.92, 1.055 * toned ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(coded * 255), np.uint8)


def draw_mask(touched: Field) -> NDArray[np.uint8]:
    """The mask a person would paint: the object and its shadow with a small margin."""
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * _MARGIN + 1,) * 2)
    solid = cv2.dilate(np.asarray(touched > 0.02, np.uint8) * 255, disc)
    return np.asarray(cv2.morphologyEx(solid, cv2.MORPH_CLOSE, disc))


def main() -> None:
    """Render the photo and the mask, or the truth."""
    samples = Path(__file__).resolve().parents[2] / "resources" / "samples"
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out-dir", type=Path, default=samples)
    parser.add_argument("--truth", type=Path, help="render the scene without the object to FILE")
    parser.add_argument("--oversampling", type=int, default=2, help="rays per pixel and direction")
    args = parser.parse_args()
    image, touched = render_scene(args.oversampling, with_stand=args.truth is None)
    if args.truth is not None:
        Image.fromarray(develop_photo(image)).save(args.truth)
        return
    photo = Image.fromarray(develop_photo(image))
    exif = Image.Exif()
    exif[0x010E] = "A lifebuoy stand on a beach (rendered sample photo)"
    exif[0x010F], exif[0x0110] = "Lacuna", "Rendered scene"
    exif[0x0131] = "packaging/sample"
    exif[0x8298] = "The Lacuna developers, Apache-2.0"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    args.out_dir.mkdir(parents=True, exist_ok=True)
    photo.save(
        args.out_dir / "beach.jpg", quality=80, optimize=True, icc_profile=profile, exif=exif
    )
    Image.fromarray(draw_mask(touched)).save(args.out_dir / "beach-mask.png", optimize=True)


if __name__ == "__main__":
    main()
