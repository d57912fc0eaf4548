"""The editor's actions: one row each, and the menus and the toolbar that show them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from app.configuration.text import strip_access_key, t

Need = Literal[
    "photo", "mask", "protect", "source", "edges", "planes", "undo", "redo", "filling", "filled",
    "found", "several", "semantic_engine", "semantic", "file",
]  # fmt: skip
"""A precondition of an action: an open photo; a painted mask, protected area, or area to copy from;
drawn edges; planes that were set; an edit to undo or redo; a running fill; a finished fill; marks
that a tool proposes; several open photos; an engine that needs a semantic map; such a map; a photo
that lies in a file."""


@dataclass(frozen=True)
class Action:
    """A command of the editor.

    ``icon`` is a name of qtawesome's Phosphor set. ``keys`` are its default shortcuts in portable
    notation, the one to display first. ``needs``: it is enabled only while all of them are met.
    ``group``: exactly one checkable action of "tool" is checked, at most one of "compare";
    ``checkable`` alone is a switch. ``held``: it lasts while its key is held down. ``canvas``: its
    keys work only while the canvas has the focus, as they have another meaning elsewhere. Its
    texts are “actions.<id>” and “actions.<id>.tip”.
    """

    id: str
    icon: str
    keys: tuple[str, ...] = ()
    needs: tuple[Need, ...] = ()
    checkable: bool = False
    group: Literal["", "tool", "compare"] = ""
    held: bool = False
    canvas: bool = False

    @property
    def text(self) -> str:
        """The text in a menu, with & before its access key."""
        return t(f"actions.{self.id}")

    @property
    def name(self) -> str:
        """The text elsewhere, without & and without the ellipsis of a dialog."""
        return strip_access_key(self.text).rstrip("…")

    @property
    def tip(self) -> str:
        """The tooltip, one sentence."""
        return t(f"actions.{self.id}.tip")


def _tool(tool: str, icon: str, key: str) -> Action:
    return Action(f"tool.{tool}", icon, (key,), ("photo",), checkable=True, group="tool")


_ROWS = (
    Action("file.open", "ph.folder-open", ("Ctrl+O",)),
    Action("file.open_folder", "ph.folders", ("Ctrl+Shift+O",)),
    Action("file.sample", "ph.image"),
    Action("file.paste", "ph.clipboard-text", ("Ctrl+V",)),
    Action("file.copy", "ph.copy", ("Ctrl+C",), ("photo",)),
    Action("file.save", "ph.floppy-disk", ("Ctrl+S",), ("photo",)),
    Action("file.save_project", "ph.floppy-disk", ("Ctrl+Alt+S",), ("photo",)),
    Action("file.save_photo", "ph.floppy-disk", (), ("photo",)),
    Action("file.save_as", "ph.floppy-disk-back", ("Ctrl+Shift+S",), ("photo",)),
    Action("file.export", "ph.export", ("Ctrl+Shift+E",), ("photo",)),
    Action("file.quick_export", "ph.download-simple", ("Ctrl+E",), ("photo",)),
    Action("file.batch", "ph.stack-simple", ("Ctrl+Shift+B",)),
    Action("file.import_weights", "ph.file-plus"),
    Action("file.weights", "ph.stack"),
    Action("file.show_folder", "ph.folder-notch-open", (), ("file",)),
    Action("file.print", "ph.printer", ("Ctrl+P",), ("photo",)),
    Action("file.close", "ph.x", ("Ctrl+W",), ("photo",)),
    Action("file.quit", "ph.sign-out", ("Ctrl+Q",)),
    Action("edit.undo", "ph.arrow-u-up-left", ("Ctrl+Z",), ("undo",)),
    Action("edit.redo", "ph.arrow-u-up-right", ("Ctrl+Shift+Z", "Ctrl+Y"), ("redo",)),
    Action("edit.fade", "ph.sliders-horizontal", ("Ctrl+Shift+F",), ("undo",)),
    Action("edit.preferences", "ph.gear", ("Ctrl+,",)),
    _tool("brush", "ph.paint-brush", "B"),
    _tool("eraser", "ph.eraser", "E"),
    _tool("lasso", "ph.scribble-loop", "L"),
    _tool("polygon", "ph.polygon", "P"),
    _tool("box", "ph.bounding-box", "M"),
    _tool("wand", "ph.magic-wand", "W"),
    _tool("snap", "ph.target", "O"),
    _tool("transform", "ph.arrows-out-cardinal", "Ctrl+T"),
    _tool("wires", "ph.line-segment", "X"),
    _tool("spots", "ph.dots-three-circle", "D"),
    _tool("text", "ph.text-aa", "Q"),
    _tool("shadow", "ph.circle-half-tilt", "U"),
    _tool("protect", "ph.shield", "K"),
    _tool("source", "ph.shield-check", "Shift+K"),
    _tool("pencil", "ph.line-segments", "N"),
    _tool("plane", "ph.cube", "T"),
    _tool("restore", "ph.arrow-counter-clockwise", "R"),
    _tool("clone", "ph.copy-simple", "C"),
    _tool("heal", "ph.bandaids", "J"),
    _tool("patch", "ph.selection-background", "Shift+J"),
    _tool("hand", "ph.hand", "H"),
    _tool("zoom", "ph.magnifying-glass", "Z"),
    # On keyboards where [ and ] need AltGr, such as German ones, comma and full stop are at hand.
    Action("brush.larger", "ph.plus-circle", ("]", "."), ("photo",)),
    Action("brush.smaller", "ph.minus-circle", ("[", ","), ("photo",)),
    Action("brush.harder", "ph.circle", ("Shift+]", "}"), ("photo",)),
    Action("brush.softer", "ph.circle-dashed", ("Shift+[", "{"), ("photo",)),
    Action("clone.source", "ph.crosshair", ("Shift+C",), ("photo",), canvas=True),
    Action("clone.other", "ph.image-square", ("Ctrl+Shift+C",), ("several",)),
    Action("clone.next", "ph.number-circle-two", ("Shift+S",), ("photo",)),
    Action("snap.middle", "ph.crosshair-simple", ("Shift+O",), ("photo",)),
    Action("wires.find", "ph.sun-horizon", ("Shift+X",), ("photo",)),
    Action("spots.view", "ph.eye", ("Shift+D",), ("photo",), checkable=True),
    Action("found.add", "ph.check-circle", (), ("found",)),
    Action("found.discard", "ph.x-circle", (), ("found",)),
    Action("plane.clear", "ph.trash", (), ("planes",)),
    Action("mask.grow", "ph.arrows-out-simple", ("Ctrl+]", "G"), ("mask",)),
    Action("mask.shrink", "ph.arrows-in-simple", ("Ctrl+[", "Shift+G"), ("mask",)),
    Action("mask.grow_to_object", "ph.selection-plus", ("Ctrl+G",), ("mask",)),
    Action("mask.feather", "ph.drop-half", ("Shift+F6",), ("mask",)),
    Action("mask.smooth", "ph.waves", (), ("mask",)),
    Action("mask.fill_holes", "ph.paint-bucket", (), ("mask",)),
    Action("mask.invert", "ph.selection-inverse", ("Ctrl+I", "Ctrl+Shift+I"), ("photo",)),
    Action("mask.clear", "ph.selection-slash", ("Ctrl+D",), ("mask",)),
    Action("mask.again", "ph.selection-plus", ("Ctrl+Shift+D",), ("filled",)),
    Action("protect.clear", "ph.shield-slash", (), ("protect",)),
    Action("source.clear", "ph.backspace", (), ("source",)),
    Action("edges.clear", "ph.x-square", (), ("edges",)),
    Action("mask.load", "ph.file-arrow-down", (), ("photo",)),
    Action("mask.save", "ph.file-arrow-up", (), ("mask",)),
    Action("mask.show", "ph.eye", ("Tab",), ("photo",), checkable=True, canvas=True),
    Action("fill.run", "ph.sparkle", ("Return", "Enter"), ("photo",)),
    Action("fill.cancel", "ph.stop-circle", ("Esc",), ("filling",)),
    Action("fill.variations", "ph.squares-four", ("V",), ("filled",)),
    Action("fill.replay", "ph.repeat", (), ("photo",)),
    Action("fill.load_semantic", "ph.map-trifold", (), ("photo", "semantic_engine")),
    Action("fill.clear_semantic", "ph.trash", (), ("semantic",)),
    Action("fill.look", "ph.eye", ("I",), ("photo",)),
    Action("fill.after_stroke", "ph.lightning", ("A",), checkable=True),
    Action("view.zoom_in", "ph.magnifying-glass-plus", ("+", "=", "Ctrl++", "Ctrl+="), ("photo",)),
    Action("view.zoom_out", "ph.magnifying-glass-minus", ("-", "Ctrl+-"), ("photo",)),
    Action("view.fit", "ph.corners-out", ("F", "0", "Ctrl+0"), ("photo",)),
    Action("view.actual", "ph.number-square-one", ("1", "Ctrl+1"), ("photo",)),
    Action("view.mask", "ph.selection", ("Shift+F",), ("mask",)),
    Action("view.original", "ph.clock-counter-clockwise", ("\\",), ("photo",), held=True),
    Action("view.split", "ph.square-half", ("Y",), ("photo",), checkable=True, group="compare"),
    Action("view.side", "ph.columns", ("Shift+Y",), ("photo",), checkable=True, group="compare"),
    Action("view.sees", "ph.frame-corners", ("S",), ("photo",), checkable=True),
    Action("view.navigator", "ph.compass", ("Shift+N",), ("photo",), checkable=True),
    Action("view.fullscreen", "ph.arrows-out", ("F11",), checkable=True),
    Action("window.next", "ph.caret-right", ("Ctrl+Tab", "Ctrl+PgDown"), ("several",)),
    Action("window.previous", "ph.caret-left", ("Ctrl+Shift+Tab", "Ctrl+PgUp"), ("several",)),
    Action("folder.next", "ph.arrow-right", ("PgDown",), ("photo",), canvas=True),
    Action("folder.previous", "ph.arrow-left", ("PgUp",), ("photo",), canvas=True),
    Action("folder.more_stars", "ph.star", ("Alt+Up",), ("file",)),
    Action("folder.fewer_stars", "ph.star-half", ("Alt+Down",), ("file",)),
    Action("folder.deep", "ph.tree-structure", (), checkable=True),
    Action("window.folder", "ph.film-strip", ("F5",), checkable=True),
    Action("window.history", "ph.list", ("F7",), checkable=True),
    Action("window.variations", "ph.grid-four", ("F8",), checkable=True),
    Action("window.structure", "ph.polygon", ("F9",), checkable=True),
    Action("window.features", "ph.stack", ("Shift+F9",), checkable=True),
    Action("window.panes", "ph.swap", ("F6",)),
    Action("window.reset", "ph.layout"),
    Action("help.shortcuts", "ph.keyboard", ("F1", "?")),
    Action("help.manual", "ph.book-open", ("Shift+F1",)),
    Action("help.about", "ph.info"),
)
ACTIONS: Mapping[str, Action] = MappingProxyType({row.id: row for row in _ROWS})
"""Every action by id."""

TOOLS: tuple[str, ...] = tuple(row.id.removeprefix("tool.") for row in _ROWS if row.group == "tool")
"""The tools' ids, in the order of the strip."""


