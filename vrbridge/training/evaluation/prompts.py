"""The prompts that textures and shapes are judged by."""

import tomllib
from pathlib import Path

import msgspec

from vrbridge.errors import SettingsError
from vrbridge.settings import assets_dir


def read_prompts(file: Path | None = None, *, bundled: str = "texture_prompts.toml") -> list[str]:
    """Return the prompts of a list, in its order.

    Args:
        file: TOML of named groups, each a list of prompts; None: a bundled list.
        bundled: Which of them.

    Raises:
        SettingsError: If it can't be read, or holds something else or nothing.
    """
    path = assets_dir() / "datasets" / bundled if file is None else file
    try:
        groups = msgspec.convert(tomllib.loads(path.read_text("utf-8")), dict[str, list[str]])
    except OSError as error:
        raise SettingsError(f"Can't read the prompts in {path}: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise SettingsError(
            f"The prompts in {path} have to be TOML of groups, such as `colors = ['red bricks']`: {error}."
        ) from error
    prompts = [prompt for group in groups.values() for prompt in group]
    if not prompts or not all(prompt.strip() for prompt in prompts):
        raise SettingsError(f"There are no prompts, or empty ones, in {path}.")
    return prompts
