"""Who may import whom: arrows point down only, wherever in a file the import stands."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Lowest first. A module may import from its own line and the lines above it in this table.
LAYERS: tuple[tuple[str, ...], ...] = (
    (
        "inpaint_core",
        "inpaint_core.contract.errors",
        "inpaint_core.contract.geometry",
        "inpaint_core.contract.progress",
    ),
    ("inpaint_core.contract.view", "inpaint_core.contract.specs"),
    ("inpaint_core.layers", "inpaint_core.imaging"),
    (
        "inpaint_core.generators.engine_choice",
        "inpaint_core.raster.composition",
        "inpaint_core.engine.context_crops",
        "inpaint_core.networks.device",
        "inpaint_core.raster.edge_strokes",
        "inpaint_core.exemplar",
        "inpaint_core.networks.cancellation",
        "inpaint_core.networks.store.manifest",
        "inpaint_core.raster.soft_masks",
        "inpaint_core.raster.membrane",
        "inpaint_core.photo.transparency",
        "inpaint_core.networks.store.precision",
        "inpaint_core.priors",
        "inpaint_core.engine.by_products",
        "inpaint_core.project",
        "inpaint_core.raster.scaling",
        "inpaint_core.networks.taps",
        "inpaint_core.engine.tile_plan",
        "inpaint_core.tsgl",
        "inpaint_core.engine.request_validation",
        "inpaint_core.engine.views",
        "inpaint_core.networks.store.weights_file",
        "resources",
        "weights",
    ),
    ("inpaint_core.generators",),
    ("inpaint_core.engine.engine",),
    ("inpaint_core.evaluation", "inpaint_core.inspection", "inpaint_core.training"),
    ("inpaint_core.cli", "inpaint_core.__main__"),
    ("app.document",),
    ("app.workers.engine_lane", "app.workers.jobs", "app.configuration.text"),
    ("app",),
    ("app.ui",),
    ("app.__main__",),
)

# The registry finds generators and priors by scanning their folders: the arrows that must point up.
SCANS = {
    ("inpaint_core.contract.specs", "inpaint_core.generators"),
    ("inpaint_core.contract.specs", "inpaint_core.priors"),
}

# What a part must not import at all; the longest prefix that fits a module decides.
FORBIDDEN: dict[str, set[str]] = {
    "inpaint_core": {"PySide6", "qtawesome", "app"},
    "inpaint_core.contract.view": {"torch", "numba", "cv2", "PIL", "PySide6", "app"},
    "inpaint_core.contract.errors": {"torch", "numba", "cv2", "PIL", "PySide6", "app"},
    "inpaint_core.contract.geometry": {"torch", "numba", "cv2", "PIL", "PySide6", "app"},
    "inpaint_core.contract.progress": {"torch", "numba", "cv2", "PIL", "PySide6", "app"},
    "inpaint_core.contract.specs": {"torch", "numba", "cv2", "PIL", "PySide6", "app"},
    "inpaint_core.imaging": {"torch", "numba", "PySide6", "app"},
    "inpaint_core.imaging.dct": {"torch", "PySide6", "app"},
    "app": {"torch", "numba", "inpaint_core.engine.engine", "inpaint_core.cli"},
    "app.document": {"torch", "numba", "PySide6", "inpaint_core.engine.engine", "inpaint_core.cli"},
    "app.workers.engine_lane": {"inpaint_core.cli"},
}


def within(module: str, prefix: str) -> bool:
    return module == prefix or module.startswith(f"{prefix}.")


def layer(module: str) -> int | None:
    """The index of the longest entry that the module lies in; None when it is not ours."""
    best = max(
        ((len(entry), index) for index, line in enumerate(LAYERS) for entry in line
         if within(module, entry)),
        default=None,
    )  # fmt: skip
    return None if best is None else best[1]


def modules(root: Path) -> dict[str, Path]:
    found = {}
    for package in ("inpaint_core", "app", "resources", "weights"):
        for path in sorted((root / package).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(module: str, path: Path, known: dict[str, Path]) -> Iterator[str]:
    """What a file imports, at its top or inside a function; not what only the type checker sees."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            skipped.update(child for statement in node.body for child in ast.walk(statement))
    for node in ast.walk(tree):
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                package = module if path.name == "__init__.py" else module.rpartition(".")[0]
                for _ in range(node.level - 1):
                    package = package.rpartition(".")[0]
                base = f"{package}.{base}".rstrip(".")
            for alias in node.names:
                full = f"{base}.{alias.name}"
                yield full if full in known else base


