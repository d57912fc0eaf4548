"""What generators and priors declare about themselves, and the scans that find them.

A generator is one file in ``inpaint_core/generators`` that ends with ``SPEC = GeneratorSpec(...)``.
That file must be cheap to import: torch and numba are imported inside ``build`` and ``run``.
A prior is one file in ``inpaint_core/priors`` that ends with ``SPEC = PriorSpec(...)``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from numpy.typing import NDArray

from inpaint_core.contract.arrays import BoolMask, FloatImage, Precision
from inpaint_core.contract.progress import Progress
from inpaint_core.contract.view import Fill, View


@dataclass(frozen=True)
class SizeRule:
    """Which image sizes a generator takes.

    ``max_side``: the longest side it sees at once in pixels, None = any size, natively.
    ``first_side``: how long the longer side is made for its first look at the whole of a wide hole,
    whose coarse colours all others keep; None = ``max_side``.
    ``multiple``: both sides are padded (by reflection) to a multiple of this.
    """

    max_side: int | None = None
    multiple: int = 1
    first_side: int | None = None


@dataclass(frozen=True)
class TapPoint:
    """A named place in a network whose feature map (B, channels, H / stride, W / stride) can be
    looked at.

    ``module``: the path of a module in the network, ``at`` says whether its "output" or its
    "input" (the tuple of its arguments) is meant, and ``part`` the items to take from that, one
    after the other, where it is no single map.
    """

    name: str
    title: str
    stride: int
    channels: int
    module: str = ""
    at: Literal["input", "output"] = "output"
    part: tuple[int, ...] = ()


@dataclass(frozen=True)
class Choice:
    """The generator that is to fill a hole, and a sentence for a person that says why.

    ``otherwise``: the one to take when that one's weights turn out to be missing or damaged.
    """

    engine: str
    reason: str
    otherwise: str | None = None


@dataclass(frozen=True)
class GeneratorSpec:
    """A generator's declaration.

    ``build(device)`` returns whatever ``run`` needs (a network with its weights, or None);
    ``run(net, view, progress)`` fills one view and is a pure function of its arguments.
    ``build_in(device, precision)``, where there is one, builds it in a precision asked for by name.
    ``native_stage``: its fill is coarse and is followed by exemplar synthesis at the photo's own
    resolution, which follows it with this ``trust`` (see `View`). ``textured``: it makes texture;
    one that does not is a floor to measure against, offered to nobody who has not asked for it.
    ``uses_torch``: it needs a torch device; others always run on the CPU.
    ``products`` are maps (h, w) or (h, w, C) over the view. ``priors`` are put into the view.
    ``weights``: the id of an entry of the weights' manifest. ``choose``: it is no generator of its
    own but names another one for each view; ``build`` and ``run`` are then not called.
    """

    id: str
    title: str
    summary: str
    build: Callable[[str], Any]
    run: Callable[[Any, View, Progress], Fill]
    paper: str = ""
    size: SizeRule = SizeRule()
    native_stage: bool = False
    textured: bool = True
    trust: float = 1.0
    uses_torch: bool = False
    products: tuple[str, ...] = ()
    priors: tuple[str, ...] = ()
    taps: tuple[TapPoint, ...] = ()
    weights: str | None = None
    choose: Callable[[View, Progress], Choice] | None = None
    build_in: Callable[[str, Precision], Any] | None = None

    def built(self, device: str, precision: Precision = "auto") -> Any:
        """What ``run`` needs, in a ``precision`` where there is a choice."""
        if precision == "auto" or self.build_in is None:
            return self.build(device)
        return self.build_in(device, precision)


@dataclass(frozen=True)
class PriorSpec:
    """A prior's declaration.

    ``run(image, hole)`` reads it off a photo (h, w, 3) float32 in [0, 1] whose values inside the
    hole (h, w) bool are not used. It returns a map of ``channels`` channels, (h, w) when it is
    one, that is 0 inside the hole; with ``channels`` 0 it is no map but a table, one row each.
    """

    id: str
    title: str
    summary: str
    channels: int
    run: Callable[[FloatImage, BoolMask], NDArray[Any]]
    paper: str = ""
