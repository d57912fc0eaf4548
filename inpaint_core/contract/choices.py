"""What can be chosen of a fill, of an output and in training: types, values and bounds, each once.

The command line, the editor's settings, projects and the engine read them from here. Imports no
NumPy, so that ``--help`` and the editor's start stay quick.
"""

from __future__ import annotations

from typing import Literal, get_args

DEFAULT_ENGINE = "auto"
DEFAULT_FEATHER = 2.0

MAX_REACH = 4096
"""Pixels by which a mask may be grown, shrunk or feathered."""

MAX_COORDINATE = 1_000_000
"""Pixels from the photo's corner to a point outside of it."""

MAX_SEED = 2**63 - 1

DEVICES = ("auto", "cpu", "cuda", "mps")
"""Where networks run; "auto": a GPU if there is one. Of several GPUs, "cuda:1" is the second."""


def is_device(name: str) -> bool:
    """Whether this can be asked for: one of `DEVICES`, or "cuda:" and the number of a GPU."""
    kind, _, number = name.partition(":")
    return name in DEVICES or (kind == "cuda" and number.isascii() and number.isdecimal())


Precision = Literal["auto", "float32", "bfloat16", "float16"]
"""What a network computes in; "auto": what is fastest on its device."""
PRECISIONS: tuple[Precision, ...] = get_args(Precision)

Perspective = Literal["auto", "always", "off"]
"""Which planes are continued in perspective: those that are sure, also those that are only likely,
or none but those that are set."""
PERSPECTIVES: tuple[Perspective, ...] = get_args(Perspective)

Regularity = Literal["auto", "off"]
"""Whether lines that cross a hole together, and what repeats around it, are kept in step."""
REGULARITIES: tuple[Regularity, ...] = get_args(Regularity)

FormatName = Literal["same", "jpeg", "png", "tiff", "webp", "psd", "ora"]
"""The format of an export; "same": the original's."""
FORMAT_NAMES: tuple[FormatName, ...] = get_args(FormatName)

ChromaSampling = Literal["4:4:4", "4:2:2", "4:2:0"]
"""Chroma sampling of a JPEG."""
CHROMA_SAMPLINGS: tuple[ChromaSampling, ...] = get_args(ChromaSampling)

ProfileChoice = Literal["keep", "srgb", "p3", "adobe"]
"""The colour space of an output: the photo's own, sRGB, Display P3 or Adobe RGB."""
PROFILES: tuple[ProfileChoice, ...] = get_args(ProfileChoice)

MetadataChoice = Literal["all", "no_gps", "none"]
"""All metadata; without the position, serial numbers and the maker's note; nothing."""
METADATA_CHOICES: tuple[MetadataChoice, ...] = get_args(MetadataChoice)

ResizeBy = Literal["long", "short", "width", "height", "percent"]
"""What is given of a new size: a side in pixels, or percent of the old one."""
RESIZE_BY: tuple[ResizeBy, ...] = get_args(ResizeBy)

MAX_SIDE = 65_535
"""Pixels of a side that may be asked for; no JPEG has a longer one."""

MAX_PERCENT = 400


Layer = Literal[
    "pixels", "alpha", "mask", "protect", "source", "edges", "semantic", "restored", "filled",
    "filled_alpha",
]  # fmt: skip
"""``pixels``: the photo with its fills; ``alpha``: its opacity; ``mask``: the area to fill;
``protect``: the area that must not be copied from; ``source``: the area that alone may be copied
from, if there is one; ``edges``: edges drawn by hand for a fill; ``semantic``: what things are, a
colour for each class; ``restored``: how much of the original was painted back; ``filled`` and
``filled_alpha``: what is under it."""

Augmentation = Literal["colour", "translation", "cutout"]
"""A way in which pictures are changed at random before a discriminator judges them in training."""

MOST_COPY_SOURCES = 5
"""How many places to copy from the clone and heal brushes remember in each photo."""
