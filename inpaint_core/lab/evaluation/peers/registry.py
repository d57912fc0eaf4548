"""The peers that this folder knows."""

from __future__ import annotations

from inpaint_core.contract.errors import BadRequest
from inpaint_core.lab.evaluation.peers import (
    gimp,
    gmic,
    opencv,
    patchmatch_cython_package,
    pypatchmatch_package,
    resynthesizer_package,
)
from inpaint_core.lab.evaluation.peers.peer import Peer

_FILES = (
    gimp,
    resynthesizer_package,
    gmic,
    opencv,
    patchmatch_cython_package,
    pypatchmatch_package,
)


def peers() -> dict[str, Peer]:
    """Every peer by its id, whether it is on this machine or not."""
    return {peer.id: peer for file in _FILES for peer in file.PEERS}


def peer(name: str) -> Peer:
    """The peer with the id ``name``. Raises `BadRequest`."""
    known = peers()
    if name not in known:
        raise BadRequest("lab.unknown_peer", name=name, known=tuple(known))
    return known[name]
