"""Weights files: safetensors in half precision, loaded strictly."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inpaint_core.contract.errors import WeightsUnavailable
from inpaint_core.photo.atomic_file import write_atomically

if TYPE_CHECKING:
    from torch import Tensor, nn

_NAMED = 8
"""Tensors named in a message at most; a wrong file can differ in hundreds."""


def save_weights(net: nn.Module, path: Path, about: dict[str, str], half: bool = True) -> None:
    """Write the weights of ``net`` and the metadata ``about`` them; an existing file is replaced.

    Learned values become float16 unless ``half`` is False; running statistics, which are few and
    can be large, keep their type. Raises `CannotWrite`.
    """
    from safetensors.torch import save as encode

    learned = {name for name, _ in net.named_parameters()}
    stored = {name: _to_stored(t, half and name in learned) for name, t in net.state_dict().items()}
    content = encode(stored, about)
    with write_atomically(path, True) as stream:
        stream.write(content)


def load_weights(net: nn.Module, path: Path, wanted: str | None = None) -> None:
    """Load the weights of a file into ``net``, in the net's own precision.

    ``wanted``: the SHA-256 that the file must have. Nothing is loaded unless everything fits.
    Raises `WeightsUnavailable` when the file is missing or damaged, or naming the first missing,
    unexpected and misshapen tensors.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load as decode

    try:
        content = path.read_bytes()
    except OSError as error:
        raise WeightsUnavailable("weights.missing", path=path) from error
    if wanted is not None and hashlib.sha256(content).hexdigest() != wanted:
        raise WeightsUnavailable("weights.changed", name=path.name)
    try:
        tensors = decode(content)
    except SafetensorError as error:
        raise WeightsUnavailable("weights.damaged", name=path.name) from error
    problems = find_differences(net.state_dict(), tensors)
    if problems:
        raise WeightsUnavailable(
            "weights.other_network", name=path.name, problems="; ".join(problems)
        )
    net.load_state_dict(tensors, strict=True)


def read_metadata(path: Path) -> dict[str, str]:
    """The metadata of a weights file. Raises `WeightsUnavailable` when it is missing or damaged."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "pt") as file:
            return dict(file.metadata() or {})
    except (OSError, SafetensorError) as error:
        raise WeightsUnavailable("command.weights_unreadable", path=path) from error


def find_differences(mine: dict[str, Any], theirs: dict[str, Any]) -> list[str]:
    """The differences of two mappings of names to tensors, one phrase per kind."""
    misshapen = [
        f"{name} {tuple(theirs[name].shape)} instead of {tuple(mine[name].shape)}"
        for name in mine.keys() & theirs.keys()
        if mine[name].shape != theirs[name].shape
    ]
    kinds = {
        "missing": list(mine.keys() - theirs.keys()),
        "unexpected": list(theirs.keys() - mine.keys()),
        "misshapen": misshapen,
    }
    return [f"{kind} {_list_names(names)}" for kind, names in kinds.items() if names]


def _list_names(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(sorted(names)[:_NAMED]) + more


def _to_stored(tensor: Tensor, half: bool) -> Tensor:
    value = tensor.detach().cpu()
    return (value.half() if half else value).contiguous()
