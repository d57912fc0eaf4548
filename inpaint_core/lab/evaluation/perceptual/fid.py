"""FID: the Fréchet distance between the features of true and of filled photos.

Heusel et al., "GANs Trained by a Two Time-Scale Update Rule Converge to a Local Nash Equilibrium"
(NeurIPS 2017): features of Inception-v3 before its classifier, each set taken as a Gaussian. Here:
whole 8-bit composites and truths, scaled to 299x299 as pytorch-fid does (bilinear, half-pixel
centres, no smoothing first), unbiased covariances.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from inpaint_core.contract.errors import WeightsUnavailable
from inpaint_core.lab.evaluation.pixel_metrics import Composite

if TYPE_CHECKING:
    from inpaint_core.lab.evaluation.perceptual.inception import Inception

SIDE = 299
FEWEST = 50
"""With fewer photos the covariances say more about the choice of photos than about fills."""

FeatureVector = NDArray[np.float64]


class InceptionFeatures:
    """Features of pictures from the user's Inception-v3 file.

    Raises `WeightsUnavailable`, naming the tensors that do not fit.
    """

    def __init__(self, path: Path, slim: int = 1) -> None:
        import torch

        from inpaint_core.lab.evaluation.perceptual.backbones import read_tensors
        from inpaint_core.lab.evaluation.perceptual.inception import Inception
        from inpaint_core.networks.store.weights_file import find_differences

        # The classifiers are not used, and old files do not count batches.
        unused = ("fc.", "AuxLogits.")
        tensors = read_tensors(path, "inception").items()
        held = {k: v for k, v in tensors if not k.startswith(unused)}
        with torch.device("meta"):
            net = Inception(slim)
        wanted = net.state_dict()
        for name in wanted:
            if name.endswith("num_batches_tracked"):
                held.setdefault(name, torch.zeros((), dtype=torch.long))
        problems = find_differences(wanted, held)
        if problems:
            raise WeightsUnavailable(
                "lab.wrong_inception_file", name=path.name, problems="; ".join(problems)
            )
        net.load_state_dict(held, strict=True, assign=True)
        self._net: Inception = net.float().eval()

    def __call__(self, picture: Composite) -> FeatureVector:
        """The features (2048,) of a picture (H, W, 3) uint8."""
        import torch

        values = picture.astype(np.float32) / 127.5 - 1
        small = cv2.resize(values, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
        batch = torch.from_numpy(np.ascontiguousarray(small.transpose(2, 0, 1)[None]))
        with torch.inference_mode():
            return np.asarray(self._net(batch)[0].numpy(), np.float64)


def frechet_distance(first: FeatureVector, second: FeatureVector) -> float:
    """The Fréchet distance of two sets of features (N, D) and (M, D) taken as Gaussians.

    |m1 - m2|² + tr(S1 + S2 - 2 (S1 S2)^½). The trace of the root is the sum of the singular values
    of A Bᵀ, where A and B are the centred features with S1 = AᵀA and S2 = BᵀB: exact, symmetric,
    and N x M instead of D x D. 0 for equal sets. Raises ValueError for fewer than 2 rows.
    """
    if min(len(first), len(second)) < 2:
        raise ValueError("a covariance needs two rows")
    means = [each.mean(axis=0) for each in (first, second)]
    a, b = (
        (each - mean) / np.sqrt(len(each) - 1)
        for each, mean in zip((first, second), means, strict=True)
    )
    root = np.linalg.svd(a @ b.T, compute_uv=False).sum()
    distance = np.square(means[0] - means[1]).sum() + (a * a).sum() + (b * b).sum() - 2 * root
    return max(float(distance), 0.0)


class Fid:
    """Gathers features photo by photo, of the truth and of every candidate's composite."""

    def __init__(self, features: InceptionFeatures) -> None:
        self._features = features
        self._true: dict[str, FeatureVector] = {}
        self._made: dict[str, dict[str, FeatureVector]] = {}

    def add(self, photo: str, truth: Composite, composites: Mapping[str, Composite]) -> None:
        """Add the truth of one photo and its composites by candidate."""
        self._true[photo] = self._features(truth)
        for name, picture in composites.items():
            self._made.setdefault(name, {})[photo] = self._features(picture)

    def compute_distances(self) -> dict[str, float]:
        """FID by candidate over the photos that all of them filled; empty below `FEWEST` photos."""
        photos = self._common()
        if len(photos) < FEWEST:
            return {}
        true = np.stack([self._true[photo] for photo in photos])
        return {
            name: frechet_distance(true, np.stack([own[photo] for photo in photos]))
            for name, own in self._made.items()
        }

    def format_report(self) -> str:
        """The distances as lines of text, or why there are none."""
        count = len(self._common())
        found = self.compute_distances()
        if not found:
            return (
                f"FID is not given: {count} photos that everybody filled are fewer than {FEWEST}."
            )
        width = max(map(len, found))
        lines = [f"  {name:<{width}}  {value:.2f}" for name, value in found.items()]
        head = f"FID over {count} photos, less is better (compare only over the same photos)"
        return "\n".join([head, *lines])

    def _common(self) -> list[str]:
        return [p for p in self._true if all(p in own for own in self._made.values())]
