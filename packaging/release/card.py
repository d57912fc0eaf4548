"""The model card: what to know about a weights file before using it."""

from __future__ import annotations

from collections.abc import Mapping

from inpaint_core.networks.store.manifest import WeightsEntry

YOUNG = 2_000_000
"""Weights with fewer training samples are called young."""

_UNITS = {
    "l1": "mean absolute error inside the hole",
    "psnr": "PSNR in dB, more is better",
    "ssim": "SSIM, more is better",
    "features": "SqueezeNet feature distance, less is better",
    "fid": "FID, less is better",
    "lpips": "LPIPS, less is better",
}


def _format_depths(depths: Mapping[str, float]) -> str:
    return ", ".join(f"{name} ({depth:g})" for name, depth in depths.items())


def _format_size(side: int) -> str:
    return f"up to {side} pixels of hole and surroundings" if side else "whatever the size"


def format_card(entry: WeightsEntry, remarks: str = "") -> str:
    """The card as Markdown. ``remarks``: an additional paragraph, or empty."""
    young = (
        f"**These weights are young**: {entry.images:,} samples are few, and fills show it. They "
        "are here so that everything around the network can be used and judged.\n\n"
        if entry.images < YOUNG
        else ""
    )
    figures = "\n".join(
        f"| {name} | {value:.4g} | {_UNITS.get(name, '')} |"
        for name, value in entry.validation.items()
    )
    better = (
        "In these situations, up to these depths of the hole in pixels, the network with "
        "exemplar synthesis over it was measured to be better than exemplar synthesis alone, so "
        "`auto` uses it there: "
        f"{_format_depths(entry.better_for)}; {_format_size(entry.better_up_to)}.\n\n"
        if entry.better_for
        else "Nothing was measured by which `auto` would choose them, so it does not use them.\n\n"
    )
    paragraph = f"{remarks}\n\n" if remarks else ""
    return f"""# Weights “{entry.id}”

{young}{paragraph}| | |
|---|---|
| file | `{entry.file}`, safetensors, half precision |
| SHA-256 | `{entry.sha256}` |
| network | `{entry.network}`: {entry.parameters:,} parameters, \
{entry.macs / 1e9:.1f} GMAC for 512x512 pixels |
| paper | {entry.paper} |
| licence | {entry.licence} |
| trained on | {entry.training_data} |
| samples seen | {entry.images:,} |

## Measured

{entry.measured}

| figure | value | |
|---|---|---|
{figures}

{better}## Use and limits

The network is for removing things from photos: it guesses what was behind them. It knows nothing
of what really was there, so its fills are no evidence of anything. It was trained on ordinary
photos; on faces, text, drawings and medical or aerial pictures it has not been tried. It sees 512
pixels at once; in Lacuna exemplar synthesis puts texture from the photo itself over its fill.
"""
