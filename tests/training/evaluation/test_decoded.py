import numpy as np
import pytest

from tests.encoding.samples import bumps, psnr_db, tile
from vrbridge.training.evaluation.decoded import FORMS, decoded, readable_forms


def test_gpu_formats_can_be_read_here() -> None:
    assert readable_forms() == FORMS


@pytest.mark.parametrize("name", FORMS)
def test_what_comes_back_is_what_went_in(name: str) -> None:
    color, height = tile(), tile(channels=1)[..., 0]
    assert psnr_db(decoded("base_color", color, FORMS[name]), color) > 28
    orm = decoded("orm", color, FORMS[name], normal=bumps())
    assert orm.shape == color.shape
    assert psnr_db(orm, color) > 26
    back = decoded("height", height, FORMS[name])
    assert back.shape == height.shape
    assert psnr_db(back, height) > 26


@pytest.mark.parametrize("name", FORMS)
def test_normals_come_back_with_what_the_format_keeps(name: str) -> None:
    normal = bumps()
    back = decoded("normal", normal, FORMS[name])
    assert back.shape[2] == (2 if name == "bc1 + bc5" else 3)
    assert psnr_db(back, np.asarray(normal[..., : back.shape[2]])) > 26
