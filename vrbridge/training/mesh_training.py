"""Trains a shape network, and writes it."""

from typing import Any

from vrbridge.generators.mesh import shape_file
from vrbridge.generators.text_encoder import SentenceEncoder
from vrbridge.training.mesh_data import MeshData
from vrbridge.training.run import OnStep, TrainingOptions, prepared_device, run
from vrbridge.training.shape_recipe import ShapeRecipe


def train(data: MeshData, options: TrainingOptions, *, encoder: SentenceEncoder, on_step: OnStep) -> bool:
    """Go on with a run; return whether it is finished and the network written.

    Args:
        data: To learn from.
        options: What is asked for.
        encoder: Makes sentence vectors of the captions.
        on_step: Told of every step.

    Raises:
        DataError: If there is too little to learn from, or a stage is unknown.
        ModelError: If a network or checkpoint can't be read.
        GeneratorFailed: If a loss is no number any more.
    """
    device = prepared_device(options)
    init = shape_file.read(options.init) if options.init is not None else None
    recipe = ShapeRecipe(data, encoder=encoder, folder=options.folder, device=device, init=init)
    if not run(recipe, options, on_step):
        return False
    facts: dict[str, Any] = {
        "shapes": recipe.n_shapes,
        "hours": options.hours,
        "licenses": sorted({shape.license for shape in data.shapes if shape.license}),
    }
    shape_file.write(recipe.network(options.name, facts), options.out)
    return True
