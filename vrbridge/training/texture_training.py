"""Trains a texture network, and writes it."""

from pathlib import Path
from typing import Any

from vrbridge.generators.text_encoder import SentenceEncoder
from vrbridge.generators.texture import network_file
from vrbridge.training.dataset import TextureData
from vrbridge.training.features import Backbone
from vrbridge.training.run import OnStep, TrainingOptions, prepared_device, run
from vrbridge.training.texture_recipe import TextureRecipe


def train(
    data: TextureData,
    options: TrainingOptions,
    *,
    backbone: Path,
    encoder: SentenceEncoder,
    on_step: OnStep,
) -> bool:
    """Go on with a run; return whether it is finished and the network written.

    Args:
        data: To learn from.
        options: What is asked for.
        backbone: Weights that likeness is measured with.
        encoder: Makes sentence vectors of the captions.
        on_step: Told of every step.

    Raises:
        DataError: If there is too little to learn from, or a stage is unknown.
        ModelError: If a network or checkpoint can't be read.
        GeneratorFailed: If a loss is no number any more.
    """
    device = prepared_device(options)
    init = network_file.read(options.init) if options.init is not None else None
    recipe = TextureRecipe(data, backbone=Backbone(backbone), folder=options.folder, device=device, init=init)
    if not run(recipe, options, on_step):
        return False
    facts: dict[str, Any] = {
        "tiles": recipe.n_tiles,
        "hours": options.hours,
        "licenses": sorted({license for license in data.licenses if license}),
    }
    network_file.write(recipe.network(options.name, encoder, facts), options.out)
    return True
