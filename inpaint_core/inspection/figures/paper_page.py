"""One HTML page with the figures of a paper for a person's own photo, and each figure as a file.

The page is a single file: pictures are embedded, nothing is loaded, no script is run. Every figure
is explained twice, in a sentence for photographers and in one for researchers.
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Callable, Iterator, Sequence
from html import escape
from pathlib import Path

from PIL import Image

from inpaint_core.contract.file_names import show_name
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.message import Message
from inpaint_core.contract.version import __version__
from inpaint_core.generators.registry import generator
from inpaint_core.inspection.capture import InspectedRun
from inpaint_core.inspection.export.report_html import (
    PAGE_TEMPLATE,
    ChartLine,
    draw_chart,
    embed_content,
    embed_jpeg,
    embed_png,
    format_figure,
    format_rows,
    format_table,
)
from inpaint_core.inspection.export.run_files import encode_png
from inpaint_core.inspection.figures.paper_figure import FigureSpec, PaperFigure, PaperSpec
from inpaint_core.inspection.map_picture import draw_map, draw_outline, draw_photo, tint_hole
from inpaint_core.inspection.placed_map import PlacedMap
from inpaint_core.photo.atomic_file import write_atomically

PAGE, INDEX = "figures.html", "figures.json"

Say = Callable[[Message], str]
"""Puts a message into the words of a language."""

_WIDE = 300  # pixels of the longer side of the photo's pictures
_STYLES = (("#a8480a", ""), ("#1b5fa8", "5 3"), ("#4a7a1e", "2 3"), ("#7a3f94", "8 3 2 3"))
"""Colour and dashes of the lines of a chart: both tell them apart."""
_FRAME_MS, _PAUSE_MS = 700, 1800


def list_files(paper: PaperSpec) -> list[str]:
    """The names of all files that `write_paper` may write."""
    return [PAGE, INDEX, *(_name_file(figure) for figure in paper.figures)]


def write_paper(
    paper: PaperSpec,
    run: InspectedRun,
    figures: Sequence[PaperFigure],
    folder: Path,
    photo: str,
    overwrite: bool = False,
    say: Say = str,
    language: str = "en",
) -> list[Path]:
    """Write the page, the numbers as JSON and each picture into an existing folder; returns the
    files. ``photo``: its name. Each file is written atomically. Raises `CannotWrite`.
    """
    contents: dict[str, bytes] = {}
    for spec, figure in zip(paper.figures, figures, strict=True):
        if figure.frames:
            contents[_name_file(spec)] = encode_animation(figure.frames)
        elif figure.sheet is not None:
            contents[_name_file(spec)] = encode_png(figure.sheet)
    page = build_page(paper, run, figures, photo, say, language)
    contents[INDEX] = (json.dumps(_describe(paper, run, figures), indent=2) + "\n").encode()
    contents[PAGE] = page.encode()
    for name, content in contents.items():
        with write_atomically(folder / name, overwrite) as stream:
            stream.write(content)
    return [folder / name for name in contents]


def write_page(
    paper: PaperSpec,
    run: InspectedRun,
    figures: Sequence[PaperFigure],
    path: Path,
    photo: str,
    say: Say,
    language: str,
) -> None:
    """Write the page alone, over a file that is there. Raises `CannotWrite`."""
    content = build_page(paper, run, figures, photo, say, language).encode()
    with write_atomically(path, overwrite=True) as stream:
        stream.write(content)


def build_page(
    paper: PaperSpec,
    run: InspectedRun,
    figures: Sequence[PaperFigure],
    photo: str,
    say: Say = str,
    language: str = "en",
) -> str:
    """The page as HTML, in a ``language`` (“en”, “zh_TW”)."""
    title = say(Message("figures.page.title", paper=paper.title, photo=show_name(photo)))
    reading = f"<p>{escape(say(Message('figures.page.reading')))}</p>"
    body = [f"<section>{''.join(_photo_figures(run, say))}</section>", reading]
    for spec, figure in zip(paper.figures, figures, strict=True):
        content = _figure_section(spec, figure, say)
        body.append(f'<section id="{spec.id}">{content}</section>')
    return PAGE_TEMPLATE.format(
        language=language.replace("_", "-"),
        title=escape(title),
        facts=format_rows(_facts(run, say)),
        body="".join(body),
    )


def encode_animation(frames: Sequence[Image.Image]) -> bytes:
    """The frames as the bytes of a GIF that repeats, with a pause on the last one."""
    stream = io.BytesIO()
    durations = [_FRAME_MS] * (len(frames) - 1) + [_PAUSE_MS]
    first, *others = (frame.quantize(128, dither=Image.Dither.NONE) for frame in frames)
    first.save(stream, "GIF", save_all=True, append_images=others, duration=durations, loop=0)
    return stream.getvalue()


def _name_file(figure: FigureSpec) -> str:
    ending = "gif" if figure.animated else "png"
    return f"{figure.id.replace('_', '-')}.{ending}"


def _facts(run: InspectedRun, say: Say) -> Iterator[tuple[str, str]]:
    result = run.result
    engine = f"{generator(result.engine).title} ({result.engine}), {result.device}"
    yield say(Message("figures.page.engine")), engine
    yield say(Message("figures.page.weights")), result.weights_sha256 or "–"
    yield say(Message("figures.page.seed")), str(result.seed)
    yield say(Message("figures.page.program")), f"Lacuna {__version__}"


def _photo_figures(run: InspectedRun, say: Say) -> Iterator[str]:
    """What was painted over, the network's own picture and the fill."""
    photo, rect = run.request.image, run.result.rect
    around = rect.grow(max(rect.w, rect.h) // 2 + 16)
    crop = around.intersect(Rect.whole(photo.shape))
    before, hole = draw_photo(photo, crop, _WIDE), run.hole(crop)
    painted = draw_outline(tint_hole(before, hole), hole)
    yield format_figure(say(Message("figures.page.hole")), embed_jpeg(painted))
    if run.coarse is not None:
        placed = PlacedMap.on_photo(run.coarse, rect)
        picture = draw_map(placed, None, crop, _WIDE)
        shown = before.copy()
        mask = draw_map(PlacedMap.on_photo(hole[..., None].repeat(3, 2), crop), None, crop, _WIDE)
        shown[mask[..., 0] > 127] = picture[mask[..., 0] > 127]
        yield format_figure(say(Message("figures.page.network")), embed_jpeg(shown))
    after = draw_photo(run.result.applied_to(photo), crop, _WIDE)
    yield format_figure(say(Message("figures.page.after")), embed_jpeg(after))


def _figure_section(spec: FigureSpec, figure: PaperFigure, say: Say) -> str:
    title = say(Message(f"papers.{spec.id}"))
    number = say(Message("figures.page.figure", numbers=spec.numbers)) if spec.numbers else ""
    heading = f"<h2>{escape(title)}{f' <small>{escape(number)}</small>' if number else ''}</h2>"
    if figure.missing is not None:
        return f'{heading}<p class="missing">{escape(say(figure.missing))}</p>'
    parts = [heading]
    if figure.frames:
        content = encode_animation(figure.frames)
        parts.append(format_figure(title, embed_content(content, "GIF", figure.frames[0].size)))
    if figure.sheet is not None:
        parts.append(format_figure(title, embed_png(figure.sheet)))
    if figure.rows:
        lines = [
            ChartLine(say(row.name), *style, row.values)
            for row, style in zip(figure.rows, _STYLES, strict=False)
        ]
        chart = draw_chart(figure.columns, lines)
        parts.append(format_figure(title, chart, picture=False))
        numbers = [[say(row.name), *map(_format_number, row.values)] for row in figure.rows]
        parts.append(format_table(("", *figure.columns), numbers))
    plain = (Message("figures.page.photographer"), Message(f"papers.{spec.id}.plain"))
    exact = (Message("figures.page.researcher"), Message(f"papers.{spec.id}.exact"))
    for who, what in (plain, exact):
        parts.append(f"<p><b>{escape(say(who))}</b> {escape(say(what))}</p>")
    if figure.note is not None:
        parts.append(f"<p>{escape(say(figure.note))}</p>")
    return "".join(parts)


def _format_number(value: float) -> str:
    return f"{value:.4f}" if math.isfinite(value) else "–"


def _describe(
    paper: PaperSpec, run: InspectedRun, figures: Sequence[PaperFigure]
) -> dict[str, object]:
    """The numbers of all figures as JSON values."""
    return {
        "schema": 1,
        "program": f"lacuna-photo {__version__}",
        "paper": paper.id,
        "engine": run.result.engine,
        "weights_sha256": run.result.weights_sha256,
        "seed": run.result.seed,
        "figures": [
            {
                "id": figure.id,
                "number": spec.numbers,
                "file": _name_file(spec) if figure.sheet or figure.frames else None,
                "missing": None if figure.missing is None else str(figure.missing),
                "note": None if figure.note is None else str(figure.note),
                "columns": list(figure.columns),
                "rows": {
                    row.name.key.rpartition(".")[2]: [
                        round(v, 6) if math.isfinite(v) else None for v in row.values
                    ]
                    for row in figure.rows
                },
            }
            for spec, figure in zip(paper.figures, figures, strict=True)
        ],
    }