def _list_rows(rows: str) -> tuple[str | None, ...]:
    """The ids in ``rows`` in order, with None for every separator “|”."""
    return tuple(None if word == "|" else word for word in rows.split())


_MASK_TOOLS = (
    "tool.brush tool.eraser tool.lasso tool.polygon tool.box tool.wand tool.snap tool.transform"
)
_FIND_TOOLS = "tool.wires tool.spots tool.text tool.shadow"
_GUIDE_TOOLS = "tool.protect tool.source tool.pencil tool.plane"
_RETOUCH_TOOLS = "tool.restore tool.clone tool.heal tool.patch"
_VIEW_TOOLS = "tool.hand tool.zoom"

_MENUS = {
    "file": """file.open file.open_folder file.sample | file.save file.save_project file.save_as |
        file.save_photo file.quick_export file.export file.batch |
        file.import_weights file.weights | file.print file.show_folder file.close file.quit""",
    "edit": "edit.undo edit.redo edit.fade | file.copy file.paste | edit.preferences",
    "tool": f"""{_MASK_TOOLS} | {_GUIDE_TOOLS} | {_VIEW_TOOLS} |
        brush.larger brush.smaller brush.harder brush.softer | plane.clear""",
    "find": f"{_FIND_TOOLS} | snap.middle wires.find spots.view | found.add found.discard",
    "mask": """mask.grow mask.shrink mask.grow_to_object mask.feather mask.smooth
        mask.fill_holes mask.invert |
        mask.clear mask.again | protect.clear source.clear edges.clear |
        mask.load mask.save | mask.show""",
    "fill": """fill.run fill.cancel fill.variations fill.look fill.replay |
        fill.load_semantic fill.clear_semantic | fill.after_stroke""",
    "retouch": f"{_RETOUCH_TOOLS} | clone.source clone.other clone.next",
    "view": """view.zoom_in view.zoom_out view.fit view.actual view.mask |
        view.original view.split view.side | view.sees view.navigator | view.fullscreen""",
    "window": """window.folder window.history window.variations window.structure window.features
        window.panes window.reset | window.next window.previous | folder.next folder.previous |
        folder.more_stars folder.fewer_stars folder.deep""",
    "help": "help.manual help.shortcuts help.about",
}
#: The menus from left to right, with the ids of their actions; None is a separator. Their titles
#: are “actions.menu.<name>” in the texts. The window inserts the recent files after "file.open".
MENUS: Mapping[str, tuple[str | None, ...]] = MappingProxyType(
    {menu: _list_rows(rows) for menu, rows in _MENUS.items()}
)

#: The tool bar at the left.
TOOL_BAR: tuple[str | None, ...] = _list_rows(
    f"{_MASK_TOOLS} | {_FIND_TOOLS} | {_GUIDE_TOOLS} | {_RETOUCH_TOOLS} | {_VIEW_TOOLS}"
)
