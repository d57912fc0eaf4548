"""A weights file as TSGL's authors publish it of the 512 variant, with random numbers, and a plain
computation of the published network from its names; apart from the program's own.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

STRUCTURE = (64, 128, 256, 256, 256)


def published_tsgl_lama(
    structure: tuple[int, ...] = STRUCTURE, width: int = 256, blocks: int = 9, hidden: int = 128,
    ups: tuple[int, ...] = (256, 256, 256, 128, 64),
) -> dict[str, Tensor]:  # fmt: skip
    """Every tensor by its published name, without “module.”."""
    torch.manual_seed(width)
    tensors: dict[str, Tensor] = {}

    def conv(name: str, *shape: int, bias: bool = False) -> None:
        fan = shape[1] * shape[2] * shape[3]
        tensors[f"{name}.weight"] = torch.randn(shape) * (2 / fan) ** 0.5
        if bias:
            tensors[f"{name}.bias"] = torch.randn(shape[0]) * 0.1

    def norm(name: str, channels: int, *, learned: bool = True) -> None:
        if learned:
            tensors[f"{name}.weight"] = torch.rand(channels) * 0.2 + 0.9
            tensors[f"{name}.bias"] = torch.randn(channels) * 0.05
        tensors[f"{name}.running_mean"] = torch.randn(channels) * 0.05
        tensors[f"{name}.running_var"] = torch.rand(channels) + 0.5
        tensors[f"{name}.num_batches_tracked"] = torch.tensor(7)

    def guidance(name: str, channels: int, condition: int) -> None:
        for part, seen in (("0", condition), ("1", condition), ("s", channels)):
            weight = torch.randn(channels, channels, 3, 3) / (3 * channels**0.5)
            tensors[f"{name}.conv_{part}.weight_orig"] = weight
            u, v = torch.randn(channels), torch.randn(9 * channels)
            if weight.device.type != "meta":
                for _ in range(9):
                    v = F.normalize(weight.flatten(1).T @ u, dim=0)
                    u = F.normalize(weight.flatten(1) @ v, dim=0)
            tensors[f"{name}.conv_{part}.weight_u"] = u
            tensors[f"{name}.conv_{part}.weight_v"] = v
            tensors[f"{name}.conv_{part}.bias"] = torch.randn(channels) * 0.1
            if part != "s":
                norm(f"{name}.norm_{part}.param_free_norm", channels, learned=False)
            conv(f"{name}.norm_{part}.mlp_shared.0", hidden, seen, 3, 3, bias=True)
            for each in ("gamma", "beta"):
                conv(f"{name}.norm_{part}.mlp_{each}", channels, hidden, 3, 3, bias=True)

    def tail(name: str, count: int, channels: int, outputs: int) -> None:
        near, far = channels // 4, channels * 3 // 4
        for block in range(count):
            for half in ("conv1", "conv2"):
                place = f"{name}.{block}.{half}"
                conv(f"{place}.ffc.convl2l", near, near, 3, 3)
                conv(f"{place}.ffc.convl2g", far, near, 3, 3)
                conv(f"{place}.ffc.convg2l", near, far, 3, 3)
                conv(f"{place}.ffc.convg2g.conv1.0", far // 2, far, 1, 1)
                norm(f"{place}.ffc.convg2g.conv1.1", far // 2)
                conv(f"{place}.ffc.convg2g.fu.conv_layer", far, far, 1, 1)
                norm(f"{place}.ffc.convg2g.fu.bn", far)
                conv(f"{place}.ffc.convg2g.conv2", far, far // 2, 1, 1)
                norm(f"{place}.bn_l", near)
                norm(f"{place}.bn_g", far)
        for up, wide in enumerate(ups):
            place = count + 1 + 3 * up
            tensors[f"{name}.{place}.weight"] = torch.randn(channels, wide, 3, 3) * (
                1 / (2 * channels)) ** 0.5  # fmt: skip
            tensors[f"{name}.{place}.bias"] = torch.randn(wide) * 0.1
            norm(f"{name}.{place + 1}", wide)
            channels = wide
        conv(f"{name}.{count + 2 + 3 * len(ups)}", outputs, channels, 7, 7, bias=True)

    for name, inputs, widths in (
        ("model_high", 3, structure),
        ("model_low", 4, (width,) * len(structure)),
    ):
        conv(f"{name}.1.ffc.convl2l", widths[0], inputs, 7, 7)
        norm(f"{name}.1.bn_l", widths[0])
        for k in range(len(widths)):
            before, after = widths[k], widths[min(k + 1, len(widths) - 1)]
            parts = (
                (("l", after),)
                if k < len(widths) - 1
                else (("l", after // 4), ("g", after * 3 // 4))
            )
            for part, channels in parts:
                conv(f"{name}_{k}.0.ffc.convl2{part}", channels, before, 3, 3)
                norm(f"{name}_{k}.0.bn_{part}", channels)
    for k in range(4):
        guidance(f"h2l_{k}_l", width, structure[k + 1])
    guidance("h2l_4_l", width // 4, structure[-1] // 4)
    guidance("h2l_4_g", width * 3 // 4, structure[-1] * 3 // 4)
    tail("model", blocks, width, 3)
    tail("up_high", 3, structure[-1], 1)
    return tensors


def fill_as_published(
    tensors: dict[str, Tensor],
    blocks: int,
    image: Tensor,
    edges: Tensor,
    grey: Tensor,
    hole: Tensor,
) -> tuple[Tensor, Tensor]:
    """The picture in [-1, 1] and the edges in [0, 1]; ``image`` in [-1, 1], the others in [0, 1],
    and all but ``hole`` 0 in the hole.
    """

    def norm(x: Tensor, name: str) -> Tensor:
        weight, bias = tensors.get(f"{name}.weight"), tensors.get(f"{name}.bias")
        return F.batch_norm(
            x, tensors[f"{name}.running_mean"], tensors[f"{name}.running_var"], weight, bias
        )

    def conv(x: Tensor, name: str, stride: int = 1) -> Tensor:
        weight, bias = tensors[f"{name}.weight"], tensors.get(f"{name}.bias")
        reach = weight.shape[-1] // 2
        return F.conv2d(F.pad(x, (reach,) * 4, "reflect"), weight, bias, stride)

    def down(x: Tensor, name: str, part: str, stride: int) -> Tensor:
        return F.relu(norm(conv(x, f"{name}.ffc.convl2{part}", stride), f"{name}.bn_{part}"))

    def guide(x: Tensor, lost: Tensor, structure: Tensor, name: str) -> Tensor:
        def step(y: Tensor, part: str, condition: Tensor) -> Tensor:
            place = f"{name}.norm_{part}"
            condition = F.interpolate(condition, y.shape[2:], mode="nearest")

            def plain(z: Tensor, layer: str) -> Tensor:
                return F.conv2d(z, tensors[f"{layer}.weight"], tensors[f"{layer}.bias"], padding=1)

            if part == "s":
                normal = (y - y.mean(1, keepdim=True)) / (y.var(1, keepdim=True) + 1e-5).sqrt()
            else:
                normal = norm(y, f"{place}.param_free_norm")
            inside = F.relu(plain(condition, f"{place}.mlp_shared.0"))
            gamma, beta = (plain(inside, f"{place}.mlp_{each}") for each in ("gamma", "beta"))
            z = F.leaky_relu(normal * (1 + gamma) + beta, 0.2)
            weight = tensors[f"{name}.conv_{part}.weight_orig"]
            u, v = (tensors[f"{name}.conv_{part}.weight_{each}"] for each in ("u", "v"))
            largest = torch.dot(u, weight.flatten(1) @ v)
            return F.conv2d(z, weight / largest, tensors[f"{name}.conv_{part}.bias"], padding=1)

        return step(step(x, "0", structure), "1", structure) + step(x, "s", lost) + x

    def tail(near: Tensor, far: Tensor, name: str, count: int) -> Tensor:
        for block in range(count):
            before = near, far
            for half in ("conv1", "conv2"):
                place = f"{name}.{block}.{half}"
                spread = f"{place}.ffc.convg2g"
                y = F.relu(norm(conv(far, f"{spread}.conv1.0"), f"{spread}.conv1.1"))
                spectrum = torch.fft.rfft2(y, norm="ortho")
                parts = torch.stack([spectrum.real, spectrum.imag], 2).flatten(1, 2)
                parts = F.relu(norm(conv(parts, f"{spread}.fu.conv_layer"), f"{spread}.fu.bn"))
                pairs = parts.unflatten(1, (-1, 2))
                spectrum = torch.complex(pairs[:, :, 0], pairs[:, :, 1])
                y = y + torch.fft.irfft2(spectrum, s=y.shape[-2:], norm="ortho")
                to_near = conv(near, f"{place}.ffc.convl2l") + conv(far, f"{place}.ffc.convg2l")
                to_far = conv(near, f"{place}.ffc.convl2g") + conv(y, f"{spread}.conv2")
                near = F.relu(norm(to_near, f"{place}.bn_l"))
                far = F.relu(norm(to_far, f"{place}.bn_g"))
            near, far = near + before[0], far + before[1]
        x = torch.cat([near, far], 1)
        for up in range(5):
            place = count + 1 + 3 * up
            weight, bias = tensors[f"{name}.{place}.weight"], tensors[f"{name}.{place}.bias"]
            x = F.relu(norm(F.conv_transpose2d(x, weight, bias, 2, 1, 1), f"{name}.{place + 1}"))
        return conv(x, f"{name}.{count + 17}")

    structure = down(torch.cat([edges, grey, hole], 1), "model_high.1", "l", 1)
    texture = down(torch.cat([image, hole], 1), "model_low.1", "l", 1)
    for k in range(4):
        structure = down(structure, f"model_high_{k}.0", "l", 2)
        raw = down(texture, f"model_low_{k}.0", "l", 2)
        lost = texture - F.interpolate(raw, scale_factor=2, mode="nearest")
        texture = guide(raw, lost, structure, f"h2l_{k}_l")
    seen = [down(structure, "model_high_4.0", part, 2) for part in "lg"]
    raws = [down(texture, "model_low_4.0", part, 2) for part in "lg"]
    lost = texture - F.interpolate(torch.cat(raws, 1), scale_factor=2, mode="nearest")
    parts = lost.split([raws[0].shape[1], raws[1].shape[1]], 1)
    near, far = (guide(raws[k], parts[k], seen[k], f"h2l_4_{part}") for k, part in enumerate("lg"))
    return torch.tanh(tail(near, far, "model", blocks)), torch.sigmoid(tail(*seen, "up_high", 3))
