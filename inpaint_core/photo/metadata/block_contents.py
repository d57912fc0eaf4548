"""What a block of a file that is kept as it is may give away: a place, a camera, a picture."""

from __future__ import annotations

import re

from inpaint_core.photo.metadata.embedded_pictures import find_pictures

_TELLTALE = re.compile(rb"gps|latitude|longitude|geo ?tag|serial ?number", re.IGNORECASE)


def holds_picture(content: bytes) -> bool:
    """Whether a picture lies in it, which would still show what was removed."""
    return bool(find_pictures(content))


def mentions_place_or_serial(text: bytes) -> bool:
    """Whether a text in UTF-8 speaks of a position or of a serial number."""
    return _TELLTALE.search(text) is not None
