"""What a person can choose about a file beside its format: chroma, and to stop."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile, get_sampling
from renders import saved, scene

from inpaint_core.contract.errors import BadRequest
from inpaint_core.contract.progress import Cancelled, Progress
from inpaint_core.photo.photo import Photo
from inpaint_core.photo.read_photo import decode_photo
from inpaint_core.photo.write_photo import write_photo

_CODES = {"4:4:4": 0, "4:2:2": 1, "4:2:0": 2}


@pytest.mark.parametrize("sampling", list(_CODES))
@pytest.mark.parametrize("quality", [None, 70, 95])
def test_chroma_is_as_chosen(tmp_path: Path, sampling: str, quality: int | None) -> None:
    source = saved(Image.fromarray(scene(48, 48)), "JPEG", quality=80, subsampling=1)
    path = tmp_path / "a.jpg"
    photo = decode_photo(source, Path("source.jpg"))
    write_photo(path, photo, quality=quality, sampling=sampling)
    image = JpegImageFile(io.BytesIO(path.read_bytes()))
    assert get_sampling(image) == _CODES[sampling]
    if quality is None:
        assert image.quantization == JpegImageFile(io.BytesIO(source)).quantization


def test_an_unknown_sampling_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="4:1:1"):
        write_photo(tmp_path / "a.jpg", Photo(scene(8, 8)), sampling="4:1:1")
    assert list(tmp_path.iterdir()) == []


def test_a_cancelled_file_does_not_appear(tmp_path: Path) -> None:
    progress = Progress()
    progress.cancel()
    (tmp_path / "a.png").write_bytes(b"before")
    with pytest.raises(Cancelled):
        write_photo(tmp_path / "a.png", Photo(scene(8, 8)), overwrite=True, progress=progress)
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]
    assert (tmp_path / "a.png").read_bytes() == b"before"
