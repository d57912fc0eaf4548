"""A camera's raw files, where the package rawpy is installed (extra “raw”)."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from inpaint_core.contract.errors import PhotoDamaged, PhotoUnsupported
from inpaint_core.photo.formats.source_bytes import check_size, damaged
from inpaint_core.photo.metadata import exif
from inpaint_core.photo.photo import Origin, Photo, as_pixels

_TURNS = {0: 1, 3: 3, 5: 8, 6: 6}
"""LibRaw's numbers for turning, as EXIF orientations."""


def decode(data: bytes, path: Path, max_pixels: int) -> Photo:
    """The raw photo developed plainly, upright: 16 bits in Display P3, the camera's white balance,
    no automatic brightness.

    Raises `PhotoUnsupported` where rawpy is not installed or does not know the camera.
    """
    try:
        import rawpy
    except ImportError as error:
        raise PhotoUnsupported(
            f"“{path}” is a camera's raw file, and no decoder for it is installed.",
            "Install one (pip install rawpy), or export the photo as a 16-bit TIFF.",
        ) from error
    from inpaint_core.photo.colour.icc_profiles import profile

    try:
        with rawpy.imread(io.BytesIO(data)) as raw:
            sizes: Any = raw.sizes
            check_size(sizes.width, sizes.height, max_pixels, path)
            check_size(sizes.raw_width, sizes.raw_height, 2 * max_pixels, path)
            pixels = raw.postprocess(
                output_bps=16,
                use_camera_wb=True,
                no_auto_bright=True,
                # Else the brightest pixel would be white wherever it has 3/4 of white's number:
                # shots of a burst would differ in brightness.
                adjust_maximum_thr=0.0,
                gamma=(2.4, 12.92),  # sRGB's curve
                output_color=rawpy.ColorSpace.P3D65,
            )
    except rawpy.LibRawFileUnsupportedError as error:
        raise PhotoUnsupported(
            f"“{path}” is a raw file that the decoder does not know.",
            "Export the photo as a 16-bit TIFF.",
        ) from error
    except rawpy.LibRawError as error:
        raise damaged(path, str(error)) from error
    if pixels.ndim != 3 or pixels.shape[2] != 3:
        raise PhotoDamaged(f"“{path}” holds no colours.", "Export the photo as a 16-bit TIFF.")
    return Photo(
        as_pixels(pixels),
        icc=profile("p3"),
        exif=exif.from_tiff(data),
        notes=(
            "The raw file was developed with the camera's white balance and nothing else;"
            " it cannot be written as a raw file again.",
        ),
        origin=Origin("camera raw", 16, turn=_TURNS.get(int(sizes.flip), 1)),
    )
