"""Published weights files by their hashes: what they are, where they come from, under what terms.

The hashes are those that projects state which had the files in hand; no file was opened here. Of
most files that is the SHA-256. Some projects state only the MD5, and one file is known by the name
that Git gives its content (the SHA-1 behind a header): enough to tell an old file from others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

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

_ZITS_ORIGIN = "DQiaole/ZITS_inpainting"

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
        "f1b358ca24093b93a106183b98a3dea6e8ed09f3b43ea7251eb2c81e7b4575f6": KnownFile(
            "big-lama.zip", _LAMA_ORIGIN, _LAMA, "any"
        ),
        "d7161bba4d68b438f9fa7f09dcb750a223804c300c68d214a5e0be16251fba8d": KnownFile(
            "big-lama.zip", _LAMA_ORIGIN, _LAMA, "any"
        ),
        # By their MD5:
        "a9727c63a8b48b65c905d351b21ce46b": KnownFile(
            "zits-wireframe-0717.pt", _ZITS_ORIGIN, "", "unknown"
        ),
        "55e31af21ba96bbf0c80603c76ea8c5f": KnownFile(
            "zits-edge-line-0717.pt", _ZITS_ORIGIN, "", "unknown"
        ),
        "3d88a07211bd41b2ec8cc0d999f29927": KnownFile(
            "zits-structure-upsample-0717.pt", _ZITS_ORIGIN, "", "unknown"
        ),
        "9978cc7157dc29699e42308d675b2154": KnownFile(
            "zits-inpaint-0717.pt", _ZITS_ORIGIN, "", "unknown"
        ),
        "8ca927835fa3f5e21d65ffcb165377ed": KnownFile(
            "Places_512_FullData_G.pth", "fenglinglwb/MAT", "CC BY-NC 4.0", "non-commercial"
        ),
        "76eb3b1a71c400ee3290524f7a11b89c": KnownFile(
            "migan_traced.pt", _MIGAN_ORIGIN, _MIGAN, "any"
        ),
        # By the name that Git gives its content:
        "77c6df1b002290a5721cb06d50f556a8eba4b845": KnownFile(
            "latest_G.pth", "Zheng222/DMFN", "", "unknown"
        ),
    }
)


@dataclass
class FileHashes:
    """The hashes of a file of ``size`` bytes, by which it may be known; `update` takes its bytes
    one block after the other.
    """

    size: int
    _parts: tuple[Any, ...] = field(init=False)

    def __post_init__(self) -> None:
        git = hashlib.sha1(f"blob {self.size}\0".encode(), usedforsecurity=False)
        self._parts = (hashlib.sha256(), hashlib.md5(usedforsecurity=False), git)

    def update(self, block: bytes) -> None:
        """Take the next bytes."""
        for each in self._parts:
            each.update(block)

    @property
    def sha256(self) -> str:
        """The SHA-256, by which weights are told apart here."""
        return str(self._parts[0].hexdigest())

    @property
    def known(self) -> KnownFile | None:
        """What is known of exactly this file, if anything."""
        found = (KNOWN_FILES.get(each.hexdigest()) for each in self._parts)
        return next((known for known in found if known is not None), None)
