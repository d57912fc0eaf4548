"""What one process asks of the window of another, as a line of JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

ACCEPTED = b"ok\n"
CLOSED, NOT_OPENED = b"closed\n", b"not opened\n"
"""After ACCEPTED, for who waits: all photos are closed again; or one of them was never open."""
TOKEN = "XDG_ACTIVATION_TOKEN"
"""The environment variable of the right to come to the front, under Wayland."""

MOST_BYTES = 1 << 20
"""Of a request: a command line is not longer."""


@dataclass(frozen=True)
class OpenRequest:
    """Open the files ``paths``, which are absolute, and come to the front with the right that
    ``token`` gives, if any. ``waits``: who asks wants to hear when all of them are closed, and
    that they are saved into their own files.
    """

    paths: tuple[Path, ...]
    token: str = ""
    waits: bool = False

    def encode(self) -> bytes:
        """As one line. A path need not be valid text."""
        paths = [str(path) for path in self.paths]
        content = {"open": paths, "token": self.token, "waits": self.waits}
        return json.dumps(content).encode("ascii") + b"\n"

    @classmethod
    def decode(cls, line: bytes) -> OpenRequest:
        """Raises ValueError for anything that `encode` does not write."""
        content = json.loads(line)
        if not isinstance(content, dict):
            raise ValueError("no request")
        paths, token, waits = (content.get(name) for name in ("open", "token", "waits"))
        if not isinstance(paths, list) or not isinstance(token, str):
            raise ValueError("no request")
        if not all(isinstance(path, str) and "\0" not in path for path in paths):
            raise ValueError("no paths")
        found = tuple(map(Path, paths))
        if not all(path.is_absolute() for path in found):
            raise ValueError("no absolute paths")
        return cls(found, token, waits is True)
