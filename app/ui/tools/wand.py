"""Magic wand: everything of about the colour that is clicked on."""

from __future__ import annotations

import math

from app.document import colour_selection as wand
from app.ui.tools.seeker import Seeker
from app.ui.tools.tool import Pointer


class Wand(Seeker):
    """Adds what is of about the colour under the click; with Alt it is taken out of the mask."""

    id = "wand"

    def press(self, pointer: Pointer) -> None:
        """Look for the colour."""
        x, y = math.floor(pointer.x), math.floor(pointer.y)
        height, width = self.document.shape
        if not (0 <= x < width and 0 <= y < height):
            return
        # Not a copy: that would take longer than the search, and a fill that comes in meanwhile
        # can only make it stop elsewhere.
        pixels = self.document.pixels
        tolerance = self.settings.get("wand.tolerance")
        contiguous = self.settings.get("wand.contiguous")
        self.seek(lambda: wand.select(pixels, x, y, tolerance, contiguous), pointer.erases)
