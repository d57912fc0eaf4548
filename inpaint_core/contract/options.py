"""What a person asks of a fill and of its file: one value each for command line and editor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Generic, Literal, TypeVar

from inpaint_core.contract.choices import (
    DEFAULT_ENGINE,
    DEFAULT_FEATHER,
    ChromaSampling,
    MetadataChoice,
    Perspective,
    Precision,
    ProfileChoice,
    Regularity,
    ResizeBy,
)
from inpaint_core.contract.geometry import Plane, Segment

Mask = TypeVar("Mask", covariant=True)
OtherMask = TypeVar("OtherMask")


@dataclass(frozen=True, eq=False)
class FillOptions(Generic[Mask]):
    """How to fill. ``Mask`` is what holds a mask: a file (`Path`), a part of a layer, or an array.

    ``engine`` is a generator's id, ``device`` one of `DEVICES`, ``seed`` 0 to `MAX_SEED`. The
    mask that is filled is grown by ``grow`` pixels (shrunk when negative; None: each hole by as
    much as its mask leaves out of the soft edge of what it covers), then its edge fades outwards
    over ``feather`` pixels. ``precision`` is that of networks. ``lines`` must run
    straight through the hole; ``edges`` are drawn by hand, of any shape, and obeyed where they lie
    in the hole. ``planes`` are surfaces that are continued in perspective, each in every
    connected hole that it reaches into; where none are set, ``perspective`` says which are looked
    for. ``regularity``: whether lines that cross the hole together, and what repeats, are kept in
    step. Nothing is copied from ``protect``; where ``source`` is given, pixels are copied only from
    there. ``semantic``: a picture of the photo's size that shows what things are, a colour for each
    class, for networks that take one: a file (`Path`) or an array (H, W, 3) uint8.
    """

    engine: str = DEFAULT_ENGINE
    device: str = "auto"
    seed: int = 0
    grow: int | None = None
    feather: float = DEFAULT_FEATHER
    precision: Precision = "auto"
    lines: tuple[Segment, ...] = ()
    planes: tuple[Plane, ...] = ()
    perspective: Perspective = "auto"
    regularity: Regularity = "auto"
    edges: Mask | None = None
    protect: Mask | None = None
    source: Mask | None = None
    semantic: Any = None

    @property
    def masks(self) -> tuple[Mask, ...]:
        """The masks that are given."""
        return tuple(m for m in (self.edges, self.protect, self.source) if m is not None)

    def with_masks(
        self,
        convert: Callable[[Mask], OtherMask],
        convert_edges: Callable[[Mask], OtherMask] | None = None,
        convert_semantic: Callable[[Any], Any] | None = None,
    ) -> FillOptions[OtherMask]:
        """The same options with every mask that is given converted; edges and the semantic map in
        their own way where ``convert_edges`` and ``convert_semantic`` are given.
        """
        others: Any = self
        return replace(
            others,
            edges=None if self.edges is None else (convert_edges or convert)(self.edges),
            protect=None if self.protect is None else convert(self.protect),
            source=None if self.source is None else convert(self.source),
            semantic=None
            if self.semantic is None
            else (convert_semantic or convert)(self.semantic),
        )


@dataclass(frozen=True)
class Resize:
    """A new size of a photo, of the same proportions.

    ``amount`` is the length of the side that ``by`` names, 1 to 65535 pixels, or above 0 to 400
    percent. ``enlarge``: the photo may get larger too, else it then stays as it is. ``sharpen``:
    fine details are strengthened afterwards, as resizing softens them.
    """

    by: ResizeBy
    amount: float
    enlarge: bool = False
    sharpen: bool = False

    def target(self, width: int, height: int) -> tuple[int, int]:
        """The new (width, height) in pixels of a photo of this size, each at least 1."""
        sides = {
            "long": max(width, height),
            "short": min(width, height),
            "width": width,
            "height": height,
            "percent": 100,
        }
        scale = self.amount / sides[self.by]
        if scale >= 1 and not self.enlarge:
            return width, height
        return max(1, round(width * scale)), max(1, round(height * scale))


@dataclass(frozen=True, kw_only=True)
class OutputOptions:
    """How to write a photo, whatever its format.

    ``quality`` 1 to 100 for JPEG and WebP; None compresses a JPEG as the original was, anything
    else at 95. ``chroma`` is a JPEG's sampling, "" what suits the quality. ``depth`` 8 or 16 bits,
    0 the photo's own. ``profile`` are the colours that it is converted to. ``note_in_xmp``: note
    in the XMP data that pixels were synthesised; not where all ``metadata`` is left out.
    ``layers``: what was retouched is a layer of its own, above the photo, where the format may have
    layers; formats that always have some do not need to be told. ``resize`` is the size that it is
    written in, None its own.
    """

    quality: int | None = None
    chroma: ChromaSampling | Literal[""] = ""
    depth: Literal[0, 8, 16] = 0
    profile: ProfileChoice = "keep"
    metadata: MetadataChoice = "all"
    note_in_xmp: bool = False
    layers: bool = False
    resize: Resize | None = None
