"""Builds tools by their ids."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.configuration.settings import Settings
    from app.document.document import Document
    from app.ui.tools.tool import Tool
    from app.workers.jobs import Lane
    from inpaint_core.contract.arrays import Pixels


def build_tool(
    tool_id: str,
    document: Document,
    settings: Settings,
    lane: Lane,
    list_others: Callable[[], list[Pixels]] = list,
) -> Tool:
    """The tool with the id ``tool_id`` (`app.configuration.actions.TOOLS`) for a document.

    Tools that search the photo do so on ``lane``; ``list_others`` lists the pixels of other open
    photos of its size. Raises KeyError for an unknown id.
    """
    # Imported when needed: tools bring in NumPy and OpenCV, which the window starts without, and
    # all of them together would take 13 ms when the first photo is opened.
    match tool_id:
        case "brush" | "eraser" | "protect" | "source" | "pencil" | "restore":
            from app.ui.tools import brush_tools as brushes

            masks = (brushes.BrushTool, brushes.EraserTool, brushes.RestoreTool)
            guides = (brushes.ProtectTool, brushes.SourceTool, brushes.PencilTool)
            brush = {cls.id: cls for cls in (*masks, *guides)}[tool_id]
            return brush(document, settings)
        case "clone" | "heal" | "patch":
            from app.ui.tools.copy_tools import CloneTool, HealTool, PatchTool

            copying = {cls.id: cls for cls in (CloneTool, HealTool, PatchTool)}
            return copying[tool_id](document, settings)
        case "lasso" | "box":
            from app.ui.tools.region_tools import BoxTool, LassoTool

            region_tool = LassoTool if tool_id == "lasso" else BoxTool
            return region_tool(document, settings)
        case "polygon":
            from app.ui.tools.region_tools import PolygonTool

            return PolygonTool(document, settings, lane)
        case "transform":
            from app.ui.tools.transform_tool import TransformTool

            return TransformTool(document, settings)
        case "plane":
            from app.ui.tools.plane_tool import PlaneTool

            return PlaneTool(document, settings)
        case "wand":
            from app.ui.tools.search_tool import WandTool

            return WandTool(document, settings, lane)
        case "snap":
            from app.ui.tools.object_tool import ObjectTool

            return ObjectTool(document, settings, lane)
        case "wires":
            from app.ui.tools.wire_tool import WireTool

            return WireTool(document, settings, lane)
        case "spots":
            from app.ui.tools.spot_tool import SpotTool

            return SpotTool(document, settings, lane, list_others)
        case "text" | "shadow":
            from app.ui.tools.text_and_shadow_tools import ShadowTool, TextTool

            finding_tool = TextTool if tool_id == "text" else ShadowTool
            return finding_tool(document, settings, lane)
        case "hand" | "zoom":
            from app.ui.tools.viewing_tools import HandTool, ZoomTool

            viewing_tool = HandTool if tool_id == "hand" else ZoomTool
            return viewing_tool(document, settings)
    raise KeyError(tool_id)
