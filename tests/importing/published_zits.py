"""ZITS as its authors publish it: random numbers under their names, and what these compute."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional as F

Tensors = dict[str, Tensor]


class _Writer:
    """Collects tensors by name, of a spread that keeps values in range."""

    def __init__(self) -> None:
        torch.manual_seed(5)
        self.tensors: Tensors = {}

    def conv(self, name: str, *shape: int, bias: bool = True, fan: int = 0) -> None:
        fan = fan or math.prod(shape[1:])
        self.tensors[f"{name}.weight"] = torch.randn(shape) * (1.6 / fan) ** 0.5
        if bias:
            self.tensors[f"{name}.bias"] = torch.randn(shape[0]) * 0.1

    def up(self, name: str, inputs: int, outputs: int, side: int) -> None:
        """A transposed convolution."""
        spread = (6.0 / (inputs * side * side)) ** 0.5
        self.tensors[f"{name}.weight"] = torch.randn(inputs, outputs, side, side) * spread
        self.tensors[f"{name}.bias"] = torch.randn(outputs) * 0.1

    def layer_norm(self, name: str, channels: int) -> None:
        self.tensors[f"{name}.weight"] = 1 + torch.randn(channels) * 0.1
        self.tensors[f"{name}.bias"] = torch.randn(channels) * 0.1

    def norm(self, name: str, channels: int) -> None:
        self.layer_norm(name, channels)
        self.tensors[f"{name}.running_mean"] = torch.randn(channels) * 0.1
        self.tensors[f"{name}.running_var"] = torch.rand(channels) + 0.5
        self.tensors[f"{name}.num_batches_tracked"] = torch.tensor(7)


def write_transformer(layers: int = 16) -> Tensors:
    """The file of the structure's transformer."""
    w = _Writer()
    w.tensors["pos_emb"] = torch.randn(1, 1024, 256) * 0.1
    widths = (64, 128, 256, 256)
    w.conv("conv1", 64, 6, 7, 7)
    for k in range(3):
        w.conv(f"conv{k + 2}", widths[k + 1], widths[k], 4, 4)
        w.up(f"convt{3 - k}", widths[k + 1], widths[k], 4)
    w.conv("convt4", 2, 64, 7, 7)
    w.layer_norm("ln_f", 256)
    for k in range(layers):
        block = f"blocks.{k}"
        axial = k % 2 == 0
        for each in ("rln1", "cln1", "ln2") if axial else ("ln1", "ln2"):
            w.layer_norm(f"{block}.{each}", 256)
        for attention in ("attn_row", "attn_col") if axial else ("attn",):
            for each in ("key", "query", "value", "proj"):
                w.conv(f"{block}.{attention}.{each}", 256, 256)
        inner = "ff" if axial else "mlp"
        w.conv(f"{block}.{inner}.0", 1024, 256)
        w.conv(f"{block}.{inner}.2", 256, 1024)
        if axial:
            for each in ("row", "col"):
                name = f"{block}.{each}_rel_pos_bias.weight"
                w.tensors[name] = torch.randn(8, 63)
        else:
            w.tensors[f"{block}.attn.mask"] = torch.tril(torch.ones(1, 1, 32, 32))
    return w.tensors


def write_upsampler() -> Tensors:
    """The file of the upsampler of structure."""
    w = _Writer()
    w.conv("convs.1", 64, 1, 7, 7)
    for k in (3, 5):
        w.conv(f"convs.{k}", 64, 64, 3, 3)
    w.conv("convs.7", 1, 64, 3, 3)
    w.conv("out.0", 32, 1, 4, 4)
    w.conv("out.2", 1, 32, 3, 3)
    return w.tensors


