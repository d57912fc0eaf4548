"""What a document tells those who watch it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from inpaint_core.contract.geometry import Rect

Layer = Literal["pixels", "alpha", "mask", "protect", "edges"]
"""``pixels``: the photo with its fills, ``alpha`` how opaque it is; ``mask``: what is painted;
``protect``: what must not be copied from; ``edges``: the edges that a fill is to have, drawn by
hand."""


_NOWHERE = Rect(0, 0, 0, 0)


@dataclass(frozen=True)
class Change:
    """``layer`` differs inside ``rect``; "history" (with an empty rectangle): an edit was begun,
    committed, undone, redone or thrown away, or the document was saved.
    """

    layer: Layer | Literal["history"]
    rect: Rect = _NOWHERE
