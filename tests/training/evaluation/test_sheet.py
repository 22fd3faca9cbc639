from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.training.evaluation.patches import Pixels
from vrbridge.errors import SettingsError
from vrbridge.training.evaluation.sheet import labelled_grid, save_sheet, side_by_side


def picture(value: int, *, width_px: int = 80, height_px: int = 40) -> Pixels:
    return np.full((height_px, width_px, 3), value, np.uint8)


def found(page: Image.Image, value: int) -> tuple[int, int]:
    """Return left and top of the rectangle of one grey."""
    rows, columns = np.nonzero((np.asarray(page) == value).all(axis=2))
    assert len(rows) == 80 * 40
    return int(columns.min()), int(rows.min())


def test_pictures_stand_in_rows_in_their_order() -> None:
    page = labelled_grid([picture(10), picture(20), picture(30)], ["one", "two", "three"], 2)
    (x1, y1), (x2, y2), (x3, y3) = found(page, 10), found(page, 20), found(page, 30)
    assert x1 == x3 < x2
    assert y1 == y2 < y3


def test_a_label_is_written_below_its_picture() -> None:
    bare, labelled = labelled_grid([picture(10)], [""], 1), labelled_grid([picture(10)], ["moss"], 1)
    assert bare.size == labelled.size
    changed = (np.asarray(bare) != np.asarray(labelled)).any(axis=2)
    assert changed.any()
    assert not changed[: found(labelled, 10)[1] + 40].any()


def test_a_long_label_stays_within_its_column() -> None:
    long = (
        "a very long prompt that goes on for ever and ever with an unbreakablewordthatiswiderthanthepicture"
    )
    bare, labelled = (labelled_grid([picture(10)] * 2, [text, ""], 2) for text in ("", long))
    assert labelled.size[0] == bare.size[0]
    # Nothing is written into the column of the second picture.
    assert (np.asarray(labelled)[50:, 92:] == np.asarray(labelled)[-1, -1]).all()
    rows = labelled_grid([picture(10)], [long], 1).size[1] - labelled_grid([picture(10)], ["a"], 1).size[1]
    assert 0 < rows < 25


def test_other_shapes_or_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="one shape"):
        labelled_grid([picture(1), picture(2, width_px=81)], ["", ""], 2)
    with pytest.raises(ValueError, match="one shape"):
        labelled_grid([], [], 2)
    with pytest.raises(ValueError, match="zip"):
        labelled_grid([picture(1), picture(2)], [""], 2)


def test_seeds_stand_side_by_side() -> None:
    pair = side_by_side([picture(10), picture(20)], gap_px=3)
    assert pair.shape == (40, 163, 3)
    assert (pair[:, :80] == 10).all()
    assert (pair[:, 83:] == 20).all()
    assert (pair[:, 80:83] > 200).all()


@pytest.mark.parametrize(("name", "kind"), [("a/b.png", "PNG"), ("b.JPG", "JPEG"), ("b.webp", "WEBP")])
def test_the_ending_chooses_the_format(tmp_path: Path, name: str, kind: str) -> None:
    save_sheet(labelled_grid([picture(10)], ["moss"], 1), tmp_path / name)
    with Image.open(tmp_path / name) as read:
        assert read.format == kind


def test_a_noisy_sheet_fits_two_megabytes_as_jpeg(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (2000, 2000, 3), np.uint8)
    save_sheet(Image.fromarray(noise), tmp_path / "a.jpg")
    assert 1_000_000 < (tmp_path / "a.jpg").stat().st_size <= 2_000_000


def test_an_unknown_ending_is_an_error_of_the_users(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"\.png, \.jpg or \.webp"):
        save_sheet(Image.new("RGB", (8, 8)), tmp_path / "sheet.tga")


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match="Can't write the sheet"):
        save_sheet(Image.new("RGB", (8, 8)), tmp_path / "file" / "sheet.png")
