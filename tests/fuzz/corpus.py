"""Small files of every kind that is read."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pillow_heif
import tifffile
from PIL import Image
from renders import XMP, camera_raw, cmyk_profile, exif_block, saved, scene, srgb_profile, veil
from walkers import resource

from inpaint_core.photo.formats.registry import writable_formats
from inpaint_core.photo.photo import Block, Photo
from inpaint_core.photo.write_photo import encode_photo, fit_to_format

JXL_FILES = ("photo.jxl", "clear.jxl")
"""The files that are made only if `has_jxl`."""
_LARGEST = 1 << 20
_BLOCKS = (
    Block("chunk", "cHRM", bytes(32), "profile"),
    Block("chunk", "bKGD", bytes(6), "colour"),
    Block("chunk", "sBIT", b"\5\6\5\0"),
    Block("chunk", "tEXt Title", b"Title\0lake"),
    Block("chunk", "iTXt Title", b"Title\0\0\0en\0\0lake"),
    Block("late chunk", "prVt", b"late"),
    Block("comment", "comment", b"lake"),
    Block("segment", "APP5 mine", b"mine"),
    Block("piece", "mine", b"mine"),
    Block("resource", "paths", resource(2000, bytes(26)), "place"),
    Block("resource", "URL", resource(1035, b"https://example.org", b"URL")),
    Block("field", "65000", struct.pack("<HHI2d", 65000, 12, 2, 1.5, -2.5)),
)


def has_jxl() -> bool:
    """Whether the encoder for JPEG XL is installed; registers it."""
    try:
        import pillow_jxl  # noqa: F401
    except ImportError:
        return False
    return True


def corpus(folder: Path | None) -> dict[str, bytes]:
    """The bytes of each file, by a name that says what it is; JPEG XL only if `has_jxl`."""
    files = {**_ours(), **_tiffs(), **_others()}
    if folder is not None:
        for path in sorted(folder.iterdir()):
            if path.is_file() and path.stat().st_size <= _LARGEST:
                files[path.name] = path.read_bytes()
    return files


def _ours() -> dict[str, bytes]:
    """With every block that a file can have."""
    out = {}
    for bits, dtype in ((8, np.uint8), (16, np.uint16)):
        photo = Photo(
            scene(40, 56, dtype),
            veil(40, 56, dtype),
            icc=srgb_profile(),
            exif=exif_block("<" if bits == 8 else ">", 1, b"\xff\xd8small\xff\xd9"),
            xmp=XMP,
            iptc=b"\x1c\x02\x78\x00\x04lake",
            dpi=(300.0, 300.0),
            blocks=_BLOCKS,
        )
        for suffix in (".jpg", ".png", ".tif", ".webp", ".bmp"):
            kind = writable_formats()[suffix]
            if bits <= kind.depth:
                ready, _ = fit_to_format(photo, kind)
                out[f"ours{bits}{suffix}"] = encode_photo(ready, kind, 90)[0]
    long = Photo(scene(40, 56), xmp=XMP + b" " * 70_000)
    out["long-xmp.jpg"] = encode_photo(long, writable_formats()[".jpg"], 80)[0]
    return out


def _tiff(values: Any, **options: Any) -> bytes:
    out = io.BytesIO()
    tifffile.imwrite(out, values, metadata=None, software=False, **options)
    return out.getvalue()


def _tiffs() -> dict[str, bytes]:
    eight, deep = scene(40, 56), scene(40, 56, np.uint16)
    floats = (deep / 65535).astype(np.float32)
    planes = np.ascontiguousarray(np.moveaxis(deep, 2, 0))
    _, lzw = cv2.imencode(".tif", deep, [cv2.IMWRITE_TIFF_COMPRESSION, 5])
    _, lzw_floats = cv2.imencode(".tif", floats, [cv2.IMWRITE_TIFF_COMPRESSION, 5])
    ink = Image.fromarray(eight).convert("CMYK")
    return {
        "tiled-big.tif": _tiff(deep, photometric="rgb", tile=(16, 32), bigtiff=True),
        "floats.tif": _tiff(floats, photometric="rgb", compression="deflate"),
        "lzw16.tif": lzw.tobytes(),
        "lzw-floats.tif": lzw_floats.tobytes(),
        "planes.tif": _tiff(planes, photometric="rgb", planarconfig="separate"),
        "lab.tif": _tiff(deep, photometric="cielab"),
        "ink16.tif": _tiff(np.dstack([deep, deep[..., :1]]), photometric="separated"),
        "ink.tif": saved(ink, "TIFF", icc_profile=cmyk_profile(), compression="tiff_lzw"),
        "jpeg.tif": saved(Image.fromarray(eight), "TIFF", compression="jpeg"),
        "camera.dng": camera_raw(40, 56)[1],
    }


def _others() -> dict[str, bytes]:
    eight, deep = scene(40, 56), scene(40, 56, np.uint16)
    image = Image.fromarray(eight)
    clear = Image.fromarray(np.dstack([eight, veil(40, 56)]))
    _, avif = cv2.imencode(
        ".avif", deep >> 6, [cv2.IMWRITE_AVIF_QUALITY, 90, cv2.IMWRITE_AVIF_DEPTH, 10]
    )
    out = {
        "progressive.jpg": saved(image, "JPEG", progressive=True),
        "restarts.jpg": saved(image, "JPEG", subsampling=2, restart_marker_blocks=2),
        "grey.jpg": saved(image.convert("L"), "JPEG", progressive=True),
        "turned.jpg": saved(Image.fromarray(scene(48, 64)), "JPEG", exif=exif_block("<", 6)),
        "ink.jpg": saved(image.convert("CMYK"), "JPEG", icc_profile=cmyk_profile()),
        "palette.png": saved(image.quantize(9), "PNG"),
        "clear.webp": saved(clear, "WEBP", lossless=True),
        "moving.webp": saved(image, "WEBP", save_all=True, append_images=[image.rotate(90)]),
        "photo.gif": saved(image.quantize(9), "GIF"),
        "photo.avif": saved(clear, "AVIF"),
        "deep.avif": avif.tobytes(),
        "photo.heic": _heic("RGB", eight),
        "clear.heic": _heic("RGBA", np.asarray(clear)),
        "deep.heic": _heic("RGB;16", deep),
    }
    if has_jxl():
        jxl = (
            saved(image, "JXL", exif=exif_block(), xmp=XMP),
            saved(clear, "JXL", lossless=True),
        )
        out.update(zip(JXL_FILES, jxl, strict=True))
    return out


def _heic(mode: str, values: Any) -> bytes:
    file = pillow_heif.from_bytes(mode, (values.shape[1], values.shape[0]), values.tobytes())
    out = io.BytesIO()
    file.save(out, quality=80, exif=b"Exif\0\0" + exif_block(), xmp=XMP)
    return out.getvalue()
