"""The HTML and SVG building blocks of pages."""

from __future__ import annotations

import base64
import io
import math
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from PIL import Image

from inpaint_core.inspection.map_picture import Rgb

PAGE_TEMPLATE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; --ink: #181a1d; --soft: #4a4f56; --line: #d6d9dd;
  --page: #fff; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --ink: #e4e6e9; --soft: #a4a9b0; --line: #3a3e44; --page: #1b1d20; }}
  figure {{ --ink: #181a1d; --soft: #4a4f56; background: #fff; border-radius: 6px;
    padding: .6rem .7rem; }}
}}
body {{ font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page);
  max-width: 1480px; margin: 2rem auto; padding: 0 1.5rem; }}
h1 {{ font-size: 1.6rem; margin: 0 0 .6rem; }}
h2 {{ font-size: 1.2rem; margin: 2.2rem 0 .8rem; border-bottom: 1px solid var(--line); }}
h3 {{ font-size: 1rem; margin: 1rem 0 .3rem; }}
figure {{ display: inline-grid; grid-template-columns: min-content; vertical-align: top;
  align-content: start; margin: 0 1rem 1.2rem 0; color: var(--ink); }}
figure > div {{ display: flex; }}
figcaption {{ font-size: .85rem; line-height: 1.35; color: var(--soft); padding-bottom: .3rem; }}
img {{ max-width: calc(100vw - 4rem); height: auto; }}
table {{ border-collapse: collapse; font-variant-numeric: tabular-nums; }}
td {{ padding: .1rem 1.2rem .1rem 0; vertical-align: top; overflow-wrap: anywhere; }}
td:first-child {{ color: var(--soft); white-space: nowrap; }}
.numbers {{ margin: .2rem 0 .8rem; }}
.numbers th {{ font-weight: normal; text-align: left; color: var(--soft);
  padding: .1rem 1.2rem .1rem 0; }}
.numbers td:first-child {{ color: var(--ink); }}
h2 small {{ font-weight: normal; color: var(--soft); }}
section p {{ max-width: 60rem; margin: .3rem 0; }}
.missing {{ color: var(--soft); font-style: italic; }}
svg text {{ font: 12px system-ui, sans-serif; }}
svg .grid {{ stroke: #e2e4e7; }}
svg .line {{ fill: none; stroke-width: 2; }}
</style>
</head>
<body>
<h1>{title}</h1>
{facts}
{body}
</body>
</html>
"""


def format_figure(caption: str, content: str, picture: bool = True) -> str:
    """``content`` (HTML) with a caption above it, which is also the pictures' alternative text."""
    text = escape(caption, quote=True)
    described = content.replace('alt=""', f'alt="{text}"') if picture else content
    return f"<figure><figcaption>{text}</figcaption><div>{described}</div></figure>"


def format_rows(pairs: Iterable[tuple[str, str]]) -> str:
    """A table of two columns."""
    cells = (f"<tr><td>{escape(name)}</td><td>{escape(text)}</td></tr>" for name, text in pairs)
    return f"<table>{''.join(cells)}</table>"


def embed_png(picture: Image.Image) -> str:
    """A picture without loss as an element that holds all of it."""
    return _embed(picture, "PNG")


def embed_jpeg(picture: Rgb) -> str:
    """A photo (h, w, 3) as an element that holds all of it."""
    return _embed(Image.fromarray(picture), "JPEG", quality=90)


def _embed(picture: Image.Image, kind: str, **options: int) -> str:
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return embed_content(stream.getvalue(), kind, picture.size)


def embed_content(content: bytes, kind: str, size: tuple[int, int]) -> str:
    """The bytes of a picture file of a ``kind`` such as PNG, (width, height) pixels large, as an
    element that holds all of it.
    """
    sides = f'width="{size[0]}" height="{size[1]}"'
    data = base64.b64encode(content).decode()
    return f'<img {sides} alt="" src="data:image/{kind.lower()};base64,{data}">'


def format_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of numbers: each row begins with its name, each column has a head."""
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in heads)
    body = (
        f'<tr><th scope="row">{escape(name)}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        + "</tr>"
        for name, *cells in rows
    )
    return f'<table class="numbers"><tr>{head}</tr>{"".join(body)}</table>'


_WIDTH, _HEIGHT = 380, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 96, 14, 34
_LETTER = 7  # pixels, about the width of a letter


@dataclass(frozen=True)
class ChartLine:
    """A line of a chart: its ``name``, an sRGB ``colour`` as "#rrggbb", a dash pattern ("": solid)
    and one value per layer, NaN if there is none.
    """

    name: str
    colour: str
    dash: str
    values: Sequence[float]


def draw_chart(layers: Sequence[str], lines: Sequence[ChartLine]) -> str:
    """Lines over layers as SVG, from 0 to a little above the largest value; lines differ in dashes
    and in the names at their ends as well as in colour.
    """
    finite = [v for line in lines for v in line.values if math.isfinite(v)]
    most = 1.08 * max(finite, default=1.0) or 1.0
    right = max([_RIGHT, *(12 + _LETTER * _count_columns(line.name) for line in lines)])
    width = _WIDTH - _RIGHT + right
    inner_w, inner_h = width - _LEFT - right, _HEIGHT - _TOP - _BOTTOM

    def place(index: int, value: float) -> tuple[float, float]:
        across = index / max(len(layers) - 1, 1)
        return _LEFT + across * inner_w, _TOP + (1 - value / most) * inner_h

    out = [f'<svg viewBox="0 0 {width} {_HEIGHT}" width="{width}" height="{_HEIGHT}">']
    for value in _round_numbers(most):
        y = place(0, value)[1]
        out.append(f'<path class="grid" d="M{_LEFT} {y:.1f}H{width - right}"/>')
        out.append(f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:g}</text>')
    for index, layer in enumerate(layers):
        x = place(index, 0)[0]
        y = _HEIGHT - 16
        out.append(f'<text x="{x:.1f}" y="{y}" text-anchor="middle">{escape(layer)}</text>')
    drawn = []
    for line in lines:
        points = [place(k, v) for k, v in enumerate(line.values) if math.isfinite(v)]
        if not points:
            continue
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        style = f'stroke="{line.colour}" stroke-dasharray="{line.dash}"'
        out.append(f'<path class="line" {style} d="M{path}"/>')
        out += [
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{line.colour}"/>' for x, y in points
        ]
        drawn.append((points[-1], line))
    lowest = 0.0
    for (x, y), line in sorted(drawn, key=lambda each: each[0][1]):
        y = lowest = max(y, lowest + 14)  # names must not cover each other
        place_of = f'x="{x + 8:.1f}" y="{y + 4:.1f}"'
        out.append(f'<text {place_of} fill="{line.colour}">{escape(line.name)}</text>')
    return "".join([*out, "</svg>"])


def _count_columns(text: str) -> int:
    """How many Latin letters a text is as wide as; Chinese and Japanese ones count twice."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _round_numbers(most: float) -> list[float]:
    raw = most / 4
    power = 10 ** math.floor(math.log10(raw))
    step = next(power * n for n in (1, 2, 5, 10) if power * n >= raw)
    return [k * step for k in range(int(most / step) + 1)]
