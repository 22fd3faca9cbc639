"""Reference images that a text-to-image model paints."""

from collections.abc import Generator
from contextlib import closing

from vrbridge.errors import GeneratorFailed, Refused
from vrbridge.generators.mesh.model_source import ModelRequest
from vrbridge.generators.mesh.reference_image import SIZE_PX, Pixels, cut_out
from vrbridge.generators.texture.pictures import Picture, PictureSource


class PaintedImages:
    """Has things painted and cuts them out; see `ReferenceImages`.

    Args:
        pictures: Paints, one thing before a plain background.
    """

    is_of_draft = False

    def __init__(self, pictures: PictureSource) -> None:
        self._pictures = pictures

    def generate(self, request: ModelRequest) -> Generator[float, None, Pixels]:
        """Yield how far it is, and return the image."""
        with closing(self._pictures.generate(request.prompt, size_px=SIZE_PX, seed=request.seed)) as events:
            try:
                for event in events:
                    if isinstance(event, Picture):
                        return cut_out(event.color)
                    yield event.fraction
            except Refused as error:
                raise GeneratorFailed(error.message) from error
        raise GeneratorFailed("The picture model made no picture.")
