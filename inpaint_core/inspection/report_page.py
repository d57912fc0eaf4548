"""The frame of the report's page, and its two building blocks."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}: inside the fill</title>
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
svg text {{ font: 12px system-ui, sans-serif; }}
svg .grid {{ stroke: #e2e4e7; }}
svg .line {{ fill: none; stroke-width: 2; }}
</style>
</head>
<body>
<h1>{title}: inside the fill</h1>
{facts}
{body}
</body>
</html>
"""


def figure(caption: str, content: str, picture: bool = True) -> str:
    """``content`` (HTML) with a caption above it; pictures are given it as their description."""
    text = escape(caption, quote=True)
    described = content.replace('alt=""', f'alt="{text}"') if picture else content
    return f"<figure><figcaption>{text}</figcaption><div>{described}</div></figure>"


def rows(pairs: Iterable[tuple[str, str]]) -> str:
    """A table of two columns."""
    cells = (f"<tr><td>{escape(name)}</td><td>{escape(text)}</td></tr>" for name, text in pairs)
    return f"<table>{''.join(cells)}</table>"
