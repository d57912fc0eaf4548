"""The figures of the papers: what they compute, what is drawn, and `inpaint figures`."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import partial
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from app.configuration.text import LANGUAGES
from inpaint_core import generators as generators_package
from inpaint_core.cli import main
from inpaint_core.contract.arrays import FloatImage
from inpaint_core.contract.errors import BadRequest
from inpaint_core.contract.message import format_message, load_catalogue
from inpaint_core.contract.options import FillOptions
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import InpaintRequest
from inpaint_core.contract.specs import load_specs
from inpaint_core.engine.engine import Engine
from inpaint_core.generators import registry
from inpaint_core.generators.registry import generator
from inpaint_core.importing.examine_weights import examine_weights
from inpaint_core.importing.import_weights import import_weights
from inpaint_core.inspection.capture import InspectedRun, look_inside
from inpaint_core.inspection.figures.channel_vectors import (
    CUT_OFF,
    channel_divergence,
    channel_shares,
    high_pass,
    lost_by_halving,
    lost_within,
    reduce_twice,
)
from inpaint_core.inspection.figures.draw_paper import check_engine, draw_paper
from inpaint_core.inspection.figures.paper_figure import PaperFigure
from inpaint_core.inspection.figures.paper_page import build_page, encode_animation
from inpaint_core.inspection.figures.sheet import CELL
from inpaint_core.inspection.papers.registry import papers
from inpaint_core.networks.blocks.convolution_weights import fold
from inpaint_core.networks.registry import find_network
from inpaint_core.networks.store import user_weights
from inpaint_core.networks.store.weights_file import save_weights
from inpaint_core.networks.tsgl.ablations import ABLATIONS

# -- what is computed ------------------------------------------------------------------------------


def random_map(channels: int, height: int, width: int, seed: int = 0) -> NDArray[np.float32]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(channels, height, width)).astype(np.float32)


@given(st.integers(1, 6), st.integers(0, 99), st.floats(1e-3, 1e3))
def test_the_divergence_of_channel_vectors_is_the_naive_one(
    channels: int, seed: int, factor: float
) -> None:
    one, other = random_map(channels, 3, 5, seed), random_map(channels, 6, 2, seed + 1)
    p, q = ([float(np.abs(c).mean()) for c in m] for m in (one, other))
    wanted = sum(
        a / sum(p) * np.log((a / sum(p)) / (b / sum(q))) for a, b in zip(p, q, strict=True)
    )
    assert channel_divergence(one, other) == pytest.approx(max(wanted, 0), abs=1e-6)
    # A layer's scale is no loss, and neither is its size.
    scaled = (other * np.float32(factor)).repeat(2, axis=1)
    assert channel_divergence(one, scaled) == pytest.approx(max(wanted, 0), rel=1e-3, abs=1e-6)
    assert channel_divergence(one, one) == 0


def test_a_silent_map_has_the_same_share_in_every_channel() -> None:
    assert channel_shares(np.zeros((4, 2, 2), np.float32)).tolist() == [0.25] * 4
    assert np.isfinite(channel_divergence(np.ones((4, 2, 2)), np.zeros((4, 3, 3))))
    with pytest.raises(ValueError, match="4 channels against 5"):
        channel_divergence(np.zeros((4, 2, 2)), np.zeros((5, 2, 2)))


@given(st.integers(2, 9), st.integers(2, 9))
def test_the_high_pass_is_the_naive_filter(height: int, width: int) -> None:
    maps = random_map(2, height, width)
    found = high_pass(maps)
    for plane, filtered in zip(maps, found, strict=True):
        spectrum = np.fft.fftshift(np.fft.fft2(plane))
        for y in range(height):
            for x in range(width):
                # Frequencies as shares of the highest one, half a period per pixel.
                v, u = 2 * (y - height // 2) / height, 2 * (x - width // 2) / width
                if abs(v) < CUT_OFF and abs(u) < CUT_OFF:
                    spectrum[y, x] = 0
        naive = np.fft.ifft2(np.fft.ifftshift(spectrum)).real
        np.testing.assert_allclose(filtered, naive, atol=1e-5)


def test_what_halving_loses_is_the_difference_from_the_enlarged_map() -> None:
    previous, current = random_map(2, 4, 6), random_map(2, 2, 3, 1)
    lost = lost_by_halving(previous, current)
    for c, y, x in np.ndindex(2, 4, 6):
        assert lost[c, y, x] == previous[c, y, x] - current[c, y // 2, x // 2]
    with pytest.raises(ValueError, match="not twice"):
        lost_by_halving(previous, previous)
    within = lost_within(previous)
    for c, y, x in np.ndindex(2, 2, 3):
        block = previous[c, 2 * y : 2 * y + 2, 2 * x : 2 * x + 2]
        own = within[c, 2 * y : 2 * y + 2, 2 * x : 2 * x + 2]
        np.testing.assert_allclose(own, block - block.mean(), atol=1e-6)
        assert reduce_twice(previous[c])[y, x] == pytest.approx(block.mean(), abs=1e-6)


# -- what is drawn ---------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def drawn(complete: InspectedRun) -> tuple[PaperFigure, ...]:
    return draw_paper(papers()["tsgl"], complete, complete.request.image)


def test_every_figure_of_tsgl_is_drawn_from_one_fill(drawn: Sequence[PaperFigure]) -> None:
    assert [f.id for f in drawn] == [f.id for f in papers()["tsgl"].figures]
    assert all(f.missing is None for f in drawn)
    columns = {"tsgl_balance": 6, "tsgl_images": 3}
    for figure in drawn:
        if figure.sheet is not None:
            assert figure.sheet.width > columns.get(figure.id, 5) * CELL
            colours = figure.sheet.getcolors(figure.sheet.width * figure.sheet.height)
            assert colours is not None
            assert len(colours) > 50  # maps, not blank cells
    assert {f.id for f in drawn if f.sheet is None} == {"tsgl_losses"}


def test_the_losses_are_those_of_neighbouring_layers(
    complete: InspectedRun, drawn: Sequence[PaperFigure]
) -> None:
    (figure,) = (f for f in drawn if f.id == "tsgl_losses")
    rows = {row.name.key.rpartition(".")[2]: row.values for row in figure.rows}
    maps = complete.find_captures("rebuilt-1")[0][0].maps
    rebuilt = [maps["texture-0"], *(maps[f"rebuilt-{k}"] for k in range(1, 6))]
    raw = [maps[f"texture-{k}"] for k in range(6)]
    for k in range(1, 6):
        before, after = rebuilt[k - 1], rebuilt[k]
        large = after.astype(np.float32).repeat(2, axis=1).repeat(2, axis=2)
        residual = before.astype(np.float32) - large
        assert rows["texture"][k - 1] == channel_divergence(before, after) > 0
        assert rows["texture_before"][k - 1] == channel_divergence(raw[k - 1], raw[k])
        assert rows["residual"][k - 1] == channel_divergence(before, residual)
        assert rows["structure"][k - 1] == channel_divergence(high_pass(before), high_pass(after))


def test_what_is_missing_is_said_figure_by_figure(complete: InspectedRun) -> None:
    paper = papers()["tsgl"]
    captures = tuple(
        replace(c, maps={k: v for k, v in c.maps.items() if not k.startswith("fused")})
        for c in complete.captures
    )
    found = draw_paper(paper, replace(complete, captures=captures))
    assert [f.id for f in found if f.missing is not None] == ["tsgl_balance", "tsgl_decoder"]
    assert "fused-1, fused-2" in build_page(paper, complete, found, "a.jpg")
    with pytest.raises(BadRequest, match="no maps"):
        draw_paper(paper, replace(complete, captures=()))


class Page(HTMLParser):
    """What a page loads, its open elements and its headings."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.open: list[str] = []
        self.headings = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [v for k, v in attrs if k in ("src", "href") and v]
        self.headings += tag == "h2"
        if tag not in ("img", "meta"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_the_page_explains_each_figure_twice_in_every_language_and_loads_nothing(
    language: str, complete: InspectedRun, drawn: Sequence[PaperFigure]
) -> None:
    sentences = load_catalogue(language)
    say = partial(format_message, sentences=sentences)
    text = build_page(papers()["tsgl"], complete, drawn, "a <b> & c.jpg", say, language)
    page = Page(text)
    assert page.open == []
    assert page.headings == len(drawn)
    assert all(a.startswith("data:image/") for a in page.addresses)
    assert len(page.addresses) == 3 + sum(f.sheet is not None for f in drawn)
    assert "<script" not in text
    assert "a &lt;b&gt; &amp; c.jpg" in text
    plain = text.replace("&#x27;", "'")
    for figure in drawn:
        for key in ("", ".plain", ".exact"):
            assert sentences[f"papers.{figure.id}{key}"] in plain


def test_every_figure_of_every_paper_has_its_sentences() -> None:
    sentences = load_catalogue("en")
    wanted = {
        f"papers.{figure.id}{key}"
        for paper in papers().values()
        for figure in paper.figures
        for key in ("", ".plain", ".exact")
    }
    assert wanted == {key for key in sentences if key.startswith("papers.")}


# -- networks that a person has trained ------------------------------------------------------------


SMALLER = {"pconv": {"widths": (8, 8, 12, 12, 16, 16, 16)}, "dmfn": {"width": 8}}
"""With as many levels and blocks as the lean networks, whose maps the engines list."""


@pytest.fixture
def bring(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, only_base_ships: None
) -> Callable[[str], None]:
    """Import what a training exports of a network, with random numbers, into the person's store."""
    monkeypatch.setattr(user_weights, "data_folder", lambda: tmp_path / "data")
    monkeypatch.delenv("LACUNA_WEIGHTS", raising=False)

    def keep(network: str) -> None:
        torch.manual_seed(0)
        spec, config = find_network(network, SMALLER[network])
        net = spec.build(config)
        fold(net)
        if network == "pconv":  # fresh weights paint far out of range, as nothing is normalised
            net.get_submodule("decoder.6.conv.conv").weight.data.mul_(0.01)
        about = {"network": network, "configuration": json.dumps(asdict(config))}
        save_weights(net, tmp_path / "mine.safetensors", about)
        import_weights(examine_weights(tmp_path / "mine.safetensors", Progress()), Progress())

    return keep


def test_the_mask_of_pconv_shrinks_layer_by_layer(
    bring: Callable[[str], None], request_: InpaintRequest
) -> None:
    bring("pconv")
    run = look_inside(request_.with_options(engine="pconv"), Engine())
    figures = {f.id: f for f in draw_paper(papers()["pconv"], run)}
    assert all(f.missing is None for f in figures.values())
    encoder, decoder = (row.values for row in figures["pconv_shrinking"].rows)
    (capture,) = run.find_captures("known-1")[0]
    assert encoder[0] == pytest.approx(1 - capture.hole.mean())
    assert list(encoder) == sorted(encoder)
    assert encoder[0] < encoder[-1] == 1
    assert decoder[0] == 1
    assert np.isnan(decoder[-1])
    frames = figures["pconv_animation"].frames
    assert len(frames) == 15  # given, seven levels down, seven up

    def count_unknown(frame: Image.Image) -> int:
        """Pixels in the colour that stands for what is unknown."""
        red, green, blue = np.asarray(frame, int).transpose(2, 0, 1)
        return int(np.count_nonzero((red - green > 60) & (blue - green > 60)))

    counts = [count_unknown(frame) for frame in frames]
    share = counts[0] / (frames[0].width * frames[0].height)
    assert share == pytest.approx(run.hole(capture.place.crop).mean(), abs=0.01)
    assert counts[:8] == sorted(counts[:8], reverse=True)
    assert counts[-1] == 0
    with Image.open(io.BytesIO(encode_animation(frames))) as animation:
        assert (animation.n_frames, animation.size) == (15, frames[0].size)


def classify(picture: FloatImage) -> list[NDArray[np.float32]]:
    """Two maps of a picture, the second at half of its size."""
    planes = picture.transpose(2, 0, 1)
    return [planes, planes[:, ::2, ::2]]


def test_dmfn_is_compared_with_the_truth(
    bring: Callable[[str], None], request_: InpaintRequest
) -> None:
    bring("dmfn")
    paper = papers()["dmfn"]
    run = look_inside(request_.with_options(engine="dmfn"), Engine())
    missing = {f.id: f.missing for f in draw_paper(paper, run)}
    assert [name for name, why in missing.items() if why] == ["dmfn_averages", "dmfn_guidance"]
    assert "--truth" in str(missing["dmfn_guidance"])
    found = {f.id: f for f in draw_paper(paper, run, request_.image)}
    assert "--features" in str(found["dmfn_averages"].missing)
    guided = np.asarray(found["dmfn_guidance"].sheet).astype(int)
    # Outside of the hole fill and truth are the same: the map is dark there, and not all over.
    dark = (guided == guided[60, -40]).all(axis=2)
    assert 0.1 < dark.mean() < 0.5
    whole = draw_paper(paper, run, request_.image, classify)
    assert all(f.missing is None for f in whole)


# -- the command -----------------------------------------------------------------------------------


@pytest.fixture
def files(tmp_path: Path, request_: InpaintRequest) -> list[str]:
    """PHOTO --mask MASK --out-dir DIR."""
    Image.fromarray(request_.image).save(tmp_path / "photo.png")
    Image.fromarray(request_.mask).save(tmp_path / "mask.png")
    return [
        *("figures", str(tmp_path / "photo.png"), "--mask", str(tmp_path / "mask.png")),
        *("--out-dir", str(tmp_path / "out")),
    ]


def test_page_numbers_and_pictures_are_written(files: list[str], tmp_path: Path) -> None:
    asked = [*files, "--paper", "tsgl", "--truth", str(tmp_path / "photo.png")]
    before = (tmp_path / "photo.png").read_bytes()
    assert main(asked) == 0
    out = tmp_path / "out"
    index = json.loads((out / "figures.json").read_text("utf-8"))
    pictures = {figure["file"] for figure in index["figures"]} - {None}
    assert len(pictures) == 8
    assert {p.name for p in out.iterdir()} == {"figures.html", "figures.json", *pictures}
    assert (tmp_path / "photo.png").read_bytes() == before
    assert "photo.png" in (out / "figures.html").read_text("utf-8")
    losses = next(f for f in index["figures"] if f["id"] == "tsgl_losses")
    assert len(losses["rows"]["structure"]) == len(losses["columns"]) == 5
    assert main(asked) == 2  # nothing is replaced unless told
    assert main([*asked, "--overwrite"]) == 0


def test_figures_of_a_single_row_of_pixels_are_drawn(tmp_path: Path) -> None:
    row = np.random.default_rng(0).integers(0, 256, (1, 90, 3), np.uint8)
    Image.fromarray(row).save(tmp_path / "row.png")
    mask = np.zeros((1, 90), np.uint8)
    mask[:, 30:50] = 255
    Image.fromarray(mask).save(tmp_path / "mask.png")
    files = (str(tmp_path / "row.png"), "--mask", str(tmp_path / "mask.png"))
    assert main(["figures", *files, "--paper", "tsgl", "--out-dir", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out" / "tsgl-images.png").is_file()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--paper", "gan"], "There is no paper called “gan”"),
        (["--paper", "dmfn"], "need weights for the engine “dmfn”"),
        (["--paper", "pconv"], "need weights for the engine “pconv”"),
        (["--paper", "zits"], "need weights for the engine “zits”"),
        (["--paper", "tsgl", "--engine", "exemplar"], "none of the maps"),
        # Some of its maps are called like those of TSGL.
        (["--paper", "tsgl", "--engine", "lama"], "none of the maps"),
        (["--paper", "tsgl", "--engine", "nobody"], "There is no engine called “nobody”"),
        (["--paper", "tsgl", "--grow", "-40"], "Nothing is left of the mask"),
        (["--paper", "tsgl", "--features", "none.pth"], "none.pth"),
    ],
)
def test_what_cannot_be_done_is_said(
    files: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    only_base_ships: None,
    more: list[str],
    said: str,
) -> None:
    monkeypatch.setattr(user_weights, "data_folder", lambda: tmp_path / "data")
    assert main([*files, *more]) == 2
    what, hint = capfd.readouterr().err.splitlines()
    assert said in what
    assert hint.startswith("hint:")


