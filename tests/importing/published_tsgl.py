"""TSGL for 256 pixels as its authors release it: random numbers, and what these compute."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from inpaint_core.networks.tsgl.config import TsglConfig

Tensors = dict[str, Tensor]


def published_tsgl(c: TsglConfig) -> Tensors:
    """The tensors of a network with these widths, by the released names without “module.”."""
    torch.manual_seed(9)
    t: Tensors = {}

    def conv(name: str, outputs: int, inputs: int, side: int, bias: bool = True) -> None:
        spread = (1.6 / (inputs * side * side)) ** 0.5
        t[f"{name}.weight"] = torch.randn(outputs, inputs, side, side) * spread
        if bias:
            t[f"{name}.bias"] = torch.randn(outputs) * 0.1

    def statistics(name: str, channels: int) -> None:
        t[f"{name}.running_mean"] = torch.randn(channels) * 0.1
        t[f"{name}.running_var"] = torch.rand(channels) + 0.5
        t[f"{name}.num_batches_tracked"] = torch.tensor(4)

    def affine(name: str, channels: int) -> None:
        t[f"{name}.weight"] = 1 + torch.randn(channels) * 0.1
        t[f"{name}.bias"] = torch.randn(channels) * 0.1

    def norm(name: str, channels: int) -> None:
        affine(name, channels)
        statistics(name, channels)

    def scaled(name: str, inputs: int, resample: bool = True) -> None:
        t[f"{name}.weight"] = torch.randn(c.width, inputs, 3, 3)
        t[f"{name}.bias"] = torch.randn(c.width) * 0.1
        taps = torch.tensor([1.0, 3, 3, 1])
        t[f"{name}.resample_filter"] = torch.outer(taps, taps) / 64

    high = (3, *c.structure_widths, c.structure_widths[4], c.structure_widths[4])
    for k, side in enumerate((7, 5, 5, 3, 3, 3, 3), start=1):
        conv(f"en_high_{k}.conv", high[k], high[k - 1], side, bias=False)
        if k > 1:
            norm(f"en_high_{k}.bn", high[k])
    last = high[5]
    back = (last, last, last, last, *reversed(high[1:5]))
    for k in range(7):
        conv(f"de_high_{7 - k}.conv", back[k + 1], back[k], 3, bias=False)
        norm(f"de_high_{7 - k}.bn", back[k + 1])
    for k in (1, 2):
        conv(f"de_high_0.structure_resolver.conv{k}", high[1], high[1], 3, bias=False)
        norm(f"de_high_0.structure_resolver.bn{k}", high[1])
    conv("de_high_0.out_layer.0", 1, high[1], 1)

    scaled("en_low_1_f.conv", 7)
    scaled("en_low_1_s.conv", c.width)
    for stage, depth in enumerate(c.depths, start=2):
        scaled(f"en_low_{stage}.downsample.conv.conv", c.width)
        scaled(f"en_low_{stage}.conv.conv", c.width)
        for k in range(depth):
            block = f"en_low_{stage}.blocks.{k}"
            for name, outputs, inputs in (
                *((f"attn.{each}", c.width, c.width) for each in ("q", "k", "v", "proj")),
                ("fuse", c.width, 2 * c.width),
                ("mlp.fc1", 2 * c.width, c.width),
                ("mlp.fc2", c.width, 2 * c.width),
            ):
                t[f"{block}.{name}.weight"] = torch.randn(outputs, inputs)
                t[f"{block}.{name}.bias"] = torch.randn(outputs) * 0.1
            side = 128 >> (stage - 1)
            if k % 2 and side > 8:
                t[f"{block}.attn_mask"] = torch.zeros(side * side // 64, 64, 64)
    for stage in range(5):
        place = f"h2l_{stage + 1}"
        for part, condition in (("0", high[stage + 1]), ("1", high[stage + 1]), ("s", c.width)):
            conv(f"{place}.conv_{part}", c.width, c.width, 3)
            weight = t.pop(f"{place}.conv_{part}.weight")
            t[f"{place}.conv_{part}.weight_orig"] = weight
            u, _, v = torch.linalg.svd(weight.flatten(1), full_matrices=False)
            t[f"{place}.conv_{part}.weight_u"], t[f"{place}.conv_{part}.weight_v"] = u[:, 0], v[0]
            inside = f"{place}.norm_{part}"
            if part != "s":
                statistics(f"{inside}.param_free_norm", c.width)
            conv(f"{inside}.mlp_shared.0", c.hidden, condition, 3)
            conv(f"{inside}.mlp_gamma", c.width, c.hidden, 3)
            conv(f"{inside}.mlp_beta", c.width, c.hidden, 3)
    widths = c.fusion_widths
    for k in range(5):
        conv(f"en_fusion_{k + 1}.0", widths[k], c.width, 1)
    conv("en_fusion_6.0", widths[5], sum(widths[:5]), 3)

    assert c.balance is not None
    inner, fused = c.balance.width, c.balance.fused
    for name, outputs, inputs, side in (
        ("down_128.model.0", widths[1], widths[0], 4),
        ("down_128.model.3", inner, widths[1], 4),
        ("down_64.model.0", inner, widths[1], 4),
        ("down_32.model.0", inner, widths[2], 1),
        ("down_16.model.0", widths[3], fused, 4),
        ("down_8.model.0", fused, fused, 4),
        ("down_8.model.3", widths[4], fused, 4),
        ("down_4.model.0", fused, fused, 4),
        ("down_4.model.3", fused, fused, 4),
        ("down_4.model.6", widths[5], fused, 4),
        ("down.model.0", inner, 3 * inner, 1),
        ("fuse.model.0", fused, 2 * inner, 1),
        ("up.conv", inner, widths[3], 1),
        *((f"up_{256 >> (k + 1)}.conv", widths[k], fused, 1) for k in range(3)),
        ("base.down.0", fused, 2 * fused, 1),
    ):
        conv(f"pc_block.{name}", outputs, inputs, side, bias=False)
    conv("pc_block.base.model.0.fc.0", fused // 16, fused, 1)
    conv("pc_block.base.model.0.fc.2", fused, fused // 16, 1)
    for side in (3, 5, 7):
        for k in range(c.balance.depth):
            place = f"pc_block.cov_{side}.{k}"
            conv(f"{place}.conv.input_conv", inner, inner, side, bias=False)
            t[f"{place}.conv.mask_conv.weight"] = torch.randn(inner, inner, side, side) * 0.02
            affine(f"{place}.bn", inner)
    skips = (0, *reversed(widths[:5]))
    outs = (*c.decoder_widths, 3)
    for k in range(6):
        inputs = (widths[5] if k == 0 else c.decoder_widths[k - 1]) + skips[k]
        spread = (6.0 / (inputs * 16)) ** 0.5
        t[f"Decoder_{k + 1}.model.1.weight"] = torch.randn(inputs, outs[k], 4, 4) * spread
        t[f"Decoder_{k + 1}.model.1.bias"] = torch.randn(outs[k]) * 0.1
        if k < 5:
            norm(f"Decoder_{k + 1}.model.2", outs[k])
    return t


def wrap(image: np.ndarray) -> np.ndarray:
    """What is left of levels in [0, 1] that are written as bytes when they are in [-1, 1]."""
    found = [int(float(np.float32(value) * 2 - 1) * 255) & 0xFF for value in image.ravel()]
    return np.array(found, np.float32).reshape(image.shape) / 255


def fill_as_released(
    t: Tensors,
    c: TsglConfig,
    image: Tensor,
    texture: Tensor,
    edges: Tensor,
    grey: Tensor,
    known: Tensor,
) -> tuple[Tensor, Tensor]:
    """The picture in [-1, 1] and the edges in [0, 1], of 256 pixels; ``image`` and ``texture`` in
    [-1, 1], the others in [0, 1], and all 0 in the hole.
    """

    def conv(x: Tensor, name: str, stride: int = 1, pad: int | None = None) -> Tensor:
        weight = t[f"{name}.weight"]
        pad = weight.shape[-1] // 2 if pad is None else pad
        return F.conv2d(x, weight, t.get(f"{name}.bias"), stride, pad)

    def norm(x: Tensor, name: str) -> Tensor:
        kept = (t[f"{name}.running_mean"], t[f"{name}.running_var"])
        return F.batch_norm(x, *kept, t.get(f"{name}.weight"), t.get(f"{name}.bias"))

    def partial(x: Tensor, mask: Tensor, name: str, stride: int) -> tuple[Tensor, Tensor]:
        weight = t[f"{name}.weight"]
        wide = mask.expand(-1, x.shape[1], -1, -1)
        seen = F.conv2d(wide, torch.ones_like(weight), stride=stride, padding=weight.shape[-1] // 2)
        after = seen.clamp(0, 1)
        ratio = weight[0].numel() / (seen + 1e-8) * after
        return conv(x * wide, name, stride) * ratio, after[:, :1]

    def scaled(
        x: Tensor, mask: Tensor | None, name: str, down: bool = False
    ) -> tuple[Tensor, Tensor | None]:
        weight = t[f"{name}.weight"]
        weight = weight / math.sqrt(weight[0].numel())
        if down:
            kernel = t[f"{name}.resample_filter"].expand(x.shape[1], 1, 4, 4)
            x = F.conv2d(F.pad(x, (2, 2, 2, 2)), kernel, groups=x.shape[1])
            y = F.conv2d(x, weight, stride=2)
        else:
            y = F.conv2d(x, weight, padding=1)
        y = F.leaky_relu(y + t[f"{name}.bias"][:, None, None], 0.2) * math.sqrt(2)
        if mask is None:
            return y, None
        seen = F.conv2d(mask, torch.ones(1, 1, 3, 3), stride=2 if down else 1, padding=1)
        after = seen.clamp(0, 1)
        return y * (9 / (seen + 1e-8) * after), after

    def linear(x: Tensor, name: str, active: bool = False) -> Tensor:
        weight = t[f"{name}.weight"]
        y = x @ (weight / math.sqrt(weight.shape[1])).T + t[f"{name}.bias"]
        return F.leaky_relu(y, 0.2) * math.sqrt(2) if active else y

    def windows(x: Tensor) -> Tensor:
        h, w = x.shape[1:3]
        return x.view(h // 8, 8, w // 8, 8, -1).transpose(1, 2).reshape(-1, 64, x.shape[-1])

    def whole(x: Tensor, side: int) -> Tensor:
        x = x.view(side // 8, side // 8, 8, 8, -1).transpose(1, 2)
        return x.reshape(1, side, side, -1)

    def block(x: Tensor, mask: Tensor | None, name: str, odd: bool) -> tuple[Tensor, Tensor | None]:
        side = x.shape[1]
        shift = 4 if odd and side > 8 else 0
        region = torch.zeros(1, side, side, 1)
        if shift:
            for number, (rows, columns) in enumerate(
                (a, b)
                for a in (slice(0, -8), slice(-8, -4), slice(-4, None))
                for b in (slice(0, -8), slice(-8, -4), slice(-4, None))
            ):
                region[:, rows, columns] = number
        label = windows(region)[..., 0]
        apart = (label[:, :, None] != label[:, None]).float() * -100
        rolled = windows(x.roll((-shift, -shift), (1, 2)))
        unit = rolled / rolled.norm(dim=-1, keepdim=True).clamp_min(1e-12)
        depth = c.width // c.heads

        def split(y: Tensor) -> Tensor:
            return y.unflatten(-1, (c.heads, depth)).transpose(1, 2)

        q, k, v = (
            split(linear(y, f"{name}.attn.{each}"))
            for each, y in (("q", unit), ("k", unit), ("v", rolled))
        )
        scores = q @ k.transpose(-1, -2) / math.sqrt(depth) + apart[:, None]
        if mask is not None:
            valid = windows(mask.roll((-shift, -shift), (1, 2)))
            scores = scores + (valid[:, None, None, :, 0] - 1) * 100
            any_valid = valid.sum(1, keepdim=True).clamp(0, 1).expand(-1, 64, -1)
            mask = whole(any_valid.contiguous(), side).roll((shift, shift), (1, 2))
        y = linear((scores.softmax(-1) @ v).transpose(1, 2).flatten(2), f"{name}.attn.proj")
        y = whole(y, side).roll((shift, shift), (1, 2))
        y = linear(torch.cat([x, y], -1), f"{name}.fuse", active=True)
        return linear(linear(y, f"{name}.mlp.fc1", active=True), f"{name}.mlp.fc2"), mask

    def stage(x: Tensor, mask: Tensor | None, number: int) -> tuple[Tensor, Tensor | None]:
        merged, mask = scaled(x, mask, f"en_low_{number}.downsample.conv.conv", down=True)
        y = merged.permute(0, 2, 3, 1)
        m = None if mask is None else mask.permute(0, 2, 3, 1)
        for k in range(c.depths[number - 2]):
            y, m = block(y, m, f"en_low_{number}.blocks.{k}", k % 2 == 1)
        mask = None if m is None else m.permute(0, 3, 1, 2)
        z, mask = scaled(y.permute(0, 3, 1, 2), mask, f"en_low_{number}.conv.conv")
        return z + merged, mask

    def guide(x: Tensor, before: Tensor, structure: Tensor, name: str) -> Tensor:
        lost = before - F.interpolate(x, scale_factor=2, mode="nearest")
        lost = F.interpolate(lost, structure.shape[2:], mode="bilinear", align_corners=True)

        def step(y: Tensor, part: str, condition: Tensor) -> Tensor:
            place = f"{name}.norm_{part}"
            if part == "s":
                normal = (y - y.mean(1, keepdim=True)) / (y.var(1, keepdim=True) + 1e-5).sqrt()
            else:
                normal = norm(y, f"{place}.param_free_norm")
            inside = F.relu(conv(condition, f"{place}.mlp_shared.0"))
            gamma, beta = (conv(inside, f"{place}.mlp_{each}") for each in ("gamma", "beta"))
            z = F.leaky_relu(normal * (1 + gamma) + beta, 0.2)
            weight = t[f"{name}.conv_{part}.weight_orig"]
            u, v = (t[f"{name}.conv_{part}.weight_{each}"] for each in ("u", "v"))
            weight = weight / torch.dot(u, weight.flatten(1) @ v)
            return F.conv2d(z, weight, t[f"{name}.conv_{part}.bias"], padding=1)

        return step(step(x, "0", structure), "1", structure) + step(x, "s", lost)

    structure, seen = partial(torch.cat([edges, grey, known], 1), known, "en_high_1.conv", 2)
    structure = F.relu(structure)
    before, mask = scaled(torch.cat([image, texture, known], 1), known, "en_low_1_f.conv")
    raw, mask = scaled(before, mask, "en_low_1_s.conv", down=True)
    before = guide(raw, before, structure, "h2l_1")
    maps = [F.relu(conv(before, "en_fusion_1.0"))]
    for k in (2, 3, 4, 5):
        structure, seen = partial(structure, seen, f"en_high_{k}.conv", 2)
        structure = F.relu(norm(structure, f"en_high_{k}.bn"))
        raw, mask = stage(before, None if k == 5 else mask, k)
        before = guide(raw, before, structure, f"h2l_{k}")
        maps.append(F.relu(conv(before, f"en_fusion_{k}.0")))
    small = [F.interpolate(m, (8, 8), mode="bilinear", align_corners=True) for m in maps[:4]]
    maps.append(F.relu(conv(torch.cat([*small, maps[4]], 1), "en_fusion_6.0", 2)))
    maps = balance(t, c, maps)
    x = maps[5]
    for k in range(6):
        x = F.relu(x if k == 0 else torch.cat([x, maps[5 - k]], 1))
        name = f"Decoder_{k + 1}.model"
        x = F.conv_transpose2d(x, t[f"{name}.1.weight"], t[f"{name}.1.bias"], 2, 1)
        x = norm(x, f"{name}.2") if k < 5 else torch.tanh(x)

    for k in (6, 7):
        structure, seen = partial(structure, seen, f"en_high_{k}.conv", 2)
        structure = F.relu(norm(structure, f"en_high_{k}.bn"))
    for k in range(7, 0, -1):
        structure = F.interpolate(structure, scale_factor=2, mode="bilinear", align_corners=False)
        seen = F.interpolate(seen, scale_factor=2, mode="nearest")
        structure, seen = partial(structure, seen, f"de_high_{k}.conv", 1)
        structure = F.leaky_relu(norm(structure, f"de_high_{k}.bn"), 0.2)
    place = "de_high_0.structure_resolver"
    y = F.relu(norm(conv(structure, f"{place}.conv1"), f"{place}.bn1"))
    y = F.relu(structure + norm(conv(y, f"{place}.conv2"), f"{place}.bn2"))
    return x, torch.sigmoid(conv(y, "de_high_0.out_layer.0"))


def balance(t: Tensors, c: TsglConfig, maps: list[Tensor]) -> list[Tensor]:
    """The balance module at 32 by 32, with the published code's reshapes."""
    assert c.balance is not None

    def unit(x: Tensor, name: str, stride: int = 1, active: bool = True) -> Tensor:
        weight = t[f"pc_block.{name}.weight"]
        y = F.instance_norm(F.conv2d(x, weight, None, stride, 1 if stride == 2 else 0))
        return F.leaky_relu(y, 0.2) if active else y

    def grow(x: Tensor, side: int) -> Tensor:
        return F.interpolate(x, (side, side), mode="bilinear", align_corners=False)

    early = torch.cat(
        [
            unit(unit(maps[0], "down_128.model.0", 2), "down_128.model.3", 2),
            unit(maps[1], "down_64.model.0", 2),
            unit(maps[2], "down_32.model.0"),
        ],
        1,
    )
    late = torch.cat([unit(grow(m, 32), "up.conv") for m in maps[3:]], 1)

    def streams(x: Tensor) -> Tensor:
        found = []
        for side in (3, 5, 7):
            y = x
            for k in range(c.balance.depth):  # type: ignore[union-attr]
                place = f"pc_block.cov_{side}.{k}"
                total = F.conv2d(
                    torch.ones_like(y), t[f"{place}.conv.mask_conv.weight"], padding=side // 2
                )
                y = F.conv2d(y, t[f"{place}.conv.input_conv.weight"], padding=side // 2) / total
                y = F.instance_norm(y, None, None, t[f"{place}.bn.weight"], t[f"{place}.bn.bias"])
                y = F.leaky_relu(y, 0.2)
            found.append(y)
        return unit(torch.cat(found, 1), "down.model.0")

    late, early = (streams(unit(group, "down.model.0")) for group in (late, early))
    x = unit(torch.cat([late, early], 1), "fuse.model.0")
    gate = "pc_block.base.model.0.fc"
    mean = x.mean((2, 3), keepdim=True)
    mean = F.relu(F.conv2d(mean, t[f"{gate}.0.weight"], t[f"{gate}.0.bias"]))
    x = x * torch.sigmoid(F.conv2d(mean, t[f"{gate}.2.weight"], t[f"{gate}.2.bias"]))
    place = torch.arange(32.0)
    rows, columns = torch.meshgrid(place, place, indexing="ij")
    away = (rows.flatten()[:, None] - rows.flatten()) ** 2
    away = away + (columns.flatten()[:, None] - columns.flatten()) ** 2
    weight = torch.exp(-away / (2 * 1.5**2))
    weight = weight / weight.sum(1, keepdim=True)  # (1024, 1024)
    near = (weight @ x.flatten(2).transpose(1, 2)).reshape(x.shape)
    own = torch.sigmoid(x)
    patches = F.unfold(own, 3, padding=1).unflatten(1, (x.shape[1], 9))  # (1, C, 9, 1024)
    likeness = (patches * own.flatten(2)[:, :, None]).mean(1).softmax(-1)  # over places
    values = F.unfold(x, 3, padding=1).unflatten(1, (x.shape[1], 9))
    alike = (values * likeness[:, None]).sum(2).transpose(1, 2).reshape(x.shape)
    x = unit(torch.cat([near, alike], 1), "base.down.0")
    added = [unit(grow(x, 256 >> (k + 1)), f"up_{256 >> (k + 1)}.conv") for k in range(3)]
    added.append(unit(x, "down_16.model.0", 2, False))
    added.append(unit(unit(x, "down_8.model.0", 2), "down_8.model.3", 2, False))
    y = unit(unit(x, "down_4.model.0", 2), "down_4.model.3", 2)
    added.append(unit(y, "down_4.model.6", 2, False))
    return [m + a for m, a in zip(maps, added, strict=True)]
