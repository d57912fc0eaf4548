"""How a photo goes out, as far as a person can choose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from inpaint_core.contract.choices import ChromaSampling, MetadataChoice, ProfileChoice


@dataclass(frozen=True, kw_only=True)
class OutputOptions:
    """How to write a photo, whatever its format.

    ``quality`` 1 to 100 for JPEG and WebP; None compresses a JPEG as the original was, anything
    else at 95. ``chroma`` is a JPEG's sampling, "" what suits the quality. ``depth`` 8 or 16 bits,
    0 the photo's own. ``profile`` are the colours that it is converted to. ``history``: note in
    the XMP data that pixels were synthesised; not where all ``metadata`` is left out.
    """

    quality: int | None = None
    chroma: ChromaSampling | Literal[""] = ""
    depth: Literal[0, 8, 16] = 0
    profile: ProfileChoice = "keep"
    metadata: MetadataChoice = "all"
    history: bool = False