def write_picture(blocks: int = 9) -> Tensors:
    """The picture's network, LaMa without a split stem."""
    w = _Writer()
    widths = (64, 128, 256, 512)
    w.conv("conv1", 64, 4, 7, 7)
    for k in range(3):
        w.conv(f"conv{k + 2}", widths[k + 1], widths[k], 3, 3)
        w.up(f"convt{3 - k}", widths[k + 1], widths[k], 3)
        w.norm(f"bnt{3 - k}", widths[k])
    for k in range(4):
        w.norm(f"bn{k + 1}", widths[k])
    w.conv("convt4", 3, 64, 7, 7)
    for k in range(blocks):
        for half in ("ffc1", "ffc2"):
            place = f"middle.{k}.{half}"
            for part, outputs, inputs in (("l2l", 128, 128), ("l2g", 384, 128), ("g2l", 128, 384)):
                w.conv(f"{place}.ffc.conv{part}", outputs, inputs, 3, 3, bias=False)
            spectral = f"{place}.ffc.convg2g"
            w.conv(f"{spectral}.conv1.0", 192, 384, 1, 1, bias=False)
            w.norm(f"{spectral}.conv1.1", 192)
            w.conv(f"{spectral}.fu.conv_layer", 384, 384, 1, 1, bias=False)
            w.norm(f"{spectral}.fu.bn", 384)
            w.conv(f"{spectral}.conv2", 384, 192, 1, 1, bias=False)
            w.norm(f"{place}.bn_l", 128)
            w.norm(f"{place}.bn_g", 384)
    return w.tensors


def write_encoder(blocks: int = 3) -> Tensors:
    """The encoder of structure, with the positions."""
    w = _Writer()
    widths = (64, 128, 256, 512)
    w.conv("conv1.gate_conv", 128, 3, 7, 7)
    w.conv("conv2.gate_conv", 256, 64, 4, 4)
    w.conv("conv3", 256, 128, 4, 4)
    w.conv("conv4", 512, 256, 4, 4)
    for k in range(4):
        w.norm(f"bn{k + 1}", widths[k])
    for k in range(blocks):
        for each in (1, 2):
            w.conv(f"middle.{k}.conv{each}.1", 512, 512, 3, 3)
            w.norm(f"middle.{k}.bn{each}", 512)
    for k in range(3):
        w.tensors |= _gate(k, widths)
        w.norm(f"bnt{k + 1}", widths[2 - k])
    for k in range(6):
        w.tensors[f"alpha{k + 1}"] = torch.tensor(0.2 + 0.1 * k)
    place = torch.arange(128)[:, None] / 10_000 ** (2 * torch.arange(32) / 64)
    w.tensors["rel_pos_emb.weight"] = torch.cat([place.sin(), place.cos()], dim=1)
    w.tensors["direct_emb.weight"] = torch.randn(4, 64)
    return w.tensors


def _gate(k: int, widths: tuple[int, ...]) -> Tensors:
    inputs, outputs = widths[3 - k], 2 * widths[2 - k]
    name = f"convt{k + 1}.gate_conv"
    spread = (6.0 / (inputs * 16)) ** 0.5
    return {
        f"{name}.weight": torch.randn(inputs, outputs, 4, 4) * spread,
        f"{name}.bias": torch.randn(outputs) * 0.1,
    }


def write_detector() -> Tensors:
    """The file of the detector of lines."""
    w = _Writer()

    def unit(name: str, inputs: int, middle: int) -> None:
        for k, (before, after, side) in enumerate(
            ((inputs, middle, 1), (middle, middle, 3), (middle, 2 * middle, 1)), start=1
        ):
            w.norm(f"{name}.bn{k}", before)
            w.conv(f"{name}.conv{k}", after, before, side, side)
        if inputs != 2 * middle:
            w.conv(f"{name}.downsample.0", 2 * middle, inputs, 1, 1)

    w.conv("backbone.conv1", 64, 3, 7, 7)
    w.norm("backbone.bn1", 64)
    for k, (inputs, middle) in enumerate(((64, 64), (128, 128), (256, 128)), start=1):
        unit(f"backbone.layer{k}.0", inputs, middle)
    for stack in range(2):
        for level in range(4):
            for place in range(4 if level == 0 else 3):
                unit(f"backbone.hg.{stack}.hg.{level}.{place}.0", 256, 128)
        unit(f"backbone.res.{stack}.0", 256, 128)
        w.conv(f"backbone.fc.{stack}.0", 256, 256, 1, 1)
        w.norm(f"backbone.fc.{stack}.1", 256)
        for head, outputs in enumerate((3, 1, 1, 2, 2)):
            w.conv(f"backbone.score.{stack}.heads.{head}.0", 64, 256, 3, 3)
            w.conv(f"backbone.score.{stack}.heads.{head}.2", outputs, 64, 1, 1)
    w.conv("backbone.fc_.0", 256, 256, 1, 1)
    w.conv("backbone.score_.0", 256, 9, 1, 1)
    w.conv("fc1", 128, 256, 1, 1)
    for k, (inputs, outputs) in zip(
        (0, 2, 4), ((1024, 1024), (1024, 1024), (1024, 1)), strict=True
    ):
        w.conv(f"fc2.{k}", outputs, inputs)
    w.tensors["tspan"] = torch.linspace(0, 1, 32)[None, None]
    return w.tensors


