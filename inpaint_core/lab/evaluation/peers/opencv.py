"""OpenCV's own fills; those of its module xphoto only where the build has it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inpaint_core.lab.evaluation.peers.peer import Peer, PeerMissing
from inpaint_core.lab.evaluation.peers.python_peer import python_peer

_RADIUS = 3
"""Pixels around each one that OpenCV's examples take into account."""

Picture = NDArray[np.uint8]


def fill_telea(photo: Picture, mask: Picture) -> Picture:
    """Telea's fast marching."""
    import cv2

    return np.asarray(cv2.inpaint(photo, mask, _RADIUS, cv2.INPAINT_TELEA), np.uint8)


def fill_navier_stokes(photo: Picture, mask: Picture) -> Picture:
    """The method of Bertalmio et al. after Navier and Stokes."""
    import cv2

    return np.asarray(cv2.inpaint(photo, mask, _RADIUS, cv2.INPAINT_NS), np.uint8)


def fill_shift_map(photo: Picture, mask: Picture) -> Picture:
    """xphoto's shift map, which works in CIELAB; known pixels of its mask are not 0."""
    import cv2

    module: Any = _find_xphoto()
    lab = cv2.cvtColor(photo, cv2.COLOR_RGB2Lab)
    filled = np.zeros_like(lab)
    module.inpaint(lab, 255 - mask, filled, module.INPAINT_SHIFTMAP)
    return np.asarray(cv2.cvtColor(filled, cv2.COLOR_Lab2RGB), np.uint8)


def _find_xphoto() -> Any:
    import cv2

    module = getattr(cv2, "xphoto", None)
    if module is None:
        raise PeerMissing("lab.peer_without_plugin", program="OpenCV", plugin="xphoto")
    return module


def _read_version() -> str:
    import cv2

    return cv2.__version__


def _find_with_xphoto() -> str:
    _find_xphoto()
    return _read_version()


def _opencv_peer(id: str, title: str, function: Callable[..., Picture], find: Any) -> Peer:
    peer = python_peer(id, title, "opencv", function.__name__, "opencv-python-headless", "cv2")
    return replace(peer, find=find)


PEERS = (
    _opencv_peer("opencv-telea", "OpenCV, Telea", fill_telea, _read_version),
    _opencv_peer("opencv-ns", "OpenCV, Navier-Stokes", fill_navier_stokes, _read_version),
    _opencv_peer("opencv-xphoto", "OpenCV xphoto, shift map", fill_shift_map, _find_with_xphoto),
)
