"""All tools: one row per tool, in the order of the tool strip."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.ui.tools.tool import Tool

if TYPE_CHECKING:
    from app.configuration.settings import Settings
    from app.document.document import Document
    from app.workers.jobs import Lane


@dataclass(frozen=True)
class ToolRow:
    """A tool: ``icon`` is a name of qtawesome's Phosphor set, ``key`` its shortcut unless a
    person changes it, ``build`` makes one for a document; what it has to look for in the photo,
    it looks for on the lane.
    """

    id: str
    icon: str
    key: str
    build: Callable[[Document, Settings, Lane], Tool]


# Imported where they are built: tools bring in NumPy and OpenCV, which the window starts without.


def _brush(document: Document, settings: Settings, _lane: Lane) -> Tool:
    from app.ui.tools.brush import Brush

    return Brush(document, settings)


def _eraser(document: Document, settings: Settings, _lane: Lane) -> Tool:
    from app.ui.tools.brush import Eraser

    return Eraser(document, settings)


def _lasso(document: Document, settings: Settings, _lane: Lane) -> Tool:
    from app.ui.tools.lasso import Lasso

    return Lasso(document, settings)


def _polygon(document: Document, settings: Settings, _lane: Lane) -> Tool:
    from app.ui.tools.polygon import Polygon

    return Polygon(document, settings)


def _box(document: Document, settings: Settings, _lane: Lane) -> Tool:
    from app.ui.tools.box import Box

    return Box(document, settings)


def _wand(document: Document, settings: Settings, lane: Lane) -> Tool:
    from app.ui.tools.wand import Wand

    return Wand(document, settings, lane)


def _snap(document: Document, settings: Settings, lane: Lane) -> Tool:
    from app.ui.tools.snap import Snap

    return Snap(document, settings, lane)


def _protect(document: Document, settings: Settings, _lane: Lane) -> Tool:
    from app.ui.tools.brush import Protect

    return Protect(document, settings)


def _pencil(document: Document, settings: Settings, _lane: Lane) -> Tool:
    from app.ui.tools.pencil import Pencil

    return Pencil(document, settings)


def _hand(document: Document, settings: Settings, _lane: Lane) -> Tool:
    from app.ui.tools.hand import Hand

    return Hand(document, settings)


def _zoom(document: Document, settings: Settings, _lane: Lane) -> Tool:
    from app.ui.tools.zoom import Zoom

    return Zoom(document, settings)


TOOLS: tuple[ToolRow, ...] = (
    ToolRow("brush", "ph.paint-brush", "B", _brush),
    ToolRow("eraser", "ph.eraser", "E", _eraser),
    ToolRow("lasso", "ph.scribble-loop", "L", _lasso),
    ToolRow("polygon", "ph.polygon", "P", _polygon),
    ToolRow("box", "ph.bounding-box", "M", _box),
    ToolRow("wand", "ph.magic-wand", "W", _wand),
    ToolRow("snap", "ph.target", "O", _snap),
    ToolRow("protect", "ph.shield", "K", _protect),
    ToolRow("pencil", "ph.line-segments", "N", _pencil),
    ToolRow("hand", "ph.hand", "H", _hand),
    ToolRow("zoom", "ph.magnifying-glass", "Z", _zoom),
)
