"""Writing OpenRaster files: an archive of PNG files, with a list of the layers.

No kept library writes them at 16 bits. Source: OpenRaster 0.0.6, “File Layout” and “Layer Stack”.
"""

from __future__ import annotations

import io
import zipfile
from xml.etree import ElementTree

import cv2

from inpaint_core.contract.arrays import Pixels
from inpaint_core.photo.formats.format import Encoded
from inpaint_core.photo.formats.openraster.openraster_reader import LAYERS, MERGED
from inpaint_core.photo.formats.png.png_writer import encode_png
from inpaint_core.photo.layers import Layer, apply_mask, split_layers
from inpaint_core.photo.photo import Photo, as_pixels, to_eight_bits

_MIME, _VERSION = b"image/openraster", "0.0.5"
_THUMBNAIL = 256  # pixels, the longest side that is allowed


def encode_openraster(photo: Photo, quality: int | None, sampling: str) -> Encoded:
    """An OpenRaster file at the photo's depth. A layer's mask is in its alpha; metadata are in the
    picture that all layers make together.
    """
    out = io.BytesIO()
    layers = split_layers(photo)
    # Nothing is packed: PNG files are. The first file must not be.
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("mimetype", _MIME)
        archive.writestr("stack.xml", _list_layers(photo, layers))
        for layer in layers:
            picture = Photo(layer.pixels, apply_mask(layer), photo.icc, is_grey=photo.is_grey)
            archive.writestr(_name_file(layer), encode_png(picture))
        archive.writestr(MERGED, encode_png(photo))
        archive.writestr("Thumbnails/thumbnail.png", _make_thumbnail(photo))
    return out.getvalue(), ()


def _name_file(layer: Layer) -> str:
    return f"{LAYERS}{layer.name.lower()}.png"


def _list_layers(photo: Photo, layers: tuple[Layer, ...]) -> bytes:
    """The list of layers, the uppermost first."""
    height, width = photo.shape
    image = ElementTree.Element("image", version=_VERSION, w=str(width), h=str(height))
    if photo.dpi is not None:
        image.set("xres", str(round(photo.dpi[0])))
        image.set("yres", str(round(photo.dpi[1])))
    stack = ElementTree.SubElement(image, "stack")
    for layer in reversed(layers):
        ElementTree.SubElement(
            stack,
            "layer",
            {
                "name": layer.name,
                "src": _name_file(layer),
                "x": str(layer.rect.x),
                "y": str(layer.rect.y),
                "opacity": "1.0",
                "visibility": "visible",
                "composite-op": "svg:src-over",
            },
        )
    return bytes(ElementTree.tostring(image, "UTF-8", xml_declaration=True))


def _make_thumbnail(photo: Photo) -> bytes:
    height, width = photo.shape
    scale = min(1.0, _THUMBNAIL / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))

    def shrink(values: Pixels) -> Pixels:
        return as_pixels(cv2.resize(to_eight_bits(values), size, interpolation=cv2.INTER_AREA))

    alpha = None if photo.alpha is None else shrink(photo.alpha)
    return encode_png(Photo(shrink(photo.pixels), alpha, photo.icc))
