"""What ships with Lacuna is there, is what it claims to be, and is not too large."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import resources
import weights

_ROOT = Path(__file__).resolve().parents[2]


def test_the_sample_is_a_photo_with_profile_and_exif() -> None:
    with Image.open(resources.path("samples/beach.jpg")) as photo:
        assert photo.size == (1600, 1067)
        assert photo.info["icc_profile"]
        assert "rendered" in photo.getexif()[0x010E].lower()


def test_the_samples_mask_fits_and_marks_a_small_part() -> None:
    with Image.open(resources.path("samples/beach-mask.png")) as image:
        mask = np.asarray(image)
    assert mask.shape == (1067, 1600)
    assert set(np.unique(mask)) == {0, 255}
    assert 0.01 < (mask > 0).mean() < 0.06


def test_a_missing_file_is_named() -> None:
    with pytest.raises(FileNotFoundError, match="samples/none"):
        resources.path("samples/none.jpg")
    with pytest.raises(FileNotFoundError, match="none"):
        weights.path("none.safetensors")


def test_the_manifest_and_the_weights_agree() -> None:
    folder = Path(weights.__file__).parent
    listed = {entry["file"]: entry["sha256"] for entry in weights.manifest()}
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.glob("*.safetensors")
    }
    assert listed == found


@pytest.mark.skipif(not (_ROOT / ".git").exists(), reason="needs the repository")
def test_the_repository_stays_small() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=_ROOT, capture_output=True, text=True, check=True
    )
    files = [_ROOT / name for name in listed.stdout.split("\0") if name]
    total = sum(path.stat().st_size for path in files if path.is_file())
    assert total < 45 * 2**20
