"""``inpaint info``: what a photo file holds."""

from __future__ import annotations

import argparse
import json
from typing import Any

from inpaint_core.cli.options import add_max_pixels
from inpaint_core.cli.terminal import one_line
from inpaint_core.contract.file_names import to_path

HELP = "Show what a photo file holds: size, depth, colours, profile, metadata, and warnings."

_MOST_NAMES = 30


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``inpaint info``."""
    parser.add_argument("photo", metavar="PHOTO", type=to_path)
    parser.add_argument("--json", action="store_true", help="print JSON, for programs")
    parser.add_argument(
        "--quick",
        action="store_true",
        help="do not search a JPEG for damage, which takes most of the time",
    )
    add_max_pixels(parser)


def run(args: argparse.Namespace) -> int:
    """Read the whole photo, so that damage shows, and print what is in it. Returns 0."""
    from inpaint_core.photo.description import describe_photo
    from inpaint_core.photo.read_photo import read_photo

    limit = {} if args.max_pixels is None else {"max_pixels": args.max_pixels}
    photo = read_photo(args.photo, examine=not args.quick, **limit)
    facts = {"path": str(args.photo), "bytes": args.photo.stat().st_size, **describe_photo(photo)}
    if args.json:
        text = json.dumps(facts, indent=2, ensure_ascii=False)
        # As an escape, a byte of the path that is not UTF-8 is still that byte.
        print(text.encode("utf-8", "backslashreplace").decode("utf-8"))
        return 0
    rows = _rows(facts)
    width = max(len(title) for title, _ in rows)
    print(one_line(facts["path"]))
    for title, value in rows:
        print(f"  {title:<{width}}  {one_line(value)}")
    return 0


def _rows(facts: dict[str, Any]) -> list[tuple[str, str]]:
    """Title and value of each line."""
    depth = f"{facts['bits']} bits" + (", floating point" if facts["floating"] else "")
    opens = facts["opens_as"]
    if opens["bits"] != facts["bits"]:
        depth += f" (opens as {opens['bits']})"
    colours = facts["colours"] + (" with transparency" if facts["alpha"] else "")
    if opens["colours"] != facts["colours"]:
        colours += f" (opens as {opens['colours']})"
    orientation = facts["orientation"]
    profile = facts["profile"]
    rows = [
        ("format", f"{facts['format']}, {facts['bytes']:,} bytes"),
        ("size", f"{facts['width']} × {facts['height']} ({facts['megapixels']:g} MP)"),
        ("depth", depth),
        ("colours", colours),
        (
            "orientation",
            "1 (upright)" if orientation == 1 else f"{orientation} (turned upright here)",
        ),
        ("profile", "none (treated as sRGB)" if profile is None else _profile(profile)),
    ]
    if facts["jpeg_sampling"]:
        rows.append(("chroma", facts["jpeg_sampling"]))
    if facts["dpi"]:
        rows.append(("resolution", " × ".join(f"{value:g}" for value in facts["dpi"]) + " dpi"))
    blocks = facts["metadata"]
    rows.append(("EXIF", _exif(blocks["exif"])))
    for name in ("xmp", "iptc"):
        block = blocks[name]
        rows.append((name.upper(), "none" if block is None else f"{block['bytes']:,} bytes"))
    parts = facts["other_parts"]
    if parts:
        names = list(dict.fromkeys(part["name"] for part in parts))  # once each, in their order
        more = [f"{len(names) - _MOST_NAMES} more"] if len(names) > _MOST_NAMES else []
        rows.append(("other parts", ", ".join(names[:_MOST_NAMES] + more)))
    return rows + [("warning", sentence) for sentence in facts["warnings"]]


def _profile(profile: dict[str, Any]) -> str:
    title = profile["title"] or "without a readable name"
    if profile["made_from"]:
        return f"{title} ({profile['space']}, by {profile['made_from']})"
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