def conv(t: Mapping[str, Tensor], name: str, x: Tensor, stride: int = 1, pad: int = 0) -> Tensor:
    return F.conv2d(x, t[f"{name}.weight"], t.get(f"{name}.bias"), stride, pad)


def mirror(t: Mapping[str, Tensor], name: str, x: Tensor, dilation: int = 1) -> Tensor:
    """A convolution that keeps the size, with mirrored borders."""
    weight = t[f"{name}.weight"]
    reach = weight.shape[-1] // 2 * dilation
    x = F.pad(x, (reach,) * 4, "reflect")
    return F.conv2d(x, weight, t.get(f"{name}.bias"), dilation=dilation)


def norm(t: Mapping[str, Tensor], name: str, x: Tensor) -> Tensor:
    kept = (t[f"{name}.running_mean"], t[f"{name}.running_var"])
    return F.batch_norm(x, *kept, t[f"{name}.weight"], t[f"{name}.bias"])


def up(t: Mapping[str, Tensor], name: str, x: Tensor) -> Tensor:
    weight = t[f"{name}.weight"]
    more = 1 if weight.shape[-1] == 3 else 0
    return F.conv_transpose2d(x, weight, t[f"{name}.bias"], 2, 1, more)


def see_structure(t: Mapping[str, Tensor], layers: int, seen: Tensor, mask: Tensor) -> Tensor:
    """The logits of edges and lines, from image, edges and lines (1, 5, 256, 256)."""
    x = F.relu(mirror(t, "conv1", torch.cat([seen * (1 - mask), mask], dim=1)))
    for k in (2, 3, 4):
        x = F.relu(conv(t, f"conv{k}", x, 2, 1))
    x = x.flatten(2).transpose(1, 2) + t["pos_emb"]

    def linear(name: str, y: Tensor) -> Tensor:
        return F.linear(y, t[f"{name}.weight"], t[f"{name}.bias"])

    def layer_norm(name: str, y: Tensor, epsilon: float) -> Tensor:
        return F.layer_norm(y, (256,), t[f"{name}.weight"], t[f"{name}.bias"], epsilon)

    def attend(name: str, y: Tensor, bias: Tensor | None = None) -> Tensor:
        parts = [
            linear(f"{name}.{each}", y).unflatten(-1, (8, 32)).transpose(-2, -3)
            for each in ("query", "key", "value")
        ]
        scores = parts[0] @ parts[1].transpose(-1, -2) / math.sqrt(32)
        scores = scores if bias is None else scores + bias
        return linear(f"{name}.proj", (scores.softmax(-1) @ parts[2]).transpose(-2, -3).flatten(-2))

    place = torch.arange(32)
    away = place[None] - place[:, None] + 31
    for k in range(layers):
        block = f"blocks.{k}"
        if k % 2 == 0:
            grid = x.unflatten(1, (32, 32))
            rows = t[f"{block}.row_rel_pos_bias.weight"][:, away]
            columns = t[f"{block}.col_rel_pos_bias.weight"][:, away]
            upright = layer_norm(f"{block}.rln1", grid, 1e-4).transpose(1, 2)
            down = attend(f"{block}.attn_row", upright, rows).transpose(1, 2)
            across = attend(f"{block}.attn_col", layer_norm(f"{block}.cln1", grid, 1e-4), columns)
            x = x + (down + across).flatten(1, 2)
            y = linear(f"{block}.ff.0", layer_norm(f"{block}.ln2", x, 1e-4))
            x = x + linear(f"{block}.ff.2", F.gelu(y))
        else:
            x = x + attend(f"{block}.attn", layer_norm(f"{block}.ln1", x, 1e-5))
            y = linear(f"{block}.mlp.0", layer_norm(f"{block}.ln2", x, 1e-5))
            x = x + linear(f"{block}.mlp.2", y * torch.sigmoid(1.702 * y))
    x = layer_norm("ln_f", x, 1e-5).transpose(1, 2).unflatten(2, (32, 32))
    for k in (1, 2, 3):
        x = F.relu(up(t, f"convt{k}", x))
    return mirror(t, "convt4", x)


