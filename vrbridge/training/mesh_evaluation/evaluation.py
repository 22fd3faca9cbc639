"""The whole evaluation of shapes: what a lattice keeps, and what words bring forth."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray

from vrbridge.errors import DataError, SettingsError
from vrbridge.generators.mesh.extraction import surface_of
from vrbridge.generators.mesh.shape_file import ShapeNetwork
from vrbridge.training.mesh_data import MeshData
from vrbridge.training.mesh_evaluation.clouds import Cloud, closeness, cloud_on, distances_between
from vrbridge.training.mesh_evaluation.sets import likeness, median_rank, right_kinds
from vrbridge.training.mesh_evaluation.sources import Made, Shapes, real_cloud
from vrbridge.training.shape_batches import as_input

OnStep = Callable[[str, int, int], None]
"""Called with what is being done, how many are done, and in all."""

_SEED = 7
_MIN_HELD_OUT = 8
# Enough to tell a chair from a tree.
_VOTING_POINTS = 128


class Reconstruction(msgspec.Struct, frozen=True, kw_only=True):
    """What is left of held-out shapes after encoder and decoder; means.

    Args:
        model: Name of the network.
        chamfer: Chamfer-L1, in shares of the longest side.
        f_1: F-score at 1 % of the longest side.
        f_2: F-score at 2 %.
        overlap: Intersection over union of the solids.
    """

    model: str
    chamfer: float
    f_1: float
    f_2: float
    overlap: float


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured of one source of shapes; None where a measure does not apply.

    Args:
        model: Name of the source.
        nearest_neighbour: 1-NNA against the held-out shapes; 0.5 is best.
        coverage: Share of them that are nearest to some shape of the source.
        distance: MMD in Chamfer-L1.
        right_kinds: Share of shapes that the nearest training models say is of the right kind.
        rank: Middle rank of the shape asked for, 0–1; 0.5 is chance.
        watertight: Share of things whose levels are all closed.
        on_budget: Share of things whose levels have no more faces than allowed.
        seconds: Middle time to make a thing.
    """

    model: str
    nearest_neighbour: float
    coverage: float
    distance: float
    right_kinds: float
    rank: float
    watertight: float | None
    on_budget: float | None
    seconds: float


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was measured.

    Args:
        reconstructions: One a network.
        rows: One a source.
        n_training: Shapes that may be trained on.
        n_held_out: Shapes that are never, and that all is held against.
    """

    reconstructions: tuple[Reconstruction, ...]
    rows: tuple[Row, ...]
    n_training: int
    n_held_out: int


@dataclass(frozen=True, slots=True)
class Reference:
    """Real shapes to hold others against.

    Attributes:
        data: All of them.
        held_out: Numbers of those that are judged by.
        known: Numbers of training shapes whose kinds vote.
        held_out_clouds: Points on them.
        known_clouds: Likewise.
        held_out_distances: Among those that are judged by.
    """

    data: MeshData
    held_out: list[int]
    known: list[int]
    held_out_clouds: list[Cloud]
    known_clouds: list[Cloud]
    held_out_distances: NDArray[np.float32]

    @classmethod
    def of(cls, data: MeshData, on_step: OnStep, *, every: int = 1) -> "Reference":
        """Return the reference of a data set; with `every` above 1 only each nth of its shapes.

        Raises:
            DataError: If too few shapes are held out.
        """
        held = np.flatnonzero(data.is_held_out)[::every].tolist()
        known = np.flatnonzero(~data.is_held_out)[::every].tolist()
        if len(held) < _MIN_HELD_OUT:
            raise DataError(f"{len(held)} models are held out; at least {_MIN_HELD_OUT} are needed.")
        clouds = []
        for done, number in enumerate([*held, *known], 1):
            clouds.append(real_cloud(data, number))
            on_step("looking at models", done, len(held) + len(known))
        judges = clouds[: len(held)]
        return cls(data, held, known, judges, clouds[len(held) :], distances_between(judges, judges))


def evaluate(
    sources: Sequence[Shapes], networks: Sequence[ShapeNetwork], reference: Reference, on_step: OnStep
) -> Table:
    """Measure sources and networks.

    Raises:
        GeneratorFailed: If a shape can't be made.
    """
    return Table(
        reconstructions=tuple(_reconstruction(network, reference, on_step) for network in networks),
        rows=tuple(_row(source, reference, on_step) for source in sources),
        n_training=int((~reference.data.is_held_out).sum()),
        n_held_out=len(reference.held_out),
    )


def write_table(table: Table, file: Path) -> None:
    """Write the table as JSON.

    Raises:
        SettingsError: If the file can't be written.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(msgspec.json.format(msgspec.json.encode(table), indent=2) + b"\n")
    except OSError as error:
        raise SettingsError(f"Can't write to {file}: {error.strerror}.") from error


@torch.no_grad()
def _reconstruction(network: ShapeNetwork, reference: Reference, on_step: OnStep) -> Reconstruction:
    found = []
    n = len(reference.held_out)
    for done, (number, real) in enumerate(
        zip(reference.held_out, reference.held_out_clouds, strict=True), start=1
    ):
        solid, color = as_input(reference.data, np.array([number]))
        mean, _ = network.encoder(solid, color)
        logits = network.decoder(mean)[0][0, 0].numpy()
        is_real, is_made = solid[0, 0].numpy() > 0.5, logits > 0
        overlap = float((is_real & is_made).sum() / max(int((is_real | is_made).sum()), 1))
        if is_made.any():
            surface = surface_of(logits)
            near = closeness(cloud_on(surface.vertices, surface.faces), real)
            found.append((near.chamfer, near.f_1, near.f_2, overlap))
        else:
            found.append((0.5, 0.0, 0.0, 0.0))
        on_step(f"{network.name}: reconstruction", done, n)
    chamfer, f_1, f_2, overlap = np.mean(found, 0).tolist()
    return Reconstruction(model=network.name, chamfer=chamfer, f_1=f_1, f_2=f_2, overlap=overlap)


def _row(source: Shapes, reference: Reference, on_step: OnStep) -> Row:
    made: list[Made] = []
    seconds = []
    shapes = reference.data.shapes
    for done, number in enumerate(reference.held_out, 1):
        began = time.perf_counter()
        made.append(source.make(number, shapes[number].colored_caption, _SEED))
        seconds.append(time.perf_counter() - began)
        on_step(source.model, done, len(reference.held_out))
    clouds = [one.cloud for one in made]
    between = distances_between(clouds, reference.held_out_clouds)
    alike = likeness(
        distances_between(clouds, clouds),
        between,
        reference.held_out_distances,
    )
    kinds = right_kinds(
        distances_between(clouds, reference.known_clouds, n_points=_VOTING_POINTS),
        [shapes[i].category for i in reference.held_out],
        [shapes[i].category for i in reference.known],
    )
    return Row(
        model=source.model,
        nearest_neighbour=alike.nearest_neighbour,
        coverage=alike.coverage,
        distance=alike.distance,
        right_kinds=kinds,
        rank=median_rank(between),
        watertight=_share([one.is_watertight for one in made]),
        on_budget=_share([one.is_on_budget for one in made]),
        seconds=float(np.median(seconds)),
    )


def _share(answers: list[bool | None]) -> float | None:
    known = [answer for answer in answers if answer is not None]
    return sum(known) / len(known) if known else None