def test_a_truth_of_another_size_is_refused(
    files: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    Image.new("RGB", (20, 10)).save(tmp_path / "small.png")
    assert main([*files, "--paper", "tsgl", "--truth", str(tmp_path / "small.png")]) == 2
    assert "not of the photo’s size" in capfd.readouterr().err


def test_a_paper_whose_network_is_not_here_is_said() -> None:
    paper = replace(papers()["tsgl"], title="Other", engine="other")
    with pytest.raises(BadRequest, match="not in this version"):
        check_engine(paper, "other")


# -- the network that TSGL compares with -----------------------------------------------------------


def bring_tsgl(folder: Path, name: str, **changes: object) -> None:
    """Import what a training of an ablation exports, with random numbers."""
    small: dict[str, object] = {
        "structure_widths": [4, 6, 8, 10, 12],
        "width": 16,
        "depths": [1, 1, 1, 1],
        "hidden": 6,
        "fusion_widths": [4, 6, 8, 16, 16, 16],
        "balance": {"width": 8, "fused": 16, "depth": 1},
        "decoder_widths": [16, 12, 8, 8, 6],
    }
    table = {**small, **changes}
    torch.manual_seed(len(name))
    spec, config = find_network("base", table)
    net = spec.build(config)
    fold(net)
    path = folder / f"{name}.safetensors"
    save_weights(net, path, {"network": "base", "configuration": json.dumps(table)})
    assert main(["weights", "import", str(path), "--name", name]) == 0


def test_losses_against_a_baseline(
    request_: InpaintRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(user_weights, "data_folder", lambda: tmp_path / "data")
    monkeypatch.delenv("LACUNA_WEIGHTS", raising=False)
    real = load_specs(generators_package)  # “tsgl” with the weights that ship, not fresh ones
    monkeypatch.setattr(registry, "generators", lambda: real)
    bring_tsgl(tmp_path, "whole")
    bring_tsgl(tmp_path, "plain", **ABLATIONS["Baseline"])
    bring_tsgl(tmp_path, "wide", **ABLATIONS["Baseline"], width=24)
    photo, mask, out = tmp_path / "photo.png", tmp_path / "mask.png", tmp_path / "out"
    Image.fromarray(request_.image).save(photo)
    Image.fromarray(request_.mask).save(mask)
    given = ["figures", str(photo), "--mask", str(mask), "--out-dir", str(out), "--device", "cpu"]

    for paper, baseline, said in (
        ("tsgl", "tsgl:whole", "is no baseline of TSGL"),
        ("tsgl", "tsgl:wide", "have 24 channels and those to compare with 16"),
        ("tsgl", "tsgl:nobody", "nobody"),
        ("pconv", "tsgl:plain", "“tsgl:whole” has none of the maps"),
    ):
        words = ["--paper", paper, "--engine", "tsgl:whole", "--baseline", baseline]
        assert main([*given, *words]) == 2
        assert said in capsys.readouterr().err

    words = ["--paper", "tsgl", "--engine", "tsgl:whole", "--baseline", "tsgl:plain"]
    assert main([*given, *words]) == 0
    found = json.loads((out / "figures.json").read_text())
    figures = {figure["id"]: figure for figure in found["figures"]}
    assert "baseline “tsgl:plain”" in figures["tsgl_losses"]["note"]
    assert "baseline “tsgl:plain”" in (out / "figures.html").read_text()

    fills = request_.with_options(engine="tsgl:whole", grow=None, feather=FillOptions().feather)
    taps = [tap.name for tap in generator("tsgl:whole").taps]
    run = look_inside(fills, Engine(), taps)
    other = look_inside(
        fills.with_options(engine="tsgl:plain"), Engine(), papers()["tsgl"].baseline_taps
    )
    (drawn,) = (
        f for f in draw_paper(papers()["tsgl"], run, baseline=other) if f.id == "tsgl_losses"
    )
    rows = {row.name.key.rpartition(".")[2]: row.values for row in drawn.rows}
    written = figures["tsgl_losses"]["rows"]
    assert set(rows) == set(written) == {"texture", "baseline", "structure", "residual"}
    ours = run.find_captures("rebuilt-1")[0][-1].maps
    plain = other.find_captures("texture-1")[0][-1].maps
    for k in range(1, 6):
        before, after = plain[f"texture-{k - 1}"], ours[f"rebuilt-{k}"]
        assert rows["texture"][k - 1] == channel_divergence(before, after)
        assert rows["structure"][k - 1] == channel_divergence(high_pass(before), high_pass(after))
        assert rows["baseline"][k - 1] == channel_divergence(before, plain[f"texture-{k}"])
        previous = ours["texture-0" if k == 1 else f"rebuilt-{k - 1}"]
        residual = lost_by_halving(previous, after)
        assert rows["residual"][k - 1] == channel_divergence(before, residual)
        for name, values in rows.items():
            assert written[name][k - 1] == pytest.approx(values[k - 1], abs=1e-6)
