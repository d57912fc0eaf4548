"""Half precision where it is faster: measured once, remembered, never a reason to fail."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from inpaint_core.contract.choices import Precision
from inpaint_core.networks.registry import configurations
from inpaint_core.networks.store import precision
from inpaint_core.networks.store.precision import choose_dtype, uses_half_precision


class Asked:
    """A fake measurement that counts its calls."""

    def __init__(self, answer: bool) -> None:
        self.answer, self.times = answer, 0

    def __call__(self) -> bool:
        self.times += 1
        return self.answer


@pytest.mark.parametrize("answer", [True, False])
def test_the_cpu_is_asked_once(tmp_path: Path, answer: bool) -> None:
    cache, asked = tmp_path / "new" / "folder" / "precision.json", Asked(answer)
    assert [uses_half_precision("cpu", cache, asked) for _ in range(3)] == [answer] * 3
    assert asked.times == 1


def test_another_cpu_or_another_torch_is_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "precision.json"
    assert uses_half_precision("cpu", cache, Asked(True))
    monkeypatch.setattr(precision, "read_cpu_name", lambda: "Other 9000")
    assert not uses_half_precision("cpu", cache, Asked(False))
    monkeypatch.setattr(torch, "__version__", "99.0")
    assert uses_half_precision("cpu", cache, Asked(True))
    held = json.loads(cache.read_text("utf-8"))
    assert list(held.values()) == [True, False, True]
    assert sum("Other 9000" in key for key in held) == 2


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"null", b"[" * 100_000, b'{"a": 1}'])
def test_a_damaged_cache_is_replaced(tmp_path: Path, content: bytes) -> None:
    cache, asked = tmp_path / "precision.json", Asked(True)
    cache.write_bytes(content)
    assert uses_half_precision("cpu", cache, asked)
    assert uses_half_precision("cpu", cache, asked)
    assert asked.times == 1


def test_an_answer_of_another_kind_is_asked_again(tmp_path: Path) -> None:
    cache, asked = tmp_path / "precision.json", Asked(False)
    uses_half_precision("cpu", cache, asked)
    cache.write_text(cache.read_text("utf-8").replace("false", '"no"'), "utf-8")
    assert uses_half_precision("cpu", cache, asked) is False
    assert asked.times == 2


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"in the way")
    for cache in (tmp_path / "file" / "precision.json", tmp_path):
        asked = Asked(True)
        assert uses_half_precision("cpu", cache, asked)
        assert uses_half_precision("cpu", cache, asked)
        assert asked.times == 2


def test_gpus_are_not_timed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = tmp_path / "precision.json"
    for capability, answer in (((6, 1), False), ((7, 0), True), ((9, 0), True)):
        monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _, c=capability: c)
        assert uses_half_precision("cuda", cache, Asked(not answer)) is answer
    assert uses_half_precision("mps", cache, Asked(False))
    assert choose_dtype("cuda") == choose_dtype("mps") == torch.float16
    assert not cache.exists()


@pytest.mark.parametrize("device", ["cuda", "cuda:1", "mps"])
@pytest.mark.parametrize("asked", ["auto", "float16"])
def test_fourier_networks_never_run_in_float16(
    device: str, asked: Precision, monkeypatch: pytest.MonkeyPatch
) -> None:
    for is_new, wanted in ((True, torch.bfloat16), (False, torch.float32)):
        capability = (8, 0) if is_new else (7, 5)
        monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _, c=capability: c)
        monkeypatch.setattr(torch.backends.mps, "is_macos_or_newer", lambda *_, new=is_new: new)
        assert choose_dtype(device, asked, bears_float16=False) == wanted
        assert choose_dtype(device, asked) == torch.float16
        assert choose_dtype(device, "float32", bears_float16=False) == torch.float32


def test_networks_say_whether_they_bear_float16() -> None:
    fourier = {
        name
        for name, spec in configurations().items()
        if not spec.bears_float16(spec.configs[name])
    }
    assert {"lama", "big-lama", "lama-fourier"} <= fourier
    assert not fourier & {"base", "paper", "dmfn", "pconv"}


@pytest.mark.parametrize(("answer", "kind"), [(True, torch.bfloat16), (False, torch.float32)])
def test_what_the_cpu_computes_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: bool, kind: torch.dtype
) -> None:
    monkeypatch.setattr(precision, "find_cache_file", lambda: tmp_path / "precision.json")
    monkeypatch.setattr(precision, "bfloat16_is_faster", Asked(answer))
    assert choose_dtype("cpu") == kind


def test_the_measurement_follows_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a fake clock, every convolution in bfloat16 takes ``ratio`` times the other's time."""
    now = 0.0
    speed = 1.0
    conv = torch.nn.functional.conv2d

    def slow(image: torch.Tensor, *args: torch.Tensor, **options: int) -> torch.Tensor:
        nonlocal now
        now += 0.001 * (speed if image.dtype == torch.bfloat16 else 1.0)
        return conv(image, *args, **options)

    monkeypatch.setattr(torch.nn.functional, "conv2d", slow)
    monkeypatch.setattr(precision.time, "process_time", lambda: now)
    found = {}
    for speed in (0.2, 0.75, 0.9, 1.0, 5.0, 1000.0):
        found[speed] = precision.bfloat16_is_faster()
    assert found == {0.2: True, 0.75: True, 0.9: False, 1.0: False, 5.0: False, 1000.0: False}


def test_the_cpu_has_a_name() -> None:
    assert precision.read_cpu_name().strip()
