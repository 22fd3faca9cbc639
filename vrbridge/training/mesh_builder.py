"""Makes the mesh data set from Debian packages."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vrbridge.errors import DataError
from vrbridge.training.attribution import MODELS, attribution
from vrbridge.training.bare_glb import bare_glb
from vrbridge.training.debian import DebianPackage
from vrbridge.training.game_models.baking import Pictures
from vrbridge.training.game_models.conversion import ColoredMesh, converted
from vrbridge.training.game_models.formats import is_backward, read_model
from vrbridge.training.game_models.parts import ModelFiles
from vrbridge.training.mesh_manifest import MeshSource
from vrbridge.training.package_builder import PackageBuilder
from vrbridge.training.package_tree import PackageTree, open_package

_MAX_SIZE_DIFFERENCE = 2
_MAX_COLOR_DIFFERENCE = 6
_MAX_FACES_DIFFERENCE = 0.02
"""Share of all; a simplification may end elsewhere on another processor."""


def mesh_builder(
    folder: Path, sources: Sequence[MeshSource], packages: Mapping[str, DebianPackage]
) -> PackageBuilder[MeshSource]:
    """Return what makes a folder of models.

    Args:
        folder: An empty or new folder, or one of an earlier run.
        sources: The models to make.
        packages: Packages by name.

    Raises:
        DataError: If the folder holds something else, or a package is unknown.
    """
    for source in sources:
        if source.package not in packages:
            raise DataError(f"{source.id}: the list of packages knows nothing of {source.package}.")
    return PackageBuilder(folder, sources, packages, _MeshCraft())


class _MeshCraft:
    """Makes GLB files."""

    def make(
        self,
        deb: Path,
        package: DebianPackage,
        sources: Sequence[MeshSource],
        *,
        folder: Path,
        scratch: Path,
    ) -> Iterator[tuple[MeshSource, dict[str, Any]]]:
        paths = [source.path for source in sources]
        with (
            TemporaryDirectory(dir=scratch) as unpacked,
            open_package(deb, package.folder, paths, scratch=Path(unpacked)) as tree,
        ):
            kept: dict[ModelFiles, Pictures] = {}
            for source in sources:
                mesh = _model(source, tree, kept)
                _check_looks(source, mesh)
                yield source, _write(folder, package, source, mesh)

    def files_of(self, line: Mapping[str, Any], folder: Path) -> Sequence[str] | None:
        file = line.get("file")
        return [file] if isinstance(file, str) and file == f"{line.get('id')}.glb" else None

    def credit(self, lines: Sequence[Mapping[str, Any]]) -> str:
        return attribution(lines, head=MODELS, what="models")


def _model(source: MeshSource, tree: PackageTree, kept: dict[ModelFiles, Pictures]) -> ColoredMesh:
    name, files = tree.place(source.path)
    turn = None if source.turn is None else np.array(source.turn, float).reshape(3, 3)
    return converted(
        read_model(name, files, source.skins),
        _pictures(files, kept),
        source.path,
        n_drawn=source.n_drawn,
        turn=turn,
        is_backward=is_backward(name),
    )


def _pictures(files: ModelFiles, kept: dict[ModelFiles, Pictures]) -> Pictures:
    """Return the pictures among some files, the same for all models in them."""
    return kept.setdefault(files, Pictures(files))


def looks(mesh: ColoredMesh) -> NDArray[np.uint8]:
    """Return 6 bytes: the extent along X, Y, Z, 255 being 1, and the mean colour of the surface."""
    corners = mesh.vertices[mesh.faces].astype(float)
    areas = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    colors = mesh.colors[mesh.faces].mean(1)
    color = (colors * areas[:, None]).sum(0) / max(float(areas.sum()), 1e-12)
    size = np.ptp(mesh.vertices, axis=0) * 255
    return np.concatenate([size, color]).round().clip(0, 255).astype(np.uint8)


def _check_looks(source: MeshSource, mesh: ColoredMesh) -> None:
    expected = np.frombuffer(base64.b64decode(source.looks), np.uint8).astype(int)
    differences = np.abs(looks(mesh) - expected)
    n_faces = len(mesh.faces)
    if (
        differences[:3].max() > _MAX_SIZE_DIFFERENCE
        or differences[3:].max() > _MAX_COLOR_DIFFERENCE
        or abs(n_faces - source.faces) > _MAX_FACES_DIFFERENCE * source.faces
    ):
        raise DataError(
            f"{source.id}, {source.path}: its size differs by {differences[:3].max()} and its colour by "
            f"{differences[3:].max()} of 255, and it has {n_faces:,} faces for {source.faces:,}. The "
            "package, or a library that reads or simplifies, has changed."
        )


def _write(folder: Path, package: DebianPackage, source: MeshSource, mesh: ColoredMesh) -> dict[str, Any]:
    """Write the model of a source and return its line of the metadata."""
    path = folder / f"{source.id}.glb"
    _save(path, bare_glb(mesh))
    line = {
        "file": path.name,
        "id": source.id,
        "caption": source.caption,
        "caption_with_color": source.colored or source.caption,
        "category": source.category,
        "source_package": f"{source.package} {package.version}",
        "source_path": f"{package.folder}/{source.path}" if package.folder else source.path,
        "license": source.license,
        "license_class": source.license_class,
        "copyright": source.copyright,
        "faces": len(mesh.faces),
        "vertices": len(mesh.vertices),
    }
    return line if source.dims_cm is None else {**line, "dims_cm": list(source.dims_cm)}


def _save(path: Path, content: bytes) -> None:
    unfinished = path.with_suffix(".part")
    unfinished.write_bytes(content)
    unfinished.replace(path)
