"""A file of random feature weights, laid out as Darknet does."""

from pathlib import Path

import numpy as np

from vrbridge.training.features import Backbone


def random_backbone(folder: Path) -> Path:
    """Return a weights file of the right length: small kernels, unit variance."""
    random = np.random.default_rng(0)
    values, inputs = [np.zeros(5, np.float32)], 3
    for outputs in Backbone.widths:
        ones, zeros = np.ones(outputs, np.float32), np.zeros(outputs, np.float32)
        kernel = random.standard_normal(outputs * inputs * 9).astype(np.float32) / np.sqrt(inputs * 9)
        values += [zeros, ones, zeros, ones, kernel]
        inputs = outputs
    path = folder / "backbone.weights"
    np.concatenate(values).astype(np.float32).tofile(path)
    return path
