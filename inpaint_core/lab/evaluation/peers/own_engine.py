"""This program's own engines, run in the way of every peer: ``inpaint fill`` on PNG files."""

from __future__ import annotations

import sys

from inpaint_core.contract.version import __version__
from inpaint_core.generators.registry import generator
from inpaint_core.lab.evaluation.peers.peer import Peer, PeerFiles


def own_engine(name: str, device: str = "auto") -> Peer:
    """The engine ``name``. Raises `UnknownEngine`."""
    spec = generator(name)

    def command(files: PeerFiles) -> list[str]:
        options = ["--engine", spec.id, "--device", device, "--feather", "0", "--quiet"]
        places = [str(files.photo), "--mask", str(files.mask), "--out", str(files.out)]
        return [sys.executable, "-m", "inpaint_core", "fill", *places, *options]

    return Peer(f"lacuna-{spec.id}", f"Lacuna, {spec.title}", lambda: __version__, command)
