"""The names of the tensors in the files that TSGL's authors publish of the 512 variant."""

from __future__ import annotations

from collections.abc import Iterator

from inpaint_core.networks.name_map import (
    Dropped,
    NameMap,
    Source,
    fold_spectral_norm,
    list_fourier_names,
)
from inpaint_core.networks.tsgl.config import LamaConfig


def list_tsgl_lama_names(config: LamaConfig) -> NameMap:
    """Where each tensor of `TsglLama` lies. Its global norms must be batch norms, and its guided
    convolutions are normalised by their largest singular value in the file.
    """
    stages = len(config.structure_widths)
    layers = dict(_list_encoders(stages))
    tensors: dict[str, Source] = {}
    for ours, theirs in (
        *((f"guidance.{k}", f"h2l_{k}_l") for k in range(stages - 1)),
        ("local_guidance", f"h2l_{stages - 1}_l"),
        ("global_guidance", f"h2l_{stages - 1}_g"),
    ):
        more, made = list_guidance(ours, theirs)
        layers |= more
        tensors |= made
    layers |= dict(_list_tail("tail", "model", config.blocks, stages))
    layers |= dict(_list_tail("edge_decoder", "up_high", 3, stages))
    # What one implementation of batch norm over several devices keeps beside its statistics.
    return NameMap(layers, tensors, (Dropped(r".*\._(tmp_running_(mean|var)|running_iter)"),))


def list_guidance(ours: str, theirs: str) -> tuple[dict[str, str], dict[str, Source]]:
    """The layers of one stage of guidance, and its tensors that are made of several."""
    layers, tensors = {}, {}
    for step, published in (("0.steps.0", "0"), ("0.steps.1", "1"), ("1.steps.0", "s")):
        place, conv = f"{ours}.branches.{step}", f"{theirs}.conv_{published}"
        norm = f"{theirs}.norm_{published}"
        layers[f"{place}.norm.norm"] = f"{norm}.param_free_norm"
        layers[f"{place}.norm.shared"] = f"{norm}.mlp_shared.0"
        layers[f"{place}.norm.gamma"] = f"{norm}.mlp_gamma"
        layers[f"{place}.norm.beta"] = f"{norm}.mlp_beta"
        layers[f"{place}.conv"] = conv
        parts = tuple(f"{conv}.weight_{part}" for part in ("orig", "u", "v"))
        tensors[f"{place}.conv.weight"] = Source(parts, fold_spectral_norm)
    return layers, tensors


def _list_encoders(stages: int) -> Iterator[tuple[str, str]]:
    for ours, theirs in (("structure", "model_high"), ("texture", "model_low")):
        yield from _list_unit(f"{ours}_stem", f"{theirs}.1", "l")
        for k in range(stages - 1):
            yield from _list_unit(f"{ours}_downs.{k}", f"{theirs}_{k}.0", "l")
        last = stages - 1
        for part, short in (("local", "l"), ("glob", "g")):
            yield from _list_unit(f"{ours}_downs.{last}.{part}", f"{theirs}_{last}.0", short)


def _list_unit(ours: str, theirs: str, part: str) -> Iterator[tuple[str, str]]:
    yield f"{ours}.0", f"{theirs}.ffc.convl2{part}"
    yield f"{ours}.1", f"{theirs}.bn_{part}"


def _list_tail(ours: str, theirs: str, blocks: int, ups: int) -> Iterator[tuple[str, str]]:
    for block in range(blocks):
        yield from list_fourier_names(f"{ours}.blocks.{block}", f"{theirs}.{block}")
    for up in range(ups):
        place = blocks + 1 + 3 * up
        yield f"{ours}.ups.{up}.0", f"{theirs}.{place}"
        yield f"{ours}.ups.{up}.1", f"{theirs}.{place + 1}"
    yield f"{ours}.last", f"{theirs}.{blocks + 2 + 3 * ups}"
