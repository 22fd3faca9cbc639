"""Which models a configuration needs, and getting those that are missing."""

from vrbridge.cli.terminal import download_bar, notes
from vrbridge.memory.catalogue import Catalogue
from vrbridge.settings import Settings, assets_dir

_LANGUAGE = "language"


def catalogue_of(settings: Settings) -> Catalogue:
    """Return the catalogue with the user's own entries.

    Raises:
        ModelError: If a catalogue file is damaged.
    """
    return Catalogue.load(assets_dir(), settings.cache_dir)


def needed_models(settings: Settings, catalogue: Catalogue) -> list[str]:
    """Return the models that the server needs with these settings, those of other kinds first.

    Raises:
        ModelError: If the settings name a model that there is not.
    """
    needed = generator_models(catalogue)
    if settings.dialogue.url is None:
        needed.append(catalogue.entry(settings.dialogue.model).name)
    return needed


def generator_models(catalogue: Catalogue) -> list[str]:
    """Return the default models of all kinds but the one that speaks."""
    return [model.name for model in catalogue.entries if model.default and model.kind != _LANGUAGE]


def pull_model(catalogue: Catalogue, name: str) -> None:
    """Fetch a model with a progress bar, unless it is there.

    Raises:
        ModelError: If no source delivers it.
    """
    if catalogue.path(name) is not None:
        return
    with download_bar(name) as show:
        catalogue.pull(name, on_progress=show)
    notes.print(f"Pulled {name} ({catalogue.entry(name).bytes / 1e6:.0f} MB).")


def pull_needed(settings: Settings) -> None:
    """Fetch every model that the server needs and that is missing.

    Raises:
        ModelError: If one is unknown or no source delivers it.
    """
    catalogue = catalogue_of(settings)
    for name in needed_models(settings, catalogue):
        pull_model(catalogue, name)
