"""Generators with torch networks: cancel inside a forward pass, out-of-memory, devices."""

from __future__ import annotations

import weakref
from dataclasses import replace
from types import ModuleType

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from inpaint_core.contract.errors import (
    BadRequest,
    DeviceUnavailable,
    OutOfMemory,
    WeightsUnavailable,
)
from inpaint_core.contract.message import Message
from inpaint_core.contract.options import FillOptions
from inpaint_core.contract.progress import Cancelled, Progress
from inpaint_core.contract.request import Fill, InpaintRequest, View
from inpaint_core.contract.specs import EngineChoice, GeneratorSpec, SizeRule
from inpaint_core.engine import fill_run
from inpaint_core.engine.engine import Engine
from inpaint_core.networks import device as devices


class Layer(torch.nn.Module):
    """Counts its calls, and asks to cancel in the third."""

    def __init__(self, calls: list[int], progress: Progress | None) -> None:
        super().__init__()
        self.calls = calls
        self.progress = progress

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.calls.append(1)
        if self.progress is not None and len(self.calls) == 3:
            self.progress.cancel()
        return x * 0.5


def run_net(net, view: View, progress: Progress) -> Fill:  # type: ignore[no-untyped-def]
    model = net["generator"] if isinstance(net, dict) else net
    return Fill(model(torch.from_numpy(view.image)).numpy())


def spec_of(**more) -> GeneratorSpec:  # type: ignore[no-untyped-def]
    given = {"run": run_net, "uses_torch": True, "size": SizeRule(64, 8), **more}
    return GeneratorSpec(id="net", title="Net", summary="", **given)


@pytest.fixture
def request_(photo: NDArray[np.uint8], mask: NDArray[np.uint8]) -> InpaintRequest:
    return InpaintRequest(photo, mask, FillOptions(engine="net", device="cpu"))


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_cancel_takes_effect_inside_a_forward_pass(  # type: ignore[no-untyped-def]
    request_: InpaintRequest, register, wrapped: bool
) -> None:
    calls: list[int] = []
    progress = Progress()
    layers = [Layer(calls, progress) for _ in range(8)]
    model = torch.nn.Sequential(*layers)
    net = {"generator": model} if wrapped else model
    register(spec_of(build=lambda device, precision: net))
    engine = Engine()
    with pytest.raises(Cancelled):
        engine.inpaint(request_, progress)
    assert len(calls) == 3  # not one layer of the same pass ran after the cancel
    model(torch.zeros(3))  # a hook that was left would raise, as the progress is cancelled
    assert not engine.inpaint(request_, Progress()).rect.is_empty


def opencv_error() -> cv2.error:
    error = cv2.error("OpenCV: error: (-4:Insufficient memory) Failed to allocate 9 bytes")
    error.code = -4
    return error


def out_of_memory_above(side: int, error: Exception, sizes: list[int]):  # type: ignore[no-untyped-def]
    def run(net: None, view: View, progress: Progress) -> Fill:
        sizes.append(max(view.hole.shape))
        if max(view.hole.shape) > side:
            raise error
        return Fill(view.image)

    return run


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory."),
        RuntimeError("MPS backend out of memory (MPS allocated: 1 GB)"),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried"),
        MemoryError(),
        opencv_error(),
    ],
)
def test_out_of_memory_means_a_finer_plan(  # type: ignore[no-untyped-def]
    request_: InpaintRequest, register, error: Exception
) -> None:
    sizes: list[int] = []
    run = out_of_memory_above(32, error, sizes)
    register(spec_of(run=run))
    result = Engine().inpaint(request_, Progress())
    assert sizes[:3] == [64, 48, 32]
    assert max(sizes[2:]) <= 32
    assert any("32 pixels" in str(note) for note in result.notes)
    assert all(level["side"] == 32 for level in result.plan[0]["levels"])


def test_then_the_cpu(  # type: ignore[no-untyped-def]
    request_: InpaintRequest, register, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(net: str, view: View, progress: Progress) -> Fill:
        if net == "cuda":
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return Fill(view.image)

    monkeypatch.setattr(
        fill_run, "resolve_device", lambda wanted, spec: devices.ResolvedDevice("cuda")
    )
    register(spec_of(build=lambda device, precision: device, run=run))
    result = Engine().inpaint(request_, Progress())
    assert result.device == "cpu"
    assert any("CPU" in str(note) for note in result.notes)
    assert result.plan[0]["levels"][0]["side"] == 64


def test_then_an_error_with_a_name(request_: InpaintRequest, register) -> None:  # type: ignore[no-untyped-def]
    register(spec_of(run=out_of_memory_above(0, MemoryError(), [])))
    engine = Engine()
    with pytest.raises(OutOfMemory):
        engine.inpaint(request_, Progress())
    assert not engine.inpaint(request_.with_options(engine="harmonic"), Progress()).rect.is_empty


def test_other_runtime_errors_are_not_taken_for_out_of_memory(  # type: ignore[no-untyped-def]
    request_: InpaintRequest, register
) -> None:
    error = RuntimeError("mat1 and mat2 shapes cannot be multiplied")
    register(spec_of(run=out_of_memory_above(0, error, [])))
    with pytest.raises(RuntimeError, match="shapes"):
        Engine().inpaint(request_, Progress())


@pytest.mark.parametrize("there", [{"cuda"}, {"mps"}, {"cuda", "mps"}, set()])
def test_the_device_is_chosen_from_what_is_there(
    there: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: "cuda" in there)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: "mps" in there)
    spec = spec_of()
    auto = devices.resolve_device("auto", spec)
    assert auto.name == next((name for name in ("cuda", "mps") if name in there), "cpu")
    assert bool(auto.note) == (not there)
    assert devices.resolve_device("cpu", spec) == devices.ResolvedDevice("cpu")
    for name in ("cuda", "mps"):
        if name in there:
            assert devices.resolve_device(name, spec).name == name
        else:
            with pytest.raises(DeviceUnavailable):
                devices.resolve_device(name, spec)


