"""Lines of a mesh manifest, made for tests."""

import base64

from tests.training.game_models.samples import MemoryFiles
from vrbridge.training.game_models.baking import Pictures
from vrbridge.training.game_models.conversion import converted
from vrbridge.training.game_models.formats import is_backward, read_model
from vrbridge.training.mesh_builder import looks
from vrbridge.training.mesh_manifest import MeshSource


def mesh_source(files: dict[str, bytes], path: str, **fields: object) -> MeshSource:
    """Return a line that expects what comes of a model.

    Args:
        files: What the model may refer to.
        path: In the package; the model's own after any `!` is one of the files.
        fields: Other values than the usual.
    """
    name, store = path.rpartition("!")[2], MemoryFiles(files)
    mesh = converted(
        read_model(name, store, fields.get("skins", ())),  # type: ignore[arg-type]  # fields are of many types
        Pictures(store),
        path,
        is_backward=is_backward(name),
    )
    values: dict[str, object] = {
        "id": "00000",
        "caption": "gem",
        "category": "decor",
        "package": "gems",
        "path": path,
        "faces": len(mesh.faces),
        "looks": base64.b64encode(looks(mesh).tobytes()).decode(),
        "license": "GPL-2+",
        "license_class": "gpl",
        "copyright": "Ann Artist",
    }
    return MeshSource(**(values | fields))  # type: ignore[arg-type]  # fields are of many types