def violations(root: Path) -> list[str]:
    known = modules(root)
    found = []
    for module, path in known.items():
        mine = layer(module)
        if mine is None:
            found.append(f"{module} has no layer")
            continue
        nearest = max((p for p in FORBIDDEN if within(module, p)), key=len, default="")
        for target in imports(module, path, known):
            if any(within(target, name) for name in FORBIDDEN.get(nearest, ())):
                found.append(f"{module} must not import {target}")
            theirs = layer(target)
            if theirs is not None and theirs > mine and (module, target) not in SCANS:
                found.append(f"{module} imports {target}, which lies above it")
    return found


def test_arrows_point_down_only() -> None:
    assert violations(ROOT) == []


def test_every_part_of_the_core_is_in_the_table() -> None:
    """`inpaint_core` itself stands low, so a file the table does not name would pass too easily."""
    named = {entry for line in LAYERS for entry in line}
    for module in modules(ROOT):
        parts = module.split(".")
        if parts[0] == "inpaint_core" and len(parts) > 1:
            assert ".".join(parts[:2]) in named, module


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (
            "inpaint_core/raster/membrane.py",
            "from inpaint_core.engine.engine import Engine",
            "lies above",
        ),
        ("inpaint_core/raster/membrane.py", "from . import engine", "lies above"),
        (
            "inpaint_core/raster/soft_masks.py",
            "def f():\n    import inpaint_core.generators.one",
            "lies above",
        ),
        ("inpaint_core/exemplar/a/b.py", "from ...generators import one", "lies above"),
        ("inpaint_core/cli/commands/fill.py", "import PySide6.QtCore", "must not"),
        ("inpaint_core/photo/read_photo.py", "import torch.nn", "must not"),
        ("app/document/photo.py", "from PySide6 import QtGui", "must not"),
        ("app/session/controller.py", "from inpaint_core.engine.engine import Engine", "must not"),
        ("app/session/controller.py", "from app.ui import window", "lies above"),
    ],
)
def test_an_arrow_up_is_found(tmp_path: Path, name: str, text: str, said: str) -> None:
    for other in (
        "inpaint_core/engine/engine.py",
        "inpaint_core/generators/one.py",
        "app/ui/shell/window.py",
    ):
        (tmp_path / other).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / other).touch()
    assert violations(tmp_path) == []
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text(text, encoding="utf-8")
    (found,) = violations(tmp_path)
    assert said in found


def test_types_alone_are_no_arrow(tmp_path: Path) -> None:
    (tmp_path / "inpaint_core").mkdir()
    (tmp_path / "inpaint_core/imaging.py").write_text(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import torch\n", encoding="utf-8"
    )
    assert violations(tmp_path) == []


FILL = """
import sys
import numpy as np
from inpaint_core.contract.request import InpaintRequest
from inpaint_core.engine.engine import Engine
from inpaint_core.contract.progress import Progress
from inpaint_core.generators.registry import generators

for spec in generators().values():
    if not spec.uses_torch:
        mask = np.zeros((40, 40), np.uint8)
        mask[10:20, 10:20] = 255
        image = np.arange(40 * 40 * 3, dtype=np.uint8).reshape(40, 40, 3)
        Engine().inpaint(InpaintRequest(image, mask, engine=spec.id), Progress())
print(*(name for name in ("torch", "PySide6", "app") if name in sys.modules))
"""


def printed(program: str) -> str:
    import subprocess

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return done.stdout.strip()


def test_a_fill_without_a_network_loads_neither_torch_nor_qt() -> None:
    assert printed(FILL) == ""


def test_the_list_of_engines_loads_nothing_heavy() -> None:
    program = (
        "import sys; from inpaint_core.generators.registry import generators; assert generators();"
        "print(*(n for n in ('torch', 'numba', 'PySide6', 'app') if n in sys.modules))"
    )
    assert printed(program) == ""
