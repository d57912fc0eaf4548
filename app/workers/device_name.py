"""The names of the devices that fills run on, as people know them."""

from __future__ import annotations

from collections.abc import Mapping


def describe_device(name: str) -> str:
    """The display name of "cpu", "cuda", "cuda:1" or "mps". Imports torch for CUDA's only, which a
    fill there has imported.
    """
    if name.startswith("cuda"):
        import torch

        return f"GPU: {torch.cuda.get_device_name(name)}"
    return "GPU: Apple" if name == "mps" else "CPU"


def list_graphics_cards() -> Mapping[str, str]:
    """The graphics cards that "cuda:0", "cuda:1" and so on name, with the names of their makers.
    Imports torch.
    """
    import torch

    if not torch.cuda.is_available():
        return {}
    names = [f"cuda:{number}" for number in range(torch.cuda.device_count())]
    return {name: torch.cuda.get_device_name(name) for name in names}