def test_one_of_several_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    spec = spec_of()
    assert devices.resolve_device("cuda:1", spec) == devices.ResolvedDevice("cuda:1")
    with pytest.raises(DeviceUnavailable, match="cuda:2"):
        devices.resolve_device("cuda:2", spec)
    for name in ("cuda:", "cuda:x", "cuda:-1", "cuda:²", "mps:0", "cpu:0", "abacus"):
        with pytest.raises(BadRequest, match="no device"):
            devices.resolve_device(name, spec)


class FakeNet(torch.nn.Module):
    """A network on a device that this machine lacks."""

    def __init__(self, device: str, dtype: torch.dtype = torch.float32) -> None:
        super().__init__()
        self.device, self.dtype, self.passes = device, dtype, 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.passes += 1
        return x


def test_another_device_is_warmed_up_and_the_old_one_freed(  # type: ignore[no-untyped-def]
    request_: InpaintRequest, register, monkeypatch: pytest.MonkeyPatch
) -> None:
    freed: list[str] = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "empty_cache", lambda: freed.append("cuda"))
    built: list[FakeNet] = []

    def build(device: str, precision: str) -> FakeNet:
        built.append(FakeNet(device))
        return built[-1]

    register(spec_of(build=build, native_stage=True))
    engine = Engine()
    assert engine.inpaint(request_.with_options(device="cuda"), Progress()).device == "cuda"
    assert [(net.device, freed) for net in built] == [("cuda", [])]
    passes = built[0].passes
    old = weakref.ref(built.pop())
    engine.warm_up("net", "cuda:1")
    assert old() is None  # nothing holds the old network any more
    assert freed == ["cuda"]
    assert [(net.device, net.passes) for net in built] == [("cuda:1", 1)]
    result = engine.inpaint(request_.with_options(device="cuda:1"), Progress())
    assert (result.device, len(built), built[0].passes) == ("cuda:1", 1, 1 + passes)
    engine.warm_up("net", "cuda:1")
    assert freed == ["cuda"]  # what is in use stays
    with pytest.raises(DeviceUnavailable):
        engine.warm_up("net", "cuda:7")


@pytest.mark.parametrize(("device", "kind"), [("mps", torch.mps), ("cuda:1", torch.cuda)])
def test_memory_is_given_back_to_its_device(
    device: str, kind: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    freed: list[str] = []
    monkeypatch.setattr(kind, "empty_cache", lambda: freed.append(device))
    devices.free_memory(device)
    devices.free_memory("cpu")
    assert freed == [device]


def test_an_engine_that_chooses_is_warmed_up_by_its_first_candidate(  # type: ignore[no-untyped-def]
    register,
) -> None:
    nets = {name: FakeNet("cpu") for name in ("net", "second")}

    def lacking(device: str, precision: str) -> FakeNet:
        raise WeightsUnavailable("weights.unknown", name="third")

    for name, net in nets.items():
        register(replace(spec_of(build=lambda device, precision, net=net: net), id=name))
    register(replace(spec_of(build=lacking), id="third"))
    chooser = replace(
        spec_of(),
        id="chooser",
        choose=lambda view, own, progress: EngineChoice("net", Message("engine.loading")),
        list_candidates=lambda: ("third", "harmonic", *nets),
    )
    register(chooser)
    Engine().warm_up("chooser", "cpu")
    assert [net.passes for net in nets.values()] == [1, 0]
    with pytest.raises(WeightsUnavailable):
        Engine().warm_up("third", "cpu")


def test_a_precision_that_a_network_does_not_bear_is_said(  # type: ignore[no-untyped-def]
    request_: InpaintRequest, register
) -> None:
    register(spec_of(build=lambda device, precision: FakeNet(device, torch.bfloat16)))
    for asked, said in (("float16", True), ("bfloat16", False), ("auto", False)):
        result = Engine().inpaint(request_.with_options(precision=asked), Progress())
        assert any("ran in bfloat16" in str(note) for note in result.notes) is said
