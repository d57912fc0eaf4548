"""The fills of a project made again on another photo, from file to file."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from inpaint_core.cli.options import ENGINE, FEATHER
from inpaint_core.contract.errors import BadRequest
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import InpaintResult
from inpaint_core.engine.engine import Engine
from inpaint_core.generators.registry import generator
from inpaint_core.photo.check_saved import Check, check_saved
from inpaint_core.photo.metadata.privacy import Choice
from inpaint_core.photo.output_options import Output, ProfileChoice, now, prepared
from inpaint_core.photo.photo import Photo
from inpaint_core.photo.read_photo import read_photo
from inpaint_core.photo.tone import tone
from inpaint_core.photo.transparency import with_hole
from inpaint_core.photo.write_photo import format_of, write_photo
from inpaint_core.project.model import Project
from inpaint_core.project.read_project import read
from inpaint_core.retouch.fill_task import Stopwatch, file_facts, photo_facts, reached
from inpaint_core.retouch.output_places import check_apart, check_place

_READ, _FILLED = 0.05, 0.95
# What the project says, and what its value is when nobody gave it.
_OF_THE_PROJECT: Mapping[str, object] = {
    "engine": ENGINE,
    "seed": 0,
    "grow": 0,
    "feather": FEATHER,
    "protect": None,
    "source": None,
    "lines": None,
    "edges": None,
}


@dataclass(frozen=True)
class Replay:
    """The fills of ``project`` on ``photo``: see `Task` for the rest."""

    photo: Path
    project: Path
    out: Path
    device: str = "auto"
    quality: int | None = None
    max_pixels: int | None = None
    overwrite: bool = False
    chroma: str = ""
    profile: ProfileChoice = "keep"
    metadata: Choice = "all"
    history: bool = False

    @classmethod
    def of(cls, args: argparse.Namespace, photo: Path, out: Path) -> Replay:
        """The replay that the options of ``inpaint batch --project`` ask for."""
        return cls(
            photo,
            args.project,
            out,
            args.device,
            args.quality,
            args.max_pixels,
            args.overwrite,
            args.chroma,
            args.profile,
            args.metadata,
            args.history,
        )

    @property
    def inputs(self) -> tuple[Path, ...]:
        """Every file that is read, the photo first."""
        return self.photo, self.project

    def check(self) -> None:
        """Find out about the output before any work is done. Raises `CannotWrite`."""
        format_of(self.out)
        check_apart(self.out, self.inputs)
        check_place(self.out, self.overwrite)


@dataclass(frozen=True, eq=False)
class Replayed:
    """A finished replay: what was read, each fill's result, seconds by stage, sentences on what
    could not be honoured, and what reading the output again showed.
    """

    replay: Replay
    photo: Photo
    results: tuple[InpaintResult, ...]
    timings: Mapping[str, float]
    losses: tuple[str, ...]
    check: Check


def check_project(args: argparse.Namespace) -> None:
    """Refuse a project that cannot be replayed on any photo, and options that are its own.

    Raises what reading a project raises, `UnknownEngine` and `BadRequest`.
    """
    for name, usual in _OF_THE_PROJECT.items():
        if getattr(args, name) != usual:
            raise BadRequest(
                f"--{name} does not go with --project, which says that for every fill.",
                f"Leave --{name} out, or give a mask in place of the project.",
            )
    with read(args.project) as project:
        recipes = project.recipes()
        if not recipes:
            raise BadRequest(
                f"Nothing was filled in “{args.project}”.",
                "Open it in Lacuna, fill what is to go, and save it.",
            )
        for recipe in recipes:
            generator(recipe.engine)


def perform(replay: Replay, engine: Engine, progress: Progress) -> Replayed:
    """Do it. Nothing is written before everything is computed.

    Raises an `InpaintError`, or `Cancelled`; the output is then what it was before.
    """
    watch = Stopwatch()
    with read(replay.project) as project:
        with watch.stage("read"):
            progress.report(0.0, "Reading the photo")
            limit = {} if replay.max_pixels is None else {"max_pixels": replay.max_pixels}
            photo = read_photo(replay.photo, **limit)
            check_size(project, photo, replay.photo)
        pixels, alpha = photo.pixels, photo.alpha
        results, missed = list[InpaintResult](), list[str]()
        touched, curve = np.zeros(photo.shape, np.bool_), tone(photo)
        recipes = project.recipes()
        with watch.stage("fill"):
            for number, recipe in enumerate(recipes):
                step = (_FILLED - _READ) / len(recipes)
                part = progress.part(_READ + number * step, _READ + (number + 1) * step)
                image = pixels if curve is None else curve.working(pixels)
                request = recipe.request(image, replay.device)
                result = engine.inpaint(request, part)
                touched |= reached(request)
                alpha = with_hole(alpha, request.mask, request.grow, request.feather)
                if curve is None:
                    pixels = result.applied_to(pixels)
                else:
                    pixels = curve.applied(pixels, image, result)
                results.append(result)
                if result.weights_sha256 != recipe.weights_sha256:
                    missed.append(
                        f"Fill {number + 1} was made with other weights than in the project."
                    )
    progress.report(_FILLED, "Writing")
    with watch.stage("write"):
        output = Output(replay.metadata, replay.profile, now() if replay.history else None)
        ready, cost = prepared(replace(photo, pixels=pixels, alpha=alpha), output)
        lost = cost + write_photo(
            replay.out,
            ready,
            quality=replay.quality,
            sampling=replay.chroma,
            overwrite=replay.overwrite,
        )
    with watch.stage("check"):
        # The file is there: to stop now would not undo it.
        before = photo if replay.profile == "keep" else prepared(photo, output)[0]
        check = check_saved(
            replay.out, before, touched, quality=replay.quality, max_pixels=photo.pixels.size
        )
    losses = (*photo.notes, *lost, *missed)
    return Replayed(replay, photo, tuple(results), watch.seconds, losses, check)


def check_size(project: Project, photo: Photo, path: Path) -> None:
    """Raise `BadRequest` unless the photo has the size of the one that the project is of."""
    (height, width), (high, wide) = photo.shape, project.original.shape
    if (height, width) != (high, wide):
        raise BadRequest(
            f"“{path}” is {width} x {height} pixels, the photo of the project {wide} x {high}.",
            "A project fits photos of the same size, such as those of one burst.",
        )


def describe(done: Replayed) -> dict[str, Any]:
    """What a report says about a finished replay, as JSON values."""
    replay, photo = done.replay, done.photo
    return {
        "photo": photo_facts(replay.photo, photo),
        "project": str(replay.project),
        "output": {
            **file_facts(replay.out),
            "check": {**asdict(done.check), "said": done.check.sentence},
        },
        "options": {
            "device": replay.device,
            "quality": replay.quality,
            "chroma": replay.chroma or None,
            "profile": replay.profile,
            "metadata": replay.metadata,
            "history": replay.history,
        },
        "fills": [
            {
                "engine": result.engine,
                "device": result.device,
                "seed": result.seed,
                "weights_sha256": result.weights_sha256,
                "rect": asdict(result.rect),
                "plan": [dict(step) for step in result.plan],
                "notes": list(result.notes),
            }
            for result in done.results
        ],
        "notes": [note for result in done.results for note in result.notes],
        "losses": list(done.losses),
        "timings": {stage: round(seconds, 4) for stage, seconds in done.timings.items()},
    }
