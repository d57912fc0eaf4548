"""Between what the editor asks of the engine and what a project remembers of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.document.document import Document
    from app.session.frozen_request import Asked
    from inpaint_core.project.model import Recipe


def planned(asked: Asked) -> Recipe:
    """What is to be remembered of a fill that was asked for; `Recipe.made` adds what came of it."""
    import numpy as np

    from inpaint_core.project.model import Part, Recipe

    how, protect, edges = asked.how, asked.protect, asked.edges
    return Recipe(
        engine=str(how.get("engine", "")),
        mask=Part.of(asked.hole, asked.mask),
        seed=int(how.get("seed", 0)),
        grow=int(how.get("grow", 0)),
        feather=float(how.get("feather", 2.0)),
        protect=None
        if protect is None
        else Part.bounding(protect.astype(np.uint8) * np.uint8(255)),
        edges=None if edges is None else Part.of(edges.rect, edges.values),
        lines=tuple(how.get("lines", ())),
    )


def asking(recipe: Recipe, document: Document, device: str) -> Asked:
    """The same fill of another photo, as it is now; what is protected there stays so."""
    from app.session.frozen_request import Asked, Frozen, Part, opacity, protected

    own = protected(document)
    kept = None if recipe.protect is None else recipe.protect.spread(document.shape) > 127
    protect = own if kept is None else kept if own is None else own | kept
    how: dict[str, Any] = {
        "engine": recipe.engine,
        "seed": recipe.seed,
        "grow": recipe.grow,
        "feather": recipe.feather,
        "lines": recipe.lines,
        "device": device,
    }
    edges = recipe.edges
    return Asked(
        Frozen.of(document),
        recipe.mask.rect,
        recipe.mask.load(),
        protect,
        how,
        document.revision,
        None if edges is None else Part(edges.rect, edges.load()),
        document.photo,
        opacity(document),
    )
