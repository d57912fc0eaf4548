"""What has to be corrected in an XMP packet when the pixels it describes change."""

from __future__ import annotations

import re

# As attribute and as element; both keep their length, so that the packet stays as it is.
_ORIENTATION = re.compile(rb"(tiff:Orientation(?:\s*=\s*[\"']|>)\s*)[2-8](?=\s*[\"'<])")
_APPENDED = (b"http://ns.adobe.com/hdr-gain-map/", b"http://ns.google.com/photos/1.0/container/")


def uprighted(xmp: bytes) -> bytes:
    """The packet with its orientation set to 1."""
    return _ORIENTATION.sub(rb"\g<1>1", xmp)


def announces_more(xmp: bytes) -> bool:
    """True for a packet that says what follows the photo in the same file (an HDR gain map, a
    depth map, a moving picture) and how many bytes it has. None of that outlives a new encoding.
    """
    return any(name in xmp for name in _APPENDED)
