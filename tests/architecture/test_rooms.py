"""Who may import whom. The rows are those of the table in ARCHITECTURE.md, read from there."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("inpaint_core", "app", "resources", "weights")
# Libraries that are slow to import or must stay out of parts of the program; others are free.
WATCHED = ("PySide6", "qtawesome", "torch", "numba", "cv2", "PIL", "imagecodecs")
MOST_FILES = 15


def is_within(module: str, prefix: str) -> bool:
    return module == prefix or module.startswith(f"{prefix}.")


@dataclass(frozen=True)
class Room:
    """A row of the table, or one of several rooms that share a row."""

    prefix: str
    row: int  # 0 is the top
    libraries: frozenset[str]
    is_folder: bool = True

    def holds(self, module: str) -> bool:
        """True when the module is this file, or lies in this folder."""
        return module == self.prefix or (self.is_folder and is_within(module, self.prefix))


def read_rooms(text: str) -> list[Room]:
    """The rooms of the table whose header is “rooms | what lives there | libraries”."""
    lines = iter(text.splitlines())
    next(line for line in lines if re.match(r"\| *rooms? *\|", line))
    next(lines)
    rooms = []
    for row, line in enumerate(iter(lambda: next(lines, ""), "")):
        if not line.startswith("|"):
            break
        paths, _, libraries = (cell.strip() for cell in line.strip("|").split("|"))
        for path in re.findall(r"`([^`]+)`", paths):
            prefix = path.removesuffix("/").removesuffix(".py").removesuffix("/__init__")
            may_import = frozenset(re.findall(r"\w+", libraries))
            rooms.append(Room(prefix.replace("/", "."), row, may_import, path.endswith("/")))
    return rooms


def room_of(module: str, rooms: list[Room]) -> Room | None:
    """The room that a module lies in: the longest entry that fits."""
    return max(
        (room for room in rooms if room.holds(module)),
        key=lambda room: len(room.prefix),
        default=None,
    )


def find_modules(root: Path) -> dict[str, Path]:
    found = {}
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def find_imports(module: str, path: Path, known: Mapping[str, Path]) -> Iterator[tuple[str, bool]]:
    """What a file imports, anywhere in it, and whether only the type checker sees it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    unseen = {
        child
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
        for statement in node.body
        for child in ast.walk(statement)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node in unseen) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                package = module if path.name == "__init__.py" else module.rpartition(".")[0]
                for _ in range(node.level - 1):
                    package = package.rpartition(".")[0]
                base = f"{package}.{base}".rstrip(".")
            for alias in node.names:
                full = f"{base}.{alias.name}"
                yield (full if full in known else base), node in unseen


def find_violations(root: Path, rooms: list[Room]) -> list[str]:
    """What breaks the table: arrows up, imports between the rooms of a row, watched libraries
    where they may not be imported, files in no room. Types alone are arrows too, but load no
    library.
    """
    known = find_modules(root)
    found = []
    for module, path in known.items():
        mine = room_of(module, rooms)
        if mine is None:
            if path.read_text(encoding="utf-8").count("\n") > 3:  # more than a docstring
                found.append(f"{module} is in no room")
            continue
        for target, only_types in find_imports(module, path, known):
            library = target.partition(".")[0]
            if library in WATCHED and library not in mine.libraries and not only_types:
                found.append(f"{module} must not import {target}")
            theirs = room_of(target, rooms) if library in PACKAGES else None
            if theirs is None or theirs.prefix == mine.prefix:
                continue
            if theirs.row < mine.row:
                found.append(f"{module} imports {target}, which lies above it")
            elif theirs.row == mine.row:
                found.append(f"{module} imports {target}, which lies beside it")
    return found


def find_circles(root: Path) -> list[list[str]]:
    """Groups of files that import each other, at the top, in a function or for types."""
    known = find_modules(root)
    arrows = {
        module: {name for name, _ in find_imports(module, path, known) if name in known} - {module}
        for module, path in known.items()
    }
    reached: dict[str, set[str]] = {}
    for module in arrows:
        seen, waiting = set(), list(arrows[module])
        while waiting:
            if (name := waiting.pop()) not in seen:
                seen.add(name)
                waiting += arrows[name]
        reached[module] = seen
    groups = {
        tuple(sorted({module, *(name for name in reached[module] if module in reached[name])}))
        for module in arrows
        if module in reached[module]
    }
    return sorted(map(list, groups))


@pytest.fixture(scope="module")
def rooms() -> list[Room]:
    return read_rooms((ROOT / "ARCHITECTURE.md").read_text("utf-8"))


def test_arrows_point_down_only(rooms: list[Room]) -> None:
    assert find_violations(ROOT, rooms) == []


def test_no_files_import_each_other() -> None:
    assert find_circles(ROOT) == []


def test_every_room_exists(rooms: list[Room]) -> None:
    """The table names no room that is gone."""
    known = find_modules(ROOT)
    assert [room.prefix for room in rooms if room.prefix not in known] == []


