"""Weights files: safetensors in half precision, loaded strictly."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inpaint_core.contract.errors import WeightsUnavailable
from inpaint_core.photo.atomic_file import replacing

if TYPE_CHECKING:
    from torch import Tensor, nn

_NAMED = 8
"""So many tensors are named in a message; a wrong file can differ in hundreds."""


def save(net: nn.Module, path: Path, about: dict[str, str]) -> None:
    """Write the weights of ``net`` and the remarks ``about`` them; a file there is replaced.

    Learned values become float16; running statistics, which are few and can be large, stay as
    they are. Raises `CannotWrite`.
    """
    from safetensors.torch import save as encode

    learned = {name for name, _ in net.named_parameters()}
    stored = {name: _stored(t, name in learned) for name, t in net.state_dict().items()}
    content = encode(stored, about)
    with replacing(path, True) as stream:
        stream.write(content)


def load(net: nn.Module, path: Path, wanted: str | None = None) -> None:
    """Put the weights of a file into ``net``, in the net's own precision.

    ``wanted``: the SHA-256 the file must have. Nothing is loaded unless everything fits. Raises
    `WeightsUnavailable` naming every missing, unexpected and misshapen tensor (the first few of
    many), or saying that the file is missing or damaged.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load as decode

    again = "Put the file back as it came, or choose another engine."
    try:
        content = path.read_bytes()
    except OSError as error:
        raise WeightsUnavailable(f"There is no weights file “{path}”.", again) from error
    if wanted is not None and hashlib.sha256(content).hexdigest() != wanted:
        raise WeightsUnavailable(f"The weights file “{path.name}” is not the right one.", again)
    try:
        held = decode(content)
    except SafetensorError as error:
        raise WeightsUnavailable(f"The weights file “{path.name}” is damaged.", again) from error
    problems = differences(net.state_dict(), held)
    if problems:
        raise WeightsUnavailable(
            f"The weights in “{path.name}” are those of another network: {'; '.join(problems)}.",
            again,
        )
    net.load_state_dict(held, strict=True)


def about(path: Path) -> dict[str, str]:
    """The remarks in a weights file. Raises `WeightsUnavailable` when it is missing or damaged."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "pt") as held:
            return dict(held.metadata() or {})
    except (OSError, SafetensorError) as error:
        raise WeightsUnavailable(
            f"The weights file “{path}” cannot be read.", "Give the path of another one."
        ) from error


def differences(mine: dict[str, Any], theirs: dict[str, Any]) -> list[str]:
    """What does not fit of two mappings of names to tensors, one phrase per kind."""
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
    return [f"{kind} {_listed(names)}" for kind, names in kinds.items() if names]


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(sorted(names)[:_NAMED]) + more


def _stored(tensor: Tensor, learned: bool) -> Tensor:
    value = tensor.detach().cpu()
    return (value.half() if learned else value).contiguous()
