"""The weights files that can be fetched: where each lies, and what it must be.

Only files whose size and SHA-256 are known are here, and only those that an engine of this version
can use. Licence and origin stand in `inpaint_core.importing.known_files`.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from inpaint_core.contract.errors import BadRequest
from inpaint_core.importing.known_files import KNOWN_FILES, KnownFile


@dataclass(frozen=True)
class CatalogueFile:
    """``name``: what `inpaint weights get` calls it; ``engine``: the engine that uses it;
    ``entry``: what the imported weights are called; ``file``: the file's name; ``size``: in bytes.
    ``hosts``: where the host of ``address`` may lead to, as those that keep large files elsewhere
    do.
    """

    name: str
    engine: str
    entry: str
    file: str
    address: str
    size: int
    sha256: str
    hosts: tuple[str, ...] = ()

    @property
    def host(self) -> str:
        """The host of the address, with its port where it has one."""
        return urlsplit(self.address).netloc

    def may_lead_to(self, address: str) -> bool:
        """Whether the host may send us there: to itself or ``hosts``, and as safely as before."""
        target, ours = urlsplit(address), urlsplit(self.address)
        is_named = target.netloc in (ours.netloc, *self.hosts)
        return is_named and target.scheme in ("https", ours.scheme)

    @property
    def known(self) -> KnownFile:
        """What is known of this file."""
        return KNOWN_FILES[self.sha256]


_RELEASES = "https://github.com/Sanster/models/releases/download"
_GITHUB = ("objects.githubusercontent.com", "release-assets.githubusercontent.com")

CATALOGUE: tuple[CatalogueFile, ...] = (
    CatalogueFile(
        name="lama",
        engine="lama",
        entry="big",
        file="big-lama.pt",
        address=f"{_RELEASES}/add_big_lama/big-lama.pt",
        size=205_669_692,
        sha256="344c77bbcb158f17dd143070d1e789f38a66c04202311ae3a258ef66667a9ea9",
        hosts=_GITHUB,
    ),
    CatalogueFile(
        name="lama-manga",
        engine="lama",
        entry="manga",
        file="anime-manga-big-lama.pt",
        address=f"{_RELEASES}/AnimeMangaInpainting/anime-manga-big-lama.pt",
        size=205_717_870,
        sha256="479d3afdcb7ed2fd944ed4ebcc39ca45b33491f0f2e43eb1000bd623cfb41823",
        hosts=_GITHUB,
    ),
    CatalogueFile(
        name="migan",
        engine="migan",
        entry="places",
        file="migan_512_places2.pt",
        address="https://drive.usercontent.google.com/download"
        "?id=1D_YCuCgo20S2256sqpedsmENNm2WMtVY&export=download",
        size=29_553_256,
        sha256="1d6087eee0aac8923ad2606be5d8caeb4824d3e4de331995e420c74e124a466a",
    ),
)


def find_file(name: str) -> CatalogueFile:
    """The file of this name. Raises `BadRequest`."""
    found = next((file for file in CATALOGUE if file.name == name), None)
    if found is None:
        raise BadRequest(
            "weights.not_in_catalogue", name=name, known=tuple(file.name for file in CATALOGUE)
        )
    return found
