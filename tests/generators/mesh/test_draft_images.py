"""A draft is seen whole, from the front and above, in its colours, with nothing around it."""

import numpy as np
import numpy.typing as npt
import pytest

from tests.generators.mesh.drafts import request_for
from vrbridge.generators.mesh.draft_images import DraftImages, rendering
from vrbridge.generators.mesh.finishing import surfaced
from vrbridge.generators.mesh.prop import Prop, SurfaceMaterial
from vrbridge.generators.mesh.reference_image import Pixels
from vrbridge.generators.mesh.solids import box


def block(size: tuple[float, float, float], color: tuple[float, float, float]) -> Prop:
    solid = box(np.array(size))
    material = SurfaceMaterial("paint", (*color, 1.0), 0.0, 0.9, "paint")
    return Prop((surfaced(material, solid.vertices, solid.faces, np.ones(len(solid.vertices))),))


def edges(pixels: Pixels) -> npt.NDArray[np.int64]:
    """Return the first and last row and column in which something is."""
    rows, columns = np.nonzero(pixels[..., 3])
    return np.array([rows.min(), rows.max(), columns.min(), columns.max()])


@pytest.mark.parametrize("size", [(1, 1, 1), (9, 0.2, 0.2), (0.1, 5, 0.1), (0.02, 0.01, 0.03)])
def test_a_thing_of_any_shape_fills_the_image_and_stays_inside(size: tuple[float, float, float]) -> None:
    top, bottom, left, right = edges(rendering(block(size, (1, 1, 1)), size_px=128))
    assert min(top, left, 127 - bottom, 127 - right) >= 2
    assert max(bottom - top, right - left) > 80


def test_nothing_surrounds_it_and_its_rim_is_no_darker() -> None:
    pixels = rendering(block((1, 1, 1), (0.6, 0.02, 0.02)), size_px=128)
    assert pixels.shape == (128, 128, 4)
    assert (pixels[pixels[..., 3] == 0] == (255, 255, 255, 0)).all()
    seen = pixels[pixels[..., 3] > 0]
    assert len(np.unique(seen[:, 3])) > 2
    assert (seen[:, 0] > 2 * seen[:, 1]).all()
    rim, inside = seen[seen[:, 3] < 255], seen[seen[:, 3] == 255]
    assert rim[:, 0].min() >= inside[:, 0].min() - 20


def test_front_right_side_and_top_are_seen_apart() -> None:
    pixels = rendering(block((1, 1, 1), (0.5, 0.5, 0.5)), size_px=256)
    tones, counts = np.unique(pixels[pixels[..., 3] == 255][:, 0] // 6, return_counts=True)
    assert (counts > 1000).sum() >= 3, (tones, counts)
    # The front is wider than the side, and the camera stands to the right of it.
    _, bottom, left, right = edges(pixels)
    lowest = int(np.nonzero(pixels[bottom - 1, :, 3])[0].mean())
    assert (left + right) / 2 < lowest < right


def test_a_request_shows_its_draft_however_few_faces_it_wants() -> None:
    images = DraftImages()
    assert images.is_of_draft
    found = []
    for max_faces in (50, 1500):
        waiting = images.generate(request_for("wooden crate", max_faces=max_faces))
        shares = []
        while True:
            try:
                shares.append(next(waiting))
            except StopIteration as end:
                found.append(end.value)
                break
        assert shares == sorted(shares)
    assert found[0].shape == (512, 512, 4)
    assert np.array_equal(found[0], found[1])
