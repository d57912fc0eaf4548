"""Documents with a history, made at random, and what must be the same of them afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from app.document.document import Document
from app.document.history_snapshot import HistorySnapshot
from app.document.retouching.restoring_stroke import RestoringStroke
from inpaint_core.contract.choices import Layer
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.options import FillOptions
from inpaint_core.photo.photo import Photo
from inpaint_core.photo.read_photo import read_photo
from inpaint_core.photo.write_photo import write_photo
from inpaint_core.project.model import Part, Project, Recipe
from inpaint_core.project.photo_location import describe_original, sha256
from inpaint_core.project.write_project import write_project

SHAPE = (300, 520)


def photo_at(path: Path, bits: int = 8, seed: int = 1, shape: tuple[int, int] = SHAPE) -> Path:
    kind = np.uint8 if bits == 8 else np.uint16
    pixels = np.random.default_rng(seed).integers(0, 1 << bits, (*shape, 3), kind)
    alpha = pixels[..., 0] // 2 if path.suffix in (".png", ".tif") else None
    write_photo(path, Photo(pixels, alpha), overwrite=True)
    return path


def opened(path: Path, **values: Any) -> Document:
    return Document(read_photo(path), path, **values)


def recipe(mask: Part, seed: int = 0, engine: str = "harmonic", **values: Any) -> Recipe:
    made = {key: values.pop(key) for key in ("engines", "weights_sha256") if key in values}
    return Recipe(mask, FillOptions(engine, seed=seed, **values), **made)


def work(document: Document, seed: int, steps: int) -> None:
    """Paint, fill, protect, undo and redo at random."""
    rng = np.random.default_rng(seed)
    height, width = document.shape
    for step in range(steps):
        w, h = (int(n) for n in rng.integers(1, 260, 2))
        rect = Rect(int(rng.integers(width - w)), int(rng.integers(height - h)), w, h)
        kind = int(rng.integers(6))
        if kind == 0:
            document.undo()
        elif kind == 1:
            document.redo()
        elif kind == 2:
            dtype = document.pixels.dtype
            values = rng.integers(0, np.iinfo(dtype).max, (h, w, 3), dtype, endpoint=True)
            made = recipe(
                Part.of(rect, rng.integers(1, 255, (h, w), np.uint8)),
                step,
                "exemplar",
                grow=step if step % 3 else None,
                regularity="off" if step % 2 else "auto",
                feather=step / 7,
                weights_sha256=f"{step:064x}",
                device="cpu",
                engines=("exemplar",),
                protect=Part.bounding(document.protect),
                source=Part.bounding(document.source),
            )
            alpha = None if document.alpha is None else values[..., 1]
            document.apply_fill(rect, values, values={"number": step}, recipe=made, alpha=alpha)
        else:
            layer: Layer = ("mask", "protect", "edges")[kind % 3]
            if step % 4 == 0 and layer == "protect":
                layer = "source"
            if layer == "edges" and step % 2:
                with document.edit("history.restore") as editing:
                    size, hardness = float(min(w, h)), step % 3 / 2
                    stroke = RestoringStroke(editing, document.shape, size, hardness, step % 5 == 0)
                    stroke.draw_to(rect.x + w / 2, rect.y + h / 2)
                    stroke.draw_to(rect.x, rect.y)
                continue
            with document.edit(f"history.{layer}", {"pixels": step}) as editing:
                editing.write(layer, rect, rng.integers(0, 255, (h, w), np.uint8, endpoint=True))


def save(document: Document, path: Path, **values: Any) -> Path:
    """The document as a project, as the editor writes it."""
    assert document.path is not None
    past = HistorySnapshot.of(document)
    digest = sha256(document.path)
    bits, size = document.photo.bits, document.path.stat().st_size
    original = describe_original(document.path, path, document.shape, bits, size, digest)
    write_project(path, original, past.edits(), past.position, overwrite=True, **values)
    return path


def layers(document: Document) -> tuple[NDArray[Any], ...]:
    names = [name for name in get_args(Layer) if "alpha" not in name or document.alpha is not None]
    return tuple(document.read(name).copy() for name in names)


def same(one: Document, other: Document) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(layers(one), layers(other), strict=True))


def facts(made: Recipe | None) -> tuple[Any, ...] | None:
    """All that a recipe says, to compare."""
    if made is None:
        return None
    options = made.options
    parts = (made.mask, options.protect, options.source, options.edges)
    plain = [None if p is None else (p.rect, p.load().tobytes()) for p in parts]
    return (
        options.engine,
        options.seed,
        options.grow,
        options.regularity,
        options.feather,
        made.weights_sha256,
        options.device,
        made.engines,
        options.lines,
        *plain,
    )


def told(project: Project) -> list[tuple[Any, ...]]:
    """All that a project's edits say, to compare."""
    return [
        (
            edit.name,
            dict(edit.values),
            [(layer, p.rect, p.load().tobytes()) for layer, p in edit.changes],
            facts(edit.recipe),
        )
        for edit in project.edits
    ]