def double(t: Mapping[str, Tensor], maps: Tensor) -> Tensor:
    """A map (1, 1, h, w) at twice its size."""
    x = F.interpolate(maps, scale_factor=2, mode="bilinear", align_corners=False)
    x = F.relu(mirror(t, "convs.1", x))
    for k in (3, 5):
        x = F.relu(conv(t, f"convs.{k}", x, 1, 1))
    return torch.sigmoid((conv(t, "convs.7", x, 1, 1) + 2) * 2)


def fill(
    t: Mapping[str, Tensor],
    blocks: tuple[int, int],
    image: Tensor,
    hole: Tensor,
    structure: Tensor,
    distance: Tensor,
    direction: Tensor,
) -> Tensor:
    """The picture in [0, 1]. The names in ``t`` begin with “generator.” and “str_encoder.”;
    ``blocks``: of the two; ``distance`` (1, 1, h, w) and ``direction`` (1, 4, h, w) at full size.
    """
    g, s = (
        {n.removeprefix(p): v for n, v in t.items() if n.startswith(p)}
        for p in ("generator.", "str_encoder.")
    )

    def gated(x: Tensor) -> Tensor:
        value, gate = x.chunk(2, dim=1)
        return value * torch.sigmoid(gate)

    x = torch.cat([structure, hole], dim=1)
    x = F.relu(norm(s, "bn1", gated(mirror(s, "conv1.gate_conv", x))))
    x = F.relu(norm(s, "bn2", gated(conv(s, "conv2.gate_conv", x, 2, 1))))
    for k in (3, 4):
        x = F.relu(norm(s, f"bn{k}", conv(s, f"conv{k}", x, 2, 1)))
    for k in range(blocks[1]):
        place = f"middle.{k}"
        y = F.relu(norm(s, f"{place}.bn1", mirror(s, f"{place}.conv1.1", x, 2)))
        x = x + norm(s, f"{place}.bn2", mirror(s, f"{place}.conv2.1", y))
    added = [x * s["alpha1"]]
    for k in (1, 2, 3):
        x = F.relu(norm(s, f"bnt{k}", gated(up(s, f"convt{k}.gate_conv", x))))
        added.append(x * s[f"alpha{k + 1}"])
    added.reverse()
    far = s["rel_pos_emb.weight"][distance[0, 0].long()].permute(2, 0, 1)[None]
    where = torch.einsum("bdhw,dc->bchw", direction, s["direct_emb.weight"])

    x = mirror(g, "conv1", torch.cat([image * (1 - hole), hole], dim=1))
    x = F.relu(norm(g, "bn1", x + far * s["alpha5"] + where * s["alpha6"]))
    for k in (2, 3, 4):
        x = F.relu(norm(g, f"bn{k}", conv(g, f"conv{k}", x + added[k - 2], 2, 1)))
    x = x + added[3]
    for k in range(blocks[0]):
        near, glob = x[:, :128], x[:, 128:]
        for half in ("ffc1", "ffc2"):
            near, glob = _convolve_fourier(g, f"middle.{k}.{half}", near, glob)
        x = x + torch.cat([near, glob], dim=1)
    for k in (1, 2, 3):
        x = F.relu(norm(g, f"bnt{k}", up(g, f"convt{k}", x)))
    return (torch.tanh(mirror(g, "convt4", x)) + 1) / 2


