"""``inpaint info``: what a photo file holds."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from inpaint_core.cli.options import add_max_pixels
from inpaint_core.cli.terminal import one_line

HELP = "Say what a photo file holds: size, depth, colours, profile, metadata, and warnings."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``inpaint info``."""
    parser.add_argument("photo", metavar="PHOTO", type=Path)
    parser.add_argument("--json", action="store_true", help="print JSON, for programs")
    add_max_pixels(parser)


def run(args: argparse.Namespace) -> int:
    """Read the whole photo, so that damage shows, and print what is in it. Returns 0."""
    from inpaint_core.photo.description import describe_photo
    from inpaint_core.photo.read_photo import read_photo

    limit = {} if args.max_pixels is None else {"max_pixels": args.max_pixels}
    photo = read_photo(args.photo, **limit)
    found = {"path": str(args.photo), "bytes": args.photo.stat().st_size, **describe_photo(photo)}
    if args.json:
        print(json.dumps(found, indent=2, ensure_ascii=False))
        return 0
    rows = _rows(found)
    width = max(len(title) for title, _ in rows)
    print(one_line(found["path"]))
    for title, value in rows:
        print(f"  {title:<{width}}  {one_line(value)}")
    return 0


def _rows(found: dict[str, Any]) -> list[tuple[str, str]]:
    """Title and value of each line."""
    depth = f"{found['bits']} bits" + (", floating point" if found["floating"] else "")
    opens = found["opens_as"]
    if opens["bits"] != found["bits"]:
        depth += f" (opens as {opens['bits']})"
    colours = found["colours"] + (" with transparency" if found["alpha"] else "")
    if opens["colours"] != found["colours"]:
        colours += f" (opens as {opens['colours']})"
    turn = found["orientation"]
    profile = found["profile"]
    rows = [
        ("format", f"{found['format']}, {found['bytes']:,} bytes"),
        ("size", f"{found['width']} × {found['height']} ({found['megapixels']:g} MP)"),
        ("depth", depth),
        ("colours", colours),
        ("orientation", "1 (upright)" if turn == 1 else f"{turn} (turned upright here)"),
        ("profile", "none (taken for sRGB)" if profile is None else _profile(profile)),
    ]
    if found["jpeg_sampling"]:
        rows.append(("chroma", found["jpeg_sampling"]))
    if found["dpi"]:
        rows.append(("resolution", " × ".join(f"{value:g}" for value in found["dpi"]) + " dpi"))
    blocks = found["metadata"]
    rows.append(("EXIF", _exif(blocks["exif"])))
    for name in ("xmp", "iptc"):
        block = blocks[name]
        rows.append((name.upper(), "none" if block is None else f"{block['bytes']:,} bytes"))
    return rows + [("warning", sentence) for sentence in found["warnings"]]


def _profile(profile: dict[str, Any]) -> str:
    title = profile["title"] or "without a readable name"
    return f"{title} ({profile['space']}, {profile['bytes']:,} bytes)"


def _exif(block: dict[str, Any] | None) -> str:
    if block is None:
        return "none"
    if not block["readable"]:
        return f"{block['bytes']:,} bytes that cannot be read"
    camera = " ".join(filter(None, (block["make"], block["model"])))
    parts = [f"{block['bytes']:,} bytes", camera, block["taken"] or ""]
    parts.append("with a position" if block["position"] else "")
    note = block["maker_note_bytes"]
    parts.append(f"maker note of {note:,} bytes" if note else "")
    return ", ".join(filter(None, parts))
