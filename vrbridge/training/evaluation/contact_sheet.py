"""The pictures that people judge by: one source over many prompts, and many sources side by side."""

from collections.abc import Callable, Sequence
from typing import Final

from PIL import Image

from vrbridge.training.evaluation.lighting import lit
from vrbridge.training.evaluation.sheet import Pixels, labelled_grid, side_by_side
from vrbridge.training.evaluation.textures import Textures, seeds

SHEET_SEEDS: Final = seeds(2)

_MAP_PX: Final = 256
_PATCH_PX: Final = 208
_SMALL_PX: Final = 176
_COLUMNS: Final = 6
_PAGE_PX: Final = 1150

OnPicture = Callable[[int], None]


def contact_sheet(
    textures: Textures,
    prompts: Sequence[str],
    on_picture: OnPicture,
    *,
    chosen: Sequence[int] = SHEET_SEEDS,
) -> Image.Image:
    """Return a page of lit patches of 2 × 2 tiles, the seeds of a prompt side by side.

    Args:
        textures: Draws; has to take any prompt.
        prompts: In the order of the page.
        on_picture: Called with how many patches are done.
        chosen: Seeds of each prompt.

    Raises:
        GeneratorFailed: If a picture can't be made.
    """
    cells = []
    for number, prompt in enumerate(prompts):
        patches = []
        for place, seed in enumerate(chosen):
            patches.append(lit(textures.render(prompt, seed, _MAP_PX), size_px=_PATCH_PX))
            on_picture(number * len(chosen) + place + 1)
        cells.append(side_by_side(patches))
    return labelled_grid(cells, prompts, _COLUMNS)


def comparison(
    sources: Sequence[Textures],
    prompts: Sequence[str],
    on_picture: OnPicture,
    *,
    map_px: int = _MAP_PX,
    seed: int = SHEET_SEEDS[0],
) -> Image.Image:
    """Return a page of prompts, each with a lit patch of every source, in the order of the sources.

    Raises:
        GeneratorFailed: If a source has no picture for a prompt.
    """
    cells = []
    for number, prompt in enumerate(prompts):
        patches: list[Pixels] = []
        for place, source in enumerate(sources):
            patches.append(lit(source.render(prompt, seed, map_px), size_px=_SMALL_PX))
            on_picture(number * len(sources) + place + 1)
        cells.append(side_by_side(patches))
    return labelled_grid(cells, prompts, max(1, _PAGE_PX // cells[0].shape[1]))
