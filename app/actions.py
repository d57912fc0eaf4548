"""What a person can do in the editor: one row per action."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Action:
    """A command of the editor.

    ``text`` as the menu shows it (& before its access key), ``icon`` a name of qtawesome's
    Phosphor set or "", ``keys`` all shortcuts, the one to show first (portable notation),
    ``short`` the tool bar's words where there is no icon.
    """

    id: str
    text: str
    icon: str
    keys: tuple[str, ...] = ()
    needs_photo: bool = False
    short: str = ""


ACTIONS = (
    Action("open", "&Open…", "ph.folder-open", ("Ctrl+O",)),
    Action("sample", "Try a &sample", "ph.image"),
    Action("close", "&Close photo", "ph.x", ("Ctrl+W",), needs_photo=True),
    Action("quit", "&Quit", "ph.sign-out", ("Ctrl+Q",)),
    Action("zoom_in", "Zoom &in", "ph.magnifying-glass-plus", ("+", "=", "Ctrl++", "Ctrl+="), True),
    Action("zoom_out", "Zoom &out", "ph.magnifying-glass-minus", ("-", "Ctrl+-"), True),
    Action("fit", "&Fit to window", "ph.corners-out", ("F", "0", "Ctrl+0"), True),
    Action("actual", "&Actual size (100 %)", "", ("1", "Ctrl+1"), True, "100 %"),
    Action("fullscreen", "F&ull screen", "ph.arrows-out", ("F11",)),
    Action("about", "&About Lacuna", "ph.info"),
)

#: Menus by title; None is a separator.
MENUS: dict[str, tuple[str | None, ...]] = {
    "&File": ("open", "sample", None, "close", "quit"),
    "&View": ("zoom_in", "zoom_out", None, "fit", "actual", None, "fullscreen"),
    "&Help": ("about",),
}

TOOLBAR: tuple[str | None, ...] = ("open", None, "zoom_out", "zoom_in", "fit", "actual")
