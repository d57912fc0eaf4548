"""What every peer says about itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from inpaint_core.contract.errors import InpaintError


class PeerMissing(InpaintError):
    """The program, or a part of it that is needed, is not on this machine."""


class PeerFailed(InpaintError):
    """The program was run and gave no fill."""


@dataclass(frozen=True, slots=True)
class PeerFiles:
    """The files of one run: ``photo``, an RGB PNG with 8 bits; ``mask``, a grey PNG of its size,
    255 in the hole and 0 elsewhere; ``out``, the PNG that the peer has to write.

    In the hole the photo is black, so that nothing of the truth can be used.
    """

    photo: Path
    mask: Path
    out: Path


@dataclass(frozen=True, slots=True)
class Peer:
    """A way to fill holes. ``find`` returns its version, or raises `PeerMissing`; ``command`` is
    the program and the arguments of one run.
    """

    id: str
    title: str
    find: Callable[[], str]
    command: Callable[[PeerFiles], list[str]]