def _convolve_fourier(
    g: Mapping[str, Tensor], place: str, near: Tensor, glob: Tensor
) -> tuple[Tensor, Tensor]:
    spectral = f"{place}.ffc.convg2g"
    u = F.relu(norm(g, f"{spectral}.conv1.1", conv(g, f"{spectral}.conv1.0", glob)))
    spectrum = torch.fft.rfft2(u, norm="ortho")
    pairs = torch.stack([spectrum.real, spectrum.imag], dim=2).flatten(1, 2)
    pairs = F.relu(norm(g, f"{spectral}.fu.bn", conv(g, f"{spectral}.fu.conv_layer", pairs)))
    pairs = pairs.unflatten(1, (-1, 2))
    back = torch.fft.irfft2(
        torch.complex(pairs[:, :, 0], pairs[:, :, 1]), s=u.shape[-2:], norm="ortho"
    )
    far = conv(g, f"{spectral}.conv2", u + back)
    local = mirror(g, f"{place}.ffc.convl2l", near) + mirror(g, f"{place}.ffc.convg2l", glob)
    far = far + mirror(g, f"{place}.ffc.convl2g", near)
    return F.relu(norm(g, f"{place}.bn_l", local)), F.relu(norm(g, f"{place}.bn_g", far))


def find_lines(t: Mapping[str, Tensor], photo: Tensor) -> tuple[Tensor, Tensor]:
    """Raw outputs (1, 9, h / 2, w / 2) and features of a photo below 512 pixels."""

    def unit(name: str, x: Tensor) -> Tensor:
        y = x
        for k, pad in ((1, 0), (2, 1), (3, 0)):
            y = conv(t, f"{name}.conv{k}", F.relu(norm(t, f"{name}.bn{k}", y)), 1, pad)
        wide = f"{name}.downsample.0"
        return y + (conv(t, wide, x) if f"{wide}.weight" in t else x)

    def glass(name: str, n: int, x: Tensor) -> Tensor:
        beside = unit(f"{name}.{n - 1}.0.0", x)
        y = unit(f"{name}.{n - 1}.1.0", F.max_pool2d(x, 2, stride=2))
        y = glass(name, n - 1, y) if n > 1 else unit(f"{name}.0.3.0", y)
        return beside + F.interpolate(unit(f"{name}.{n - 1}.2.0", y), scale_factor=2)

    b = "backbone"
    x = F.relu(norm(t, f"{b}.bn1", conv(t, f"{b}.conv1", photo, 2, 3)))
    for k in (1, 2, 3):
        x = unit(f"{b}.layer{k}.0", x)
    for stack in range(2):
        y = unit(f"{b}.res.{stack}.0", glass(f"{b}.hg.{stack}.hg", 4, x))
        y = F.relu(norm(t, f"{b}.fc.{stack}.1", conv(t, f"{b}.fc.{stack}.0", y)))
        heads = [f"{b}.score.{stack}.heads.{k}" for k in range(5)]
        found = torch.cat(
            [conv(t, f"{h}.2", F.relu(conv(t, f"{h}.0", y, 1, 1))) for h in heads], dim=1
        )
        if stack == 0:
            x = x + conv(t, f"{b}.fc_.0", y) + conv(t, f"{b}.score_.0", found)
    return found, y


def judge_line(t: Mapping[str, Tensor], features: Tensor, line: Tensor) -> Tensor:
    """The score of a line (4,) inside a map of ``features`` (1, 256, h, w)."""
    described = conv(t, "fc1", features)[0]
    share = t["tspan"].flatten()[:, None]
    points = line[:2] * share + line[2:] * (1 - share) - 0.5
    corner = points.floor().long()
    rest = points - corner
    values = sum(
        described[:, corner[:, 1] + dy, corner[:, 0] + dx]
        * (rest[:, 0] if dx else 1 - rest[:, 0])
        * (rest[:, 1] if dy else 1 - rest[:, 1])
        for dx in (0, 1)
        for dy in (0, 1)
    )
    assert isinstance(values, Tensor)
    x = F.max_pool1d(values[None], 4).flatten()
    for k in (0, 2):
        x = F.relu(F.linear(x, t[f"fc2.{k}.weight"], t[f"fc2.{k}.bias"]))
    return torch.sigmoid(F.linear(x, t["fc2.4.weight"], t["fc2.4.bias"]))[0]
