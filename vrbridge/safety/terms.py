"""The bundled list of terms, as checked values."""

import tomllib
from pathlib import Path

import msgspec

from vrbridge.errors import SettingsError


class Together(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Phrases that are refused near each other.

    Args:
        groups: One phrase of each has to be there.
        within: Most words between two of them.
    """

    groups: tuple[tuple[str, ...], ...]
    within: int


class Category(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is refused for one reason.

    Args:
        name: For logs and counters.
        message: What a refused request is told; it never repeats the text.
        phrases: Refused by themselves.
        together: Refused in company.
    """

    name: str
    message: str
    phrases: tuple[str, ...] = ()
    together: tuple[Together, ...] = ()


class _Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    category: tuple[Category, ...]


def load_terms(file: Path) -> tuple[Category, ...]:
    """Return the categories of a list.

    Raises:
        SettingsError: If the file can't be read, or is no such list.
    """
    try:
        return msgspec.convert(tomllib.loads(file.read_text("utf-8")), _Document).category
    except OSError as error:
        raise SettingsError(f"Can't read the list of refused terms: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise SettingsError(f"The list of refused terms {file.name} is damaged: {error}.") from error
