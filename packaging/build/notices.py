"""The licences of everything that the application brings along, as one text."""

from __future__ import annotations

import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

_LICENCE = re.compile(r"(licen[cs]e|copying|copyright|notice|authors)[^/]*$", re.IGNORECASE)
_COMMON = Path("/usr/share/common-licenses")
_BY_NAME = {"pyside6-essentials": ("LGPL-3", "GPL-3"), "shiboken6": ("LGPL-3", "GPL-3")}
"""Qt's wheels name their licence (LGPL) without bringing its text."""
_RULE = "=" * 79
_HEAD = """\
Lacuna itself is under the Apache License 2.0. This package brings the programs and
libraries below along; each is under its own licence. Those under the LGPL (Qt, LibRaw,
libheif and others) are files of their own, which may be replaced by other versions.
"""


def collect_notices(roots: Iterable[str], absent: Iterable[str], libraries: Iterable[Path]) -> str:
    """The licences of Python, of the distributions ``roots`` and all that they require but those
    ``absent``, and of the Debian packages that the system's ``libraries`` are from.

    Raises LookupError where a licence is not found.
    """
    blocks = [_python()]
    blocks += [_describe(name) for name in sorted(_find_closure(roots, set(absent)))]
    blocks += [_describe_package(name) for name in sorted(_find_packages(libraries))]
    return f"\n{_RULE}\n".join([_HEAD, *blocks])


def _python() -> str:
    text = Path(sysconfig.get_path("stdlib"), "LICENSE.txt").read_text("utf-8")
    return f"Python {sys.version.split()[0]}\n\n{text}"


def _find_closure(roots: Iterable[str], absent: set[str]) -> set[str]:
    """The names of the distributions here that these need, and of these."""
    found: set[str] = set()
    waiting = [(name, "") for name in roots]
    while waiting:
        name, extra = waiting.pop()
        name = re.sub(r"[-_.]+", "-", name).lower()
        if name in found or name in absent:
            continue
        found.add(name)
        for line in metadata.distribution(name).requires or ():
            needed = Requirement(line)
            if needed.marker is None or needed.marker.evaluate({"extra": extra}):
                waiting.append((needed.name, ""))
    return found


def _describe(name: str) -> str:
    """A distribution's name, version, home and licences. Raises LookupError."""
    held = metadata.distribution(name)
    facts = held.metadata
    said = facts.get("License-Expression") or facts.get("License") or ""
    head = [f"{facts['Name']} {held.version}", facts.get("Home-page") or "", said.split("\n")[0]]
    texts = [
        Path(str(held.locate_file(file))).read_text("utf-8", "replace")
        for file in held.files or ()
        if _LICENCE.search(str(file)) and not str(file).endswith((".py", ".pyc", ".so", ".html"))
    ]
    texts += [(_COMMON / each).read_text("utf-8") for each in _BY_NAME.get(name, ())]
    if not texts and not said:
        raise LookupError(f"{name} does not say what its licence is")
    return "\n\n".join(filter(None, ["\n".join(filter(None, head)), *texts]))


def _find_packages(libraries: Iterable[Path]) -> Iterator[str]:
    """The names of the Debian packages of these files. Raises LookupError."""
    names = set()
    for library in {path.resolve() for path in libraries}:
        plain = str(library)
        for path in (plain, plain.removeprefix("/usr"), f"/usr{plain}"):
            done = subprocess.run(["dpkg", "-S", path], capture_output=True, text=True, check=False)
            if done.returncode == 0:
                names.add(done.stdout.partition(":")[0])
                break
        else:
            raise LookupError(f"no package of this system brought {library}")
    yield from names


def _describe_package(name: str) -> str:
    text = Path("/usr/share/doc", name, "copyright").read_text("utf-8", "replace")
    return f"{name} (Debian's package)\n\n{text}"
