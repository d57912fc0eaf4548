"""How a photo goes out, as far as a person can choose."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal

from inpaint_core.contract.errors import CannotWrite
from inpaint_core.photo.colour import conversion as colour
from inpaint_core.photo.metadata import xmp
from inpaint_core.photo.metadata.privacy import Choice, chosen
from inpaint_core.photo.photo import Photo

ProfileChoice = Literal["keep", "srgb", "p3", "adobe"]
PROFILES: tuple[ProfileChoice, ...] = ("keep", "srgb", "p3", "adobe")
HISTORY = "pixels were synthesised where something was removed"


@dataclass(frozen=True, slots=True)
class Output:
    """What is decided before a photo is fitted to a format.

    ``history`` is the time (ISO 8601) of an entry in the XMP history, which says that pixels were
    synthesised; None writes no entry, as does leaving out all metadata.
    """

    metadata: Choice = "all"
    profile: ProfileChoice = "keep"
    history: str | None = None


def now() -> str:
    """The time in ISO 8601, for a history in XMP."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def prepared(photo: Photo, output: Output) -> tuple[Photo, tuple[str, ...]]:
    """The photo as ``output`` wants it, and sentences on what that cost.

    Raises `CannotWrite` where the colours cannot be converted.
    """
    notes: tuple[str, ...] = ()
    photo = chosen(photo, output.metadata)
    if output.profile != "keep":
        try:
            photo, notes = colour.converted(photo, output.profile)
        except ValueError as error:
            raise CannotWrite(
                "The photo's colour profile cannot be read, so its colours cannot be converted.",
                "Keep the profile.",
            ) from error
    if output.history is not None and output.metadata != "none":
        from inpaint_core import __version__

        packet = xmp.with_history(photo.xmp, output.history, f"Lacuna {__version__}", HISTORY)
        if packet is None:
            notes += ("The photo's XMP data has no place for a history: it was left as it is.",)
        else:
            photo = replace(photo, xmp=packet)
    return photo, notes
