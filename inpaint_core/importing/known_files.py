"""Published weights files by their SHA-256: what they are, where they come from, under what terms.

The sizes and hashes are those that several projects state which had the files in hand; no file was
opened here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Use = Literal["any", "non-commercial", "unknown"]


@dataclass(frozen=True)
class KnownFile:
    """``title`` and ``origin``: what a person calls the file, and who published it."""

    title: str
    origin: str
    licence: str
    use: Use


_LAMA = "Apache-2.0; learned from Places2, which has terms of its own"
_LAMA_ORIGIN = "advimman/lama"
_MIGAN = "MIT; learned from Places2, which has terms of its own"
_MIGAN_ORIGIN = "Picsart-AI-Research/MI-GAN"

KNOWN_FILES: Mapping[str, KnownFile] = MappingProxyType(
    {
        "344c77bbcb158f17dd143070d1e789f38a66c04202311ae3a258ef66667a9ea9": KnownFile(
            "big-lama.pt", _LAMA_ORIGIN, _LAMA, "any"
        ),
        "479d3afdcb7ed2fd944ed4ebcc39ca45b33491f0f2e43eb1000bd623cfb41823": KnownFile(
            "anime-manga-big-lama.pt", "a third party's training of LaMa on drawings", "", "unknown"
        ),
        "fccb7adffd53ec0974ee5503c3731c2c2f1e7e07856fd9228cdcc0b46fd5d423": KnownFile(
            "big-lama/models/best.ckpt", _LAMA_ORIGIN, _LAMA, "any"
        ),
        "1d6087eee0aac8923ad2606be5d8caeb4824d3e4de331995e420c74e124a466a": KnownFile(
            "migan_512_places2.pt", _MIGAN_ORIGIN, _MIGAN, "any"
        ),
        "8b82b2e82fc8e5a2e1f06827594aac1a5d66a9ca41e24199ddd969847788097f": KnownFile(
            "migan_256_places2.pt", _MIGAN_ORIGIN, _MIGAN, "any"
        ),
        "309dd6ce6e04034dc4b6b15c7bd2a4844d158e03eb2a139e0eca6b366e40c0de": KnownFile(
            "MAT_Places512_G_fp16.safetensors", "fenglinglwb/MAT", "CC BY-NC 4.0", "non-commercial"
        ),
    }
)
