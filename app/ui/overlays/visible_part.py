"""What of a photo is in sight on the canvas, frozen, so that something may be read off it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from app.configuration.settings import Settings
from app.inspection.prior_maps import Sight
from inpaint_core.contract.geometry import Rect

if TYPE_CHECKING:
    from app.ui.canvas.canvas import Canvas

_MOST = 1 << 22
_AROUND = 16  # pixels beyond what is in sight: edges need to see what is next to them


def seen(canvas: Canvas, settings: Settings) -> Sight | None:
    """The photo in sight, as it is now, at about the size in which it is shown; None for none.

    At most four million pixels are copied, which takes a few milliseconds. On the UI thread.
    """
    scene = canvas.scene
    if scene is None:
        return None
    import numpy as np

    from app.ui.painting.pyramid import shrink

    picture = scene.picture
    view = canvas.views()[-1]  # side by side, the photo as it is now
    start, end = view.to_photo(view.pane.topLeft()), view.to_photo(view.pane.bottomRight())
    rect = Rect.from_bounds(
        math.floor(start.x()), math.floor(start.y()), math.ceil(end.x()), math.ceil(end.y())
    )
    rect = rect.intersect(Rect.whole(picture.shape))
    if rect.empty:
        return None
    level = min(view.level, picture.levels - 1)
    while level + 1 < picture.levels and rect.area >> (2 * level) > _MOST:
        level += 1
    height, width = picture.size(level)
    part = shrink(rect, level).grow(_AROUND).intersect(Rect(0, 0, width, height))
    step = 2**level
    return Sight(
        np.array(picture.read(level, part)),
        np.array(scene.mask(level, part)),
        (part.x * step, part.y * step, part.right * step, part.bottom * step),
        level,
        int(settings.get("fill.grow")),
        float(settings.get("fill.feather")),
    )
