"""The text chunks of a PNG, and other metadata that programs hide in them.

Source: PNG specification, third edition, sections 11.3.3.2 to 11.3.3.4 (tEXt, zTXt, iTXt); the
“Raw profile type ..” of ImageMagick and ExifTool: a name, a length, and hex digits in lines.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

from inpaint_core.photo.metadata.block_contents import holds_picture
from inpaint_core.photo.metadata.inflate import inflate

NAMES = frozenset({b"tEXt", b"zTXt", b"iTXt"})
XMP = b"XML:com.adobe.xmp"
"""The keyword of a text chunk with an XMP packet."""
RAW_PROFILE = "Raw profile type "
COMMENT = "Comment"
_LATIN, _UTF8 = "latin-1", "utf-8"


@dataclass(frozen=True, slots=True)
class Text:
    """A text chunk: ``value`` is the text in UTF-8, None where it cannot be unpacked. ``is_plain``:
    nothing is lost when it is written again by `write_comment`. ``holds_picture``: one lies in it.
    """

    keyword: str
    value: bytes | None
    is_plain: bool
    holds_picture: bool = False


def read_text(name: bytes, content: bytes, most: int) -> Text:
    """The text in the content of a chunk, where it unpacks to at most ``most`` bytes."""
    unpacked: bytes | None
    keyword, _, rest = content.partition(b"\0")
    title = "".join(c if c.isprintable() else "?" for c in keyword.decode(_LATIN))[:79]
    if name == b"iTXt":
        head, packed = rest[2:].split(b"\0", 2), rest[:1] == b"\1"
        if len(rest) < 2 or len(head) < 3:
            return Text(title, None, False)
        language, translated, text = head
        unpacked = _unpack(text, most) if packed else text
        is_plain = not language and not translated
        return Text(title, unpacked, is_plain, holds_picture(unpacked or b""))
    unpacked = _unpack(rest[1:], most) if name == b"zTXt" else rest
    value = None if unpacked is None else unpacked.decode(_LATIN).encode(_UTF8)
    return Text(title, value, True, holds_picture(unpacked or b""))


def _unpack(data: bytes, most: int) -> bytes | None:
    try:
        out, is_whole = inflate(data, most)
    except ValueError:
        return None
    return out if is_whole else None


def write_comment(comment: bytes) -> tuple[bytes, bytes]:
    """Name and content of the text chunk for a comment in UTF-8, or else in Latin-1."""
    try:
        text = comment.decode(_UTF8)
    except UnicodeDecodeError:
        text = comment.decode(_LATIN)
    text = text.replace("\0", " ").strip()
    try:
        return b"tEXt", f"{COMMENT}\0{text}".encode(_LATIN)
    except UnicodeEncodeError:
        return b"iTXt", COMMENT.encode() + bytes(5) + text.encode(_UTF8)


def read_raw_profile(value: bytes) -> bytes | None:
    """The bytes in a text of the kind `RAW_PROFILE`, or None."""
    digits = value.split(None, 2)[2:]
    try:
        return bytes.fromhex(digits[0].decode(_LATIN)) or None if digits else None
    except ValueError:
        return None


def write_raw_profile(kind: str, data: bytes) -> bytes:
    """The content of a zTXt chunk that holds ``data``."""
    digits = data.hex()
    lines = "\n".join(digits[at : at + 72] for at in range(0, len(digits), 72))
    text = f"\n{kind}\n{len(data):8}\n{lines}\n"
    return (RAW_PROFILE + kind).encode() + struct.pack(">xB", 0) + zlib.compress(text.encode())