def test_every_path_in_the_document_exists() -> None:
    """Paths stand as they are, or without `inpaint_core/` where the library is described."""
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    paths = re.findall(r"`([\w.]+/[\w./]*\w(?:\.\w+|/))`", text)
    assert len(paths) > 50
    homes = (ROOT, ROOT / "inpaint_core")
    assert [path for path in paths if not any((home / path).exists() for home in homes)] == []


def test_no_room_is_crowded() -> None:
    crowded = {}
    for folder in (path.parent for path in find_modules(ROOT).values()):
        count = sum(1 for path in folder.glob("*.py") if path.name != "__init__.py")
        if count > MOST_FILES:
            crowded[str(folder.relative_to(ROOT))] = count
    assert crowded == {}


def test_every_folder_says_what_lives_there() -> None:
    for module, path in find_modules(ROOT).items():
        if path.name == "__init__.py":
            assert ast.get_docstring(ast.parse(path.read_text("utf-8"))), module


TABLE = """
| rooms | what lives there | libraries |
|---|---|---|
| `app/ui/shell/` | | PySide6 |
| `app/ui/dialogs/`, `app/ui/panels/` | | PySide6 |
| `inpaint_core/engine/` | | torch |
| `inpaint_core/photo/` | | |
| `inpaint_core/photo/photo.py` | | |
"""


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("inpaint_core/photo/read.py", "from inpaint_core.engine import engine", "lies above"),
        ("inpaint_core/photo/read.py", "from ..engine import engine", "lies above"),
        ("inpaint_core/photo/a/b.py", "def f():\n    import inpaint_core.engine.engine", "above"),
        (
            "inpaint_core/photo/photo.py",
            "if TYPE_CHECKING:\n    import inpaint_core.photo.other",
            "lies above",
        ),
        ("inpaint_core/photo/read.py", "import torch.nn", "must not"),
        ("inpaint_core/engine/engine.py", "def f():\n    from PySide6 import QtGui", "must not"),
        ("app/ui/dialogs/about.py", "from app.ui.panels import docks", "lies beside"),
        ("app/ui/dialogs/about.py", "from app.ui.shell import window", "lies above"),
        ("app/other/new.py", "import sys\n\n\nprint(sys)\n", "in no room"),
        ("inpaint_core/new.py", "import sys\n\n\nprint(sys)\n", "in no room"),
    ],
)
def test_what_breaks_the_table_is_found(tmp_path: Path, name: str, text: str, said: str) -> None:
    table = read_rooms(TABLE)
    for other in (
        "inpaint_core/engine/engine.py",
        "inpaint_core/photo/other.py",
        "app/ui/shell/window.py",
        "app/ui/panels/docks.py",
    ):
        (tmp_path / other).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / other).touch()
    assert find_violations(tmp_path, table) == []
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text(text, encoding="utf-8")
    (found,) = find_violations(tmp_path, table)
    assert said in found


def test_a_circle_is_found(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app/one.py").write_text("from app import two", encoding="utf-8")
    (tmp_path / "app/two.py").write_text("from app import three", encoding="utf-8")
    (tmp_path / "app/three.py").write_text(
        "if TYPE_CHECKING:\n    from app import one\n", encoding="utf-8"
    )
    (tmp_path / "app/four.py").write_text("from app import one", encoding="utf-8")
    assert find_circles(tmp_path) == [["app.one", "app.three", "app.two"]]


def test_types_alone_load_no_library(tmp_path: Path) -> None:
    (tmp_path / "inpaint_core/photo").mkdir(parents=True)
    (tmp_path / "inpaint_core/photo/photo.py").write_text(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import torch\n", encoding="utf-8"
    )
    assert find_violations(tmp_path, read_rooms(TABLE)) == []


FILL = """
import sys
import numpy as np
from inpaint_core.contract.options import FillOptions
from inpaint_core.contract.request import InpaintRequest
from inpaint_core.engine.engine import Engine
from inpaint_core.contract.progress import Progress
from inpaint_core.generators.registry import generators

for spec in generators().values():
    if not spec.uses_torch:
        mask = np.zeros((40, 40), np.uint8)
        mask[10:20, 10:20] = 255
        image = np.arange(40 * 40 * 3, dtype=np.uint8).reshape(40, 40, 3)
        Engine().inpaint(InpaintRequest(image, mask, FillOptions(spec.id)), Progress())
print(*(name for name in ("torch", "PySide6", "app") if name in sys.modules))
"""


def run_program(program: str) -> str:

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return done.stdout.strip()


def test_a_fill_without_a_network_loads_neither_torch_nor_qt() -> None:
    assert run_program(FILL) == ""


def test_a_quick_look_at_a_jpeg_loads_no_compiler() -> None:
    program = (
        "import sys; from inpaint_core.cli import main;"
        "assert main(['info', 'resources/samples/beach.jpg', '--quick', '--json']) == 0;"
        "print(*(n for n in ('torch', 'numba') if n in sys.modules))"
    )
    assert run_program(program).endswith("}")


def test_the_list_of_engines_loads_nothing_heavy() -> None:
    program = (
        "import sys; from inpaint_core.generators.registry import generators; assert generators();"
        "print(*(n for n in ('torch', 'numba', 'PySide6', 'app') if n in sys.modules))"
    )
    assert run_program(program) == ""
