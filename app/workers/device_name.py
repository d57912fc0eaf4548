"""The names of the devices that fills run on, as people know them."""

from __future__ import annotations


def describe_device(name: str) -> str:
    """The display name of "cpu", "cuda", "cuda:1" or "mps". Imports torch for CUDA's only, which a
    fill there has imported.
    """
    if name.startswith("cuda"):
        import torch

        return f"GPU: {torch.cuda.get_device_name(name)}"
    return "GPU: Apple" if name == "mps" else "CPU"
