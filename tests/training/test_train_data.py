"""Photos, holes and samples."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from tiny import of

from inpaint_core.contract.errors import BadRequest, FileUnreadable
from inpaint_core.lab.training.hole_sampler import BINS, SHAPES, draw_hole
from inpaint_core.lab.training.photo_archive import PhotoArchive
from inpaint_core.lab.training.samples import make_batches, make_sample
from inpaint_core.networks.inputs import Batch
from inpaint_core.networks.tsgl.config import BASE, PAPER
from inpaint_core.networks.tsgl.samples import draw_edges
from inpaint_core.networks.tsgl.spec import SPEC


def test_a_tar_file_holds_the_same_photos_as_its_folder(album: Path) -> None:
    folder, tar = PhotoArchive([str(album / "photos")]), PhotoArchive([str(album / "photos.tar")])
    assert len(folder) == len(tar) == 6
    for number in range(6):
        one, two = folder.read(number), tar.read(number)
        assert one is not None
        np.testing.assert_array_equal(one, two)
    both = PhotoArchive([str(album / "photos"), str(album / "photos.tar")])
    assert len(both) == 12


def test_colours_are_in_the_order_of_the_file(tmp_path: Path) -> None:
    Image.new("RGB", (70, 64), (250, 100, 10)).save(tmp_path / "one.png")
    (tmp_path / "notes.txt").write_text("no photo")
    photos = PhotoArchive([str(tmp_path)])
    assert len(photos) == 1
    read = photos.read(0)
    assert read is not None
    assert read.shape == (64, 70, 3)
    assert read[3, 3].tolist() == [250, 100, 10]


def test_sources_that_are_wrong(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="no photo"):
        PhotoArchive([str(tmp_path)])
    with pytest.raises(FileUnreadable, match="neither a folder nor a plain tar"):
        PhotoArchive([str(tmp_path / "missing")])
    (tmp_path / "broken.tar").write_bytes(b"\x00\x01" * 700)
    with pytest.raises(FileUnreadable, match="neither a folder nor a plain tar"):
        PhotoArchive([str(tmp_path / "broken.tar")])


def test_a_damaged_photo_is_passed_over(album: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.png").touch()
    (tmp_path / "text.jpg").write_text("no photo")
    damaged = PhotoArchive([str(tmp_path)])
    assert damaged.read(0) is None
    assert damaged.read(1) is None
    with pytest.raises(BadRequest, match="photos in a row"):
        make_sample(damaged, of(BASE), 64, 0, 0)
    mixed = PhotoArchive([str(tmp_path), str(album / "photos")])
    for number in range(6):
        assert torch.isfinite(make_sample(mixed, of(BASE), 64, 0, number).truth).all()


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.sampled_from(BINS), st.sampled_from([(64, 64), (96, 160)]))
def test_holes_have_the_wanted_share(
    seed: int, share: tuple[float, float], size: tuple[int, int]
) -> None:
    hole = draw_hole(np.random.default_rng(seed), *size, share)
    assert hole.shape == size
    assert hole.dtype == bool
    assert share[0] < hole.mean() <= share[1]


@pytest.mark.parametrize("shape", SHAPES)
def test_each_shape_draws_something_that_differs(shape: object) -> None:
    drawn = []
    for seed in range(8):
        hole = np.zeros((80, 80), np.uint8)
        shape(np.random.default_rng(seed), hole, 30.0)  # type: ignore[operator]
        assert set(np.unique(hole)) <= {0, 1}
        drawn.append(hole)
    assert np.mean([h.any() for h in drawn]) > 0.7
    assert len({h.tobytes() for h in drawn}) > 4


def test_a_sample_is_a_function_of_its_number(album: Path) -> None:
    photos = PhotoArchive([str(album / "photos")])
    one, again, other = (make_sample(photos, of(PAPER), 64, 7, n) for n in (3, 3, 4))
    assert torch.equal(one.truth, again.truth)
    assert torch.equal(one.inputs.structure_known, again.inputs.structure_known)
    assert not torch.equal(one.truth, other.truth)
    assert not torch.equal(make_sample(photos, of(PAPER), 64, 8, 3).truth, one.truth)


def test_what_a_sample_holds(album: Path) -> None:
    photos = PhotoArchive([str(album / "photos")])
    drawn = 0
    for number in range(24):
        batch = make_sample(photos, of(BASE), 64, 0, number)
        inputs = batch.inputs
        known = inputs.known > 0
        assert batch.truth.shape == (1, 3, 64, 64)
        assert batch.truth.abs().max() <= 1
        torch.testing.assert_close(
            torch.where(known, batch.truth, 0), inputs.image, atol=1e-6, rtol=0
        )
        inside = (inputs.structure_known > 0) & ~known
        # What is drawn are true edges, and nothing but edges.
        assert (batch.targets["edges"][inside] == 1).all()
        assert (inputs.structure[:, :1][inside] == 1).all()
        assert not inputs.structure[:, 1:][inside].any()
        drawn += bool(inside.any())
    assert 4 <= drawn <= 18


def test_what_a_person_might_draw() -> None:
    edges = np.zeros((60, 60), bool)
    for row in range(5, 60, 6):
        cv2.line(plane := edges.astype(np.uint8), (5, row), (55, row), 1)
        edges = plane > 0
    shares = []
    for seed in range(200):
        drawn = draw_edges(np.random.default_rng(seed), edges)
        assert not (drawn & ~edges).any()
        assert all(drawn[row, 5:56].all() or not drawn[row].any() for row in range(60))
        shares.append(drawn.sum() / edges.sum())
    found = np.array(shares)
    assert 0.4 < (found == 0).mean() < 0.62
    assert 0.1 < (found == 1).mean() < 0.3
    assert ((found > 0) & (found < 1)).mean() > 0.2


@pytest.mark.parametrize("workers", [1, 3])
def test_batches_are_the_samples_in_order(album: Path, workers: int) -> None:
    photos = PhotoArchive([str(album / "photos")])
    config = replace(BASE, structure_prior="gradients")

    def make(side: int, number: int) -> Batch:
        return make_sample(photos, of(config), side, 5, number)

    found = list(make_batches(make, iter([(64, 10), (64, 12), (128, 30)]), 2, workers))
    assert [b.truth.shape[-1] for b in found] == [64, 64, 128]
    for k, batch in enumerate(found[:2]):
        for j in range(2):
            wanted = make_sample(photos, of(config), 64, 5, 10 + 2 * k + j)
            assert torch.equal(batch.truth[j : j + 1], wanted.truth)
            assert torch.equal(batch.inputs.known[j : j + 1], wanted.inputs.known)


def test_maps_of_what_things_are_follow_their_photos(tmp_path: Path) -> None:
    """Cut, scaled and mirrored alike, with no colours that stand for nothing."""
    red, blue, green, white = ((250, 0, 0), (0, 0, 250), (0, 255, 0), (255, 255, 255))
    for number in range(2):
        photo, labels = np.empty((96, 128, 3), np.uint8), np.empty((96, 128, 3), np.uint8)
        edge = 40 + 30 * number
        photo[:, :edge], photo[:, edge:] = red, blue
        labels[:, :edge], labels[:, edge:] = green, white
        for folder, picture, ending in (("photos", photo, "png"), ("maps", labels, "bmp")):
            (tmp_path / folder / "a").mkdir(parents=True, exist_ok=True)
            Image.fromarray(picture).save(tmp_path / folder / "a" / f"{number}.{ending}")
    archive = PhotoArchive([str(tmp_path / "photos")], [str(tmp_path / "maps")])
    config = replace(BASE, structure_prior="semantic")
    add_map = SPEC.add_map(config)
    sides = set()
    for number in range(12):
        sample = make_sample(archive, of(config), 64, 0, number, add_map=add_map)
        structure = sample.inputs.structure[0].permute(1, 2, 0).numpy()
        is_green = (structure == np.float32((0, 1, 0))).all(axis=2)
        known = sample.inputs.known[0, 0].numpy() > 0
        assert (is_green | (structure == 1).all(axis=2))[known].all()
        is_red = sample.truth[0, 0].numpy() > 0
        assert (is_green != is_red)[known].mean() < 0.04  # along the edge, where colours are mixed
        sides.add((bool(is_red[0, 0]), bool(is_red[0, -1])))
    assert {(True, False), (False, True)} <= sides  # also mirrored
    with pytest.raises(BadRequest, match=r"no semantic map for the photo “a/0\.png”"):
        PhotoArchive([str(tmp_path / "photos")], [str(tmp_path / "maps" / "a")])
