"""What generators and priors declare about themselves, and the scan that finds them.

A generator is one file in ``inpaint_core/generators`` that ends with ``SPEC = GeneratorSpec(...)``,
a prior one in ``inpaint_core/priors`` that ends with ``SPEC = PriorSpec(...)``; the file's name is
the id. Both must be cheap to import: torch and numba are imported inside ``build`` and ``run``.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import MappingProxyType, ModuleType
from typing import Any, Literal

from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, FloatImage
from inpaint_core.contract.choices import Precision
from inpaint_core.contract.geometry import Rect
from inpaint_core.contract.message import Message
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.request import SHOWN, WORST_RATIO, Fill, View


@dataclass(frozen=True)
class SizeRule:
    """The image sizes that a generator takes.

    ``max_side``: the longest side it sees at once, in pixels; None = any size, natively.
    ``multiple``: both sides are padded by reflection to a multiple of this.
    ``first_side``: the longer side of its first look at the whole of a wide hole, whose coarse
    colours all later passes keep; None = ``max_side``. ``first_over``: a hole is wide if it is
    wider than this, in pixels of a view of ``max_side``; None = a quarter of ``first_side``.
    ``by_area``: an oblong view that is seen whole may be longer than ``max_side``, up to the area
    of a square of that side.
    """

    max_side: int | None = None
    multiple: int = 1
    first_side: int | None = None
    first_over: float | None = None
    by_area: bool = False


@dataclass(frozen=True)
class FirstLook:
    """Another generator that takes the first look at the whole of a wide hole.

    ``engine``: its id; ``side`` and ``over``: what it was measured to be better with, as
    ``first_side`` and ``first_over`` of a `SizeRule`.
    """

    engine: str
    side: int
    over: float


@dataclass(frozen=True)
class TapPoint:
    """A named place in a network whose feature map (B, channels, H / stride, W / stride) can be
    recorded.

    ``module``: the path of a module in the network. ``at``: whether the map is the module's
    "output" or its "input", the tuple of its arguments. ``part``: indices to apply to that, one
    after the other, where it is not a single map. ``on_request``: it is recorded only if asked for
    by name, as it takes about as much memory as all others together.
    """

    name: str
    title: str
    stride: int
    channels: int
    module: str = ""
    at: Literal["input", "output"] = "output"
    part: tuple[int, ...] = ()
    on_request: bool = False


@dataclass(frozen=True)
class EngineChoice:
    """The generator chosen to fill a hole, and a message that says why.

    ``otherwise``: the generator to use when the chosen one's weights are missing or damaged.
    """

    engine: str
    reason: Message
    otherwise: str | None = None


@dataclass(frozen=True)
class GeneratorSpec:
    """A generator's declaration.

    ``run(net, view, progress)`` fills one view and is a pure function of its arguments; ``net`` is
    what ``build(device, precision)`` returned: a network with its weights, or None by default.
    ``native_stage``: the fill is coarse and guides exemplar synthesis at the photo's own
    resolution, with this ``trust``, ``shown`` and ``worst_ratio`` (see `View`); a fill that is
    fully trusted is used as it is, and where it was made smaller, only gets details. ``textured``:
    the fill has texture; a generator without is a floor to measure against and is used only when
    asked for by name. ``uses_torch``: it needs a torch device; others always run on the CPU.
    ``products``: by-products it can give, maps (h, w) or (h, w, C) over the view. ``priors``: ids
    of the priors put into the view. ``network``: the id of the network that fills, and ``weights``:
    the id of an entry in the weights' manifest; ``first_look``: who looks first at wide holes, None
    = it does itself. ``choose``: it names another generator for each view, to fill the part of its
    hole (h, w) that is passed with it, instead of filling it itself: one of the ids that
    ``list_candidates`` returns; ``build`` and ``run`` are then not called.
    ``takes_semantic``: it needs `View.semantic`.
    """

    id: str
    title: str
    summary: str
    run: Callable[[Any, View, Progress], Fill]
    build: Callable[[str, Precision], Any] = lambda device, precision: None
    paper: str = ""
    size: SizeRule = SizeRule()
    native_stage: bool = False
    textured: bool = True
    trust: float = 1.0
    shown: tuple[float, ...] = SHOWN
    worst_ratio: float = WORST_RATIO
    uses_torch: bool = False
    products: tuple[str, ...] = ()
    priors: tuple[str, ...] = ()
    taps: tuple[TapPoint, ...] = ()
    network: str | None = None
    weights: str | None = None
    first_look: FirstLook | None = None
    choose: Callable[[View, BoolMask, Progress], EngineChoice] | None = None
    list_candidates: Callable[[], tuple[str, ...]] | None = None
    takes_semantic: bool = False

    def __post_init__(self) -> None:
        if len({tap.name for tap in self.taps}) != len(self.taps):
            raise ValueError(f"generator {self.id!r} names a tap twice")


@dataclass(frozen=True)
class PriorSpec:
    """A prior's declaration.

    ``run(image, hole)`` computes it from a photo (h, w, 3) float32 in [0, 1]; values inside the
    hole (h, w) bool are not used. It returns a map (h, w, channels), or (h, w) for one channel,
    that is 0 inside the hole. With ``channels`` 0 it returns a table instead of a map.
    """

    id: str
    title: str
    summary: str
    channels: int
    run: Callable[[FloatImage, BoolMask], NDArray[Any]]
    paper: str = ""


@dataclass(frozen=True, eq=False)
class GeneratorPass:
    """One pass of a generator over one tile, about to begin.

    ``net`` is what the generator's ``build`` returned; ``view`` is the tile, padded at the bottom
    and the right, with its priors. ``tile`` is its rectangle in the photo's rectangle ``crop``
    scaled to ``size`` (width, height); the hole inside ``inner`` is what the pass fills. ``number``
    counts the passes over a crop and restarts at 0 after out-of-memory.
    """

    spec: GeneratorSpec
    net: Any
    view: View
    crop: Rect
    size: tuple[int, int]
    tile: Rect
    inner: Rect
    number: int


PassObserver = Callable[[GeneratorPass], AbstractContextManager[None]]
"""Returns the context in which a pass runs; it must not change the result."""


def load_specs(package: ModuleType) -> Mapping[str, Any]:
    """The ``SPEC`` of every file in a package except ``registry.py``, by id in alphabetical order.

    Raises ValueError when a file's name is not the id of its spec, so that ids are unique.
    """
    specs: dict[str, Any] = {}
    for name in sorted({m.name for m in pkgutil.iter_modules(package.__path__)} - {"registry"}):
        spec = importlib.import_module(f"{package.__name__}.{name}").SPEC
        if spec.id != name:
            raise ValueError(f"the spec in {name}.py is called {spec.id!r}")
        specs[name] = spec
    return MappingProxyType(specs)
