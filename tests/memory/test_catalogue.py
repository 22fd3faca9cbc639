"""The model catalogue finds, fetches, checks and removes models."""

import hashlib
from pathlib import Path

import pytest

from vrbridge.errors import ModelError
from vrbridge.memory.catalogue import Catalogue
from vrbridge.settings import assets_dir

ENTRY = """
[[model]]
name = "tiny"
kind = "language"
license = "MIT"
description = "A model for tests."
[[model.files]]
name = "tiny.bin"
bytes = {size}
sha256 = "{digest}"
[[model.files.sources]]
type = "file"
path = "{missing}"
[[model.files.sources]]
type = "file"
path = "{path}"
"""


def make(folder: Path, content: bytes = b"weights", promised: bytes | None = None) -> Catalogue:
    source = folder / "source.bin"
    source.write_bytes(content)
    digest = hashlib.sha256(promised if promised is not None else content).hexdigest()
    (folder / "assets" / "models").mkdir(parents=True)
    (folder / "assets" / "models" / "catalogue.toml").write_text(
        ENTRY.format(size=len(content), digest=digest, path=source, missing=folder / "missing.bin")
    )
    return Catalogue.load(folder / "assets", folder / "cache")


def test_the_bundled_catalogue_names_the_default_models() -> None:
    catalogue = Catalogue.load(assets_dir(), Path("unused"))
    assert {model.name for model in catalogue.entries if model.default} == {
        "smollm2-135m-instruct",
        "minilm-l6-v2",
        "textures-1",
        "meshes-1",
        "props-1",
    }
    assert catalogue.entry("smollm2-135m-instruct").bytes == 98_362_432


def test_pulling_tries_the_next_source_when_one_can_not_deliver(tmp_path: Path) -> None:
    catalogue = make(tmp_path)
    assert catalogue.path("tiny") is None
    seen: list[tuple[int, int]] = []
    path = catalogue.pull("tiny", on_progress=lambda done, in_all: seen.append((done, in_all)))
    assert path.read_bytes() == b"weights"
    assert catalogue.path("tiny") == path
    assert catalogue.verify("tiny")
    assert seen[-1] == (7, 7)


def test_a_wrong_hash_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    catalogue = make(tmp_path, promised=b"others!")
    with pytest.raises(ModelError, match="refused"):
        catalogue.pull("tiny")
    assert catalogue.path("tiny") is None
    assert [p for p in (tmp_path / "cache").rglob("*") if p.is_file()] == []


def test_a_file_changed_on_disk_does_not_verify(tmp_path: Path) -> None:
    catalogue = make(tmp_path)
    catalogue.pull("tiny").write_bytes(b"wEights")
    assert not catalogue.verify("tiny")


def test_an_unknown_model_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="Known: tiny"):
        make(tmp_path).pull("tinny")


def test_a_users_own_model_stays_after_a_restart_and_goes_when_removed(tmp_path: Path) -> None:
    catalogue = make(tmp_path)
    own = tmp_path / "own.gguf"
    own.write_bytes(b"mine")
    catalogue.add("my-model", own, kind="language", license="MIT", description='Says "hi".')
    again = Catalogue.load(tmp_path / "assets", tmp_path / "cache")
    assert again.entry("my-model").description == 'Says "hi".'
    assert again.pull("my-model").read_bytes() == b"mine"
    assert again.remove("my-model") == 4
    with pytest.raises(ModelError):
        Catalogue.load(tmp_path / "assets", tmp_path / "cache").entry("my-model")
    assert own.read_bytes() == b"mine"


def test_removing_a_bundled_entry_frees_its_files_but_keeps_the_entry(tmp_path: Path) -> None:
    catalogue = make(tmp_path)
    catalogue.pull("tiny")
    assert catalogue.remove("tiny") == 7
    assert catalogue.path("tiny") is None
    assert catalogue.entry("tiny").name == "tiny"


@pytest.mark.parametrize("name", ["tiny", "Has Space", "", "../escape"])
def test_a_bad_or_taken_name_is_refused(tmp_path: Path, name: str) -> None:
    catalogue = make(tmp_path)
    with pytest.raises(ModelError):
        catalogue.add(name, tmp_path / "source.bin", kind="language", license="MIT")


def test_a_damaged_catalogue_says_so(tmp_path: Path) -> None:
    make(tmp_path)
    (tmp_path / "assets" / "models" / "catalogue.toml").write_text("[[model]]\nname = 3\n")
    with pytest.raises(ModelError, match="damaged"):
        Catalogue.load(tmp_path / "assets", tmp_path / "cache")


@pytest.mark.models
def test_the_default_models_are_the_ones_the_catalogue_names(catalogue: Catalogue) -> None:
    for model in catalogue.entries:
        catalogue.pull(model.name)
        assert catalogue.verify(model.name)
