"""What the metrics say."""

from vrbridge.metrics import Metrics


def reading(metrics: Metrics, name: str) -> float:
    """Return the sum of all samples of this name, whatever their labels; 0 if there are none."""
    lines = metrics.exposition().decode().splitlines()
    samples = (line for line in lines if line.split("{")[0].split(" ")[0] == name)
    return sum(float(line.rsplit(" ", 1)[1]) for line in samples)
