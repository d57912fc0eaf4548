"""Parameters and multiply-accumulates, against those of the published networks."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from tsgl_cases import batch

from inpaint_core.networks.blocks.cost import count_macs, count_parameters
from inpaint_core.networks.blocks.patch_discriminator import PatchDiscriminator
from inpaint_core.networks.tsgl.ablations import TABLE_IV
from inpaint_core.networks.tsgl.config import BASE, LAMA, PAPER, Branch, Config
from inpaint_core.networks.tsgl.discriminator import Discriminator
from inpaint_core.networks.tsgl.lama import TsglLama
from inpaint_core.networks.tsgl.network import Tsgl, build_network

AS_CODED = replace(PAPER, depths=(2, 2, 6, 6), edge_decoder="published")


def on_paper(config: Config) -> Tsgl | TsglLama:
    """Shapes only: nothing is initialised or computed."""
    with torch.device("meta"):
        return build_network(config).eval()


@pytest.fixture(scope="module")
def paper() -> Tsgl:
    net = on_paper(AS_CODED)
    assert isinstance(net, Tsgl)
    return net


def test_structure_encoder(paper: Tsgl) -> None:
    norms = [0, *(count_parameters(n) for n in paper.structure.norms)]
    found = [count_parameters(c) + n for c, n in zip(paper.structure.convs, norms, strict=True)]
    assert found == [9_408, 205_056, 819_712, 1_180_672, 4_720_640]


def test_texture_encoder(paper: Tsgl) -> None:
    assert count_parameters(paper.head.first) == 11_520
    assert count_parameters(paper.head.second) == 291_780
    assert [count_parameters(s) for s in paper.stages] == [
        1_234_440,
        1_234_440,
        2_536_200,
        2_536_200,
    ]
    assert count_parameters(paper.stages[0].blocks[0]) == 325_440
    assert [len(s.blocks) for s in on_paper(PAPER).stages] == [2, 2, 6, 2]


def test_guidance(paper: Tsgl) -> None:
    sizes = [count_parameters(g) for g in paper.guidance]
    assert sizes == [2_475_780, 2_623_236, 2_918_148, 3_507_972, 4_687_620]
    costs = []
    for guidance, structure, side in zip(
        paper.guidance, (64, 128, 256, 512, 1024), (128, 64, 32, 16, 8), strict=True
    ):
        texture = torch.empty(1, 180, side, side, device="meta")
        condition = torch.empty(1, structure, side, side, device="meta")
        costs.append(
            round(count_macs(lambda g=guidance, t=texture, c=condition: g(t, c, t)) / 1e9, 1)
        )
    assert costs == [40.5, 10.7, 3.0, 0.9, 0.3]


def test_fusion(paper: Tsgl) -> None:
    parts = [*paper.fusion.heads, paper.fusion.last]
    assert [count_parameters(p) for p in parts] == [
        11_584,
        23_168,
        46_336,
        92_672,
        92_672,
        6_783_488,
    ]


def test_balance(paper: Tsgl) -> None:
    assert paper.balance is not None
    assert count_parameters(paper.balance) == 54_992_928


def test_decoder(paper: Tsgl) -> None:
    norms = [*(count_parameters(n) for n in paper.decoder.norms), 0]
    found = [count_parameters(u) + n for u, n in zip(paper.decoder.ups, norms, strict=True)]
    assert found == [4_195_840, 8_390_144, 4_195_072, 1_048_960, 262_336, 6_147]


def test_the_whole_published_network(paper: Tsgl) -> None:
    """All trained values, without its frozen mask kernels."""
    assert count_parameters(paper) == 164_673_180


def test_the_512_variant() -> None:
    net = on_paper(LAMA)
    assert count_parameters(net) == 38_609_348
    assert count_parameters(net.edge_decoder) == 4_141_313
    assert count_parameters(net) - count_parameters(net.edge_decoder) == 34_468_035
    sizes = [count_parameters(g) for g in (*net.guidance, net.local_guidance, net.global_guidance)]
    assert sizes == [4_131_456, *[4_426_368] * 3, 775_104, 2_988_096]
    for side, cost in ((256, 115.85), (512, 463.37)):
        inputs = batch(LAMA, side, side, device="meta")
        assert round(count_macs(lambda i=inputs: net(i)) / 1e9, 2) == cost
    train = count_macs(lambda: net(batch(LAMA, 256, 256, device="meta"), edges=True))
    assert round(train / 1e9, 2) == 119.38


def test_discriminators() -> None:
    with torch.device("meta"):
        first, second = Discriminator(), PatchDiscriminator()
    assert count_parameters(first) == 4_318_401
    assert count_parameters(second) == 6_962_369
    score, maps = first(torch.empty(1, 3, 256, 256, device="meta"))
    assert score.shape == (1, 1, 27, 27)
    assert [m.shape[1] for m in maps] == [64, 128, 256, 512]


def test_what_ships_is_lean_and_whole() -> None:
    net = on_paper(BASE)
    assert isinstance(net, Tsgl)
    # Its edge decoder is counted too: a person may want to see the completed edges.
    assert count_parameters(net) <= 12_000_000
    assert count_macs(lambda: net(batch(BASE, 512, 512, device="meta"))) <= 60_000_000_000
    assert net.balance is not None
    assert [len(g.branches) for g in net.guidance] == [2] * 5
    assert BASE.branches == PAPER.branches
    assert BASE.depths == PAPER.depths


def test_cost_grows_with_the_number_of_pixels() -> None:
    net = on_paper(BASE)
    small, large = (
        count_macs(lambda s=s: net(batch(BASE, s, s, device="meta"))) for s in (256, 512)
    )
    assert large == pytest.approx(4 * small, rel=0.01)


def test_rows_of_the_ablation_differ_as_they_say() -> None:
    def count(branches: tuple[Branch, ...]) -> int:
        return count_parameters(on_paper(replace(PAPER, branches=branches)))

    base = count(TABLE_IV["Baseline"])
    sizes = {name: count(row) - base for name, row in TABLE_IV.items()}
    assert len(TABLE_IV) == 12
    assert sizes["Baseline"] == 0
    one = sum(1152 * c + 415_208 + 291_780 for c in (64, 128, 256, 512, 1024))
    local = 5 * (622_568 + 291_780)
    assert sizes["Global->Global"] == sizes["Global->Local"] == one
    assert sizes["Local->Global"] == sizes["Local->Local"] == local
    assert sizes["Texture->Global"] == sizes["Texture->Local"] == local  # both 180 channels
    assert sizes["Global(2Local)->Global(Local)"] == one + 2 * local
    assert sizes["2Global(Local)->Global(Local)"] == 2 * one + local == 16_212_756
    inverse = replace(PAPER, branches=(), inverse=True)
    widths = (64, 128, 256, 512, 1024)  # of the structure, which is normalised; its guide has 180
    shared, pair = 180 * 128 * 9 + 128, 2 * 128 * 9 + 2  # gamma and beta, per channel
    wanted = sum(shared + pair * c + 9 * c * c + c for c in widths)
    assert count_parameters(on_paper(inverse)) - base == wanted
    late = replace(PAPER, double_from_stage=4)
    saved = sum(1152 * c + 415_208 + 291_780 for c in (64, 128, 256))
    assert count_parameters(on_paper(PAPER)) - count_parameters(on_paper(late)) == saved
