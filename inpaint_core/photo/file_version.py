"""Which version of a file was seen, so that a newer one of another program is not replaced."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class FileVersion:
    """What changes when a file is written or another takes its place: device, inode, size in bytes
    and time of the last change in nanoseconds since 1970. All are 0 where there is no file.
    """

    device: int = 0
    inode: int = 0
    size: int = 0
    modified: int = 0

    @classmethod
    def at(cls, path: Path) -> FileVersion:
        """The version that is there now, behind links."""
        try:
            found = path.stat()
        except OSError:
            return cls()
        return cls(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)

    def is_replaced_at(self, path: Path) -> bool:
        """Whether another version is there now. Where there is none any more, nothing can be lost
        by writing.
        """
        return FileVersion.at(path) not in (self, FileVersion())
