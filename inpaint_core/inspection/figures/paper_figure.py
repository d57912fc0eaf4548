"""What a figure of a paper is: declared by its paper, drawn from one fill, shown on a page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import cv2
import numpy as np
from PIL.Image import Image

from inpaint_core.contract.arrays import BoolMask, FloatImage, Pixels
from inpaint_core.contract.message import Message
from inpaint_core.contract.specs import GeneratorSpec
from inpaint_core.inspection.capture import InspectedRun, TileCapture
from inpaint_core.inspection.figures.channel_vectors import Maps, high_pass
from inpaint_core.raster.composition import to_float

Classifier = Callable[[FloatImage], Sequence[Maps]]
"""The maps (C, h, w), shallow to deep, that a classifier has of a picture (h, w, 3) in [0, 1]."""

Need = Literal["truth", "classifier"]


@dataclass(frozen=True)
class NumberRow:
    """One line of a figure's numbers: what they are called, and one per column, NaN if none."""

    name: Message
    values: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class PaperFigure:
    """A figure as it was drawn, or why it was not (``missing``).

    ``sheet``: one picture, rows of which are lettered (a), (b) and so on. ``frames``: the pictures
    of an animation. ``rows``: numbers over the ``columns``, which are shown as a chart and a table.
    ``note``: a sentence about this drawing of it.
    """

    id: str
    sheet: Image | None = None
    frames: tuple[Image, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[NumberRow, ...] = ()
    missing: Message | None = None
    note: Message | None = None


@dataclass(frozen=True, eq=False)
class Baseline:
    """The same fill by the network that the paper compares with: the ``engine`` and its pass."""

    engine: str
    capture: TileCapture

    def maps(self, tap: str) -> Maps:
        """As `Evidence.maps`."""
        return self.capture.maps[tap].astype(np.float32)


@dataclass(frozen=True, eq=False)
class Evidence:
    """What figures are drawn from: a fill, and the pass of the network that saw most of the hole at
    a size at which one tile held its whole crop.

    ``truth`` (H, W, 3), of the photo's depth: what lies in the hole. It, the ``classifier`` and the
    ``baseline`` are None where nobody gave them.
    """

    run: InspectedRun
    capture: TileCapture
    truth: Pixels | None = None
    classifier: Classifier | None = None
    baseline: Baseline | None = None
    _high_passes: dict[str, Maps] = field(default_factory=dict)

    def stride(self, tap: str) -> int:
        """How many pixels of the tile a pixel of the tap's map covers."""
        return self.run.find_tap(tap).stride

    def maps(self, tap: str) -> Maps:
        """The tap's map (C, h, w) as float32, padding included."""
        return self.capture.maps[tap].astype(np.float32)

    def high_pass(self, tap: str) -> Maps:
        """`high_pass` of the tap's map, computed once."""
        if tap not in self._high_passes:
            self._high_passes[tap] = high_pass(self.maps(tap))
        return self._high_passes[tap]

    @cached_property
    def hole(self) -> BoolMask:
        """(h, w) over the crop at the photo's resolution."""
        return self.run.hole(self.capture.place.crop)

    @cached_property
    def output(self) -> FloatImage:
        """The photo's crop (h, w, 3) in [0, 1] with the network's own picture in the hole, before
        real texture is copied over it.
        """
        run, crop = self.run, self.capture.place.crop
        picture = to_float(run.request.image[crop.slices])
        if run.coarse is None:
            return picture
        whole = to_float(run.request.image[run.result.rect.slices])
        filled = run.hole(run.result.rect)
        whole[filled] = run.coarse[filled]
        both = crop.intersect(run.result.rect)
        inside = both.translate(-crop.x, -crop.y).slices
        picture[inside] = whole[both.translate(-run.result.rect.x, -run.result.rect.y).slices]
        return picture

    @cached_property
    def wanted(self) -> FloatImage:
        """The photo's crop (h, w, 3) in [0, 1] with the truth in the hole.

        Raises ValueError without a truth.
        """
        if self.truth is None:
            raise ValueError("no truth")
        crop = self.capture.place.crop
        picture = to_float(self.run.request.image[crop.slices])
        picture[self.hole] = to_float(self.truth[crop.slices])[self.hole]
        return picture

    def at_tile_size(self, picture: FloatImage) -> FloatImage:
        """A picture of the crop at the size at which the network saw it, with even sides."""
        place = self.capture.place
        size = (max(place.width // 2, 1) * 2, max(place.height // 2, 1) * 2)
        method = cv2.INTER_AREA if size[0] < picture.shape[1] else cv2.INTER_CUBIC
        sized = cv2.resize(picture, size, interpolation=method)
        return np.asarray(np.clip(sized, 0, 1), np.float32)


@dataclass(frozen=True)
class FigureSpec:
    """A figure that can be drawn. Its texts are the sentences “papers.ID”, “papers.ID.plain” for
    photographers and “papers.ID.exact” for researchers.

    ``numbers``: what it is called in the paper; ``taps``: the maps that it is drawn from. ``draw``
    is called only if these are there and what it ``needs`` was given. ``animated``: it has frames.
    """

    id: str
    numbers: str
    draw: Callable[[Evidence], PaperFigure]
    taps: tuple[str, ...] = ()
    needs: tuple[Need, ...] = ()
    animated: bool = False


@dataclass(frozen=True)
class PaperSpec:
    """A paper: its short name, the engine whose weights its figures are drawn with, and these.

    ``baseline_taps``: maps of a second network, the paper's baseline, that some figures compare
    with; none where the paper has no such figures. ``is_baseline`` tells whether an engine's
    network is one, by what it lacks.
    """

    id: str
    title: str
    engine: str
    figures: tuple[FigureSpec, ...]
    baseline_taps: tuple[str, ...] = ()
    is_baseline: Callable[[GeneratorSpec], bool] = lambda spec: False

    @property
    def taps(self) -> tuple[str, ...]:
        """The maps that any of its figures is drawn from."""
        return tuple(dict.fromkeys(tap for figure in self.figures for tap in figure.taps))
