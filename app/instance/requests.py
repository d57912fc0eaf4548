"""What one process asks of the window of another, as a line of JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

ACCEPTED = b"ok\n"
TOKEN = "XDG_ACTIVATION_TOKEN"
"""The environment variable of the right to come to the front, under Wayland."""

MOST_BYTES = 1 << 20
"""Of a request: a command line is not longer."""


@dataclass(frozen=True)
class OpenRequest:
    """Open the files ``paths``, which are absolute, and come to the front with the right that
    ``token`` gives, if any.
    """

    paths: tuple[Path, ...]
    token: str = ""

    def encode(self) -> bytes:
        """As one line. A path need not be valid text."""
        content = {"open": [str(path) for path in self.paths], "token": self.token}
        return json.dumps(content).encode("ascii") + b"\n"

    @classmethod
    def decode(cls, line: bytes) -> OpenRequest:
        """Raises ValueError for anything that `encode` does not write."""
        content = json.loads(line)
        if not isinstance(content, dict):
            raise ValueError("no request")
        paths, token = content.get("open"), content.get("token")
        if not isinstance(paths, list) or not isinstance(token, str):
            raise ValueError("no request")
        if not all(isinstance(path, str) and "\0" not in path for path in paths):
            raise ValueError("no paths")
        found = tuple(map(Path, paths))
        if not all(path.is_absolute() for path in found):
            raise ValueError("no absolute paths")
        return cls(found, token)
