from html.parser import HTMLParser
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image

from tests.training.evaluation.samples import Copies, WordEncoder, data, random_weights
from vrbridge.errors import SettingsError
from vrbridge.training.evaluation.contact_sheet import contact_sheet
from vrbridge.training.evaluation.feature_cache import FeatureCache
from vrbridge.training.evaluation.features import EvaluationFeatures
from vrbridge.training.evaluation.reference import Reference
from vrbridge.training.evaluation.table import Table
from vrbridge.training.evaluation.texture_evaluation import Amount, evaluate, spread
from vrbridge.training.evaluation.textures import HeldOutPictures, NearestPictures

DATA = data()
AMOUNT = Amount(seeds=2, n_captions=3, n_prompts=2, n_shown=2)
PROMPTS = ["red stripes", "gray & <green> noise", "blue waves"]


class Links(HTMLParser):
    """Collects what a page loads."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.loaded += [value for name, value in attrs if name in {"src", "href"} and value]

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("evaluation")
    cache = FeatureCache(EvaluationFeatures(random_weights(made / "random.pth")), made / "features.npz")
    encoder = WordEncoder()
    steps: list[tuple[str, int, int]] = []
    evaluate(
        [NearestPictures(DATA, encoder), HeldOutPictures(DATA)],
        Reference.of(DATA, cache, encoder),
        cache,
        encoder,
        prompts=PROMPTS,
        amount=AMOUNT,
        folder=made / "report",
        on_step=lambda *step: steps.append(step),
    )
    for title in {title for title, _, _ in steps}:
        done = [(count, in_all) for name, count, in_all in steps if name == title]
        assert done[-1][0] == done[-1][1]
    return made / "report"


def test_the_report_can_be_read_back(folder: Path) -> None:
    table = msgspec.json.decode((folder / "report.json").read_bytes(), type=Table)
    assert [row.model for row in table.rows] == ["nearest training picture", "held-out pictures"]
    assert (table.n_training, table.n_held_out, table.n_captions, table.n_prompts) == (48, 12, 4, 2)
    assert (table.seeds, table.size_px) == (2, 64)
    assert table.rows[0].n_pictures == 6
    assert table.seconds > 0


def test_the_page_needs_nothing_from_elsewhere(folder: Path) -> None:
    links = Links()
    links.feed((folder / "index.html").read_text("utf-8"))
    assert len(links.loaded) == 4
    assert all(link.startswith("data:image/jpeg;base64,") for link in links.loaded)
    text = " ".join(links.text)
    assert "nearest training picture" in text
    assert "chance 25.0 %" in text
    assert "3 captions" in text


def test_the_pictures_lie_beside_the_page(folder: Path) -> None:
    names = {file.name for file in folder.glob("*.jpg")}
    assert names == {
        "prompts_of_the_list.jpg",
        "captions_of_held_out_pictures.jpg",
        "nearest_to_the_training_pictures_nearest_training_picture.jpg",
        "nearest_to_the_training_pictures_held_out_pictures.jpg",
    }
    with Image.open(folder / "captions_of_held_out_pictures.jpg") as read:
        assert np.asarray(read).std() > 10


def test_a_folder_that_cannot_be_made_is_an_error_of_the_users(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    cache = FeatureCache(EvaluationFeatures(random_weights(tmp_path / "r.pth")), tmp_path / "f.npz")
    encoder = WordEncoder()
    with pytest.raises(SettingsError, match="Can't write to"):
        evaluate(
            [HeldOutPictures(DATA)],
            Reference.of(DATA, cache, encoder),
            cache,
            encoder,
            prompts=PROMPTS,
            amount=AMOUNT,
            folder=tmp_path / "file",
            on_step=lambda *_: None,
        )


def test_some_of_many_are_spread_evenly() -> None:
    assert spread([str(i) for i in range(10)], 4) == ["0", "2", "5", "7"]
    assert spread(["a", "b"], 4) == ["a", "b"]


def test_a_contact_sheet_shows_each_seed_of_each_prompt() -> None:
    large = data(size_px=256)
    source = Copies(large, {"moss": 0, "gold": large.captions.index("blue waves")})
    told: list[int] = []
    page = contact_sheet(source, ["moss", "gold"], told.append, chosen=(1, 2, 3))
    assert told == [1, 2, 3, 4, 5, 6]
    values = np.asarray(page).astype(int)
    left, right = values[40:190, 20:600], values[40:190, 660:1240]
    assert (left[..., 0] - left[..., 2]).mean() > 20
    assert (right[..., 2] - right[..., 0]).mean() > 20
