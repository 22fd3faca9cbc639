"""Where settings come from: a file, the environment, the command line."""

import difflib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal, get_args, get_origin

import msgspec

from vrbridge.errors import SettingsError

_PREFIX: Final = "VRBRIDGE_"


def merged(
    file: Path | None, *, environment: Mapping[str, str], flags: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Return section → name → value of all sources; later ones win.

    Args:
        file: A TOML file. None: `vrbridge.toml` of the working directory if there is one.
        environment: Variables such as `VRBRIDGE_LIMITS__CONTEXT_HZ`.
        flags: Section → name → value; values of None are passed over.

    Raises:
        SettingsError: If a file can't be read.
    """
    together: dict[str, dict[str, Any]] = {}
    for layer in (_from_file(file), _from_environment(environment)):
        _merge(together, layer)
    for section, flag_values in flags.items():
        given = {name: value for name, value in flag_values.items() if value is not None}
        _merge(together, {section: given})
    return together


def _from_file(file: Path | None) -> dict[str, dict[str, Any]]:
    path = file if file is not None else Path("vrbridge.toml")
    if file is None and not path.is_file():
        return {}
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise SettingsError(f"Can't read the settings file {path.name}: {error.strerror}.") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"The settings file {path.name} is not valid TOML: {error}.") from error
    for section, values in content.items():
        if not isinstance(values, dict):
            raise SettingsError(f"{path.name}: `{section}` belongs into a section, such as [server].")
    return content


def _from_environment(environment: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    sections: dict[str, dict[str, Any]] = {}
    for name, text in environment.items():
        *path, key = name.removeprefix(_PREFIX).lower().split("__")
        if not name.startswith(_PREFIX) or not path:
            continue
        # A list is written with commas.
        is_list = key in {"origins", "blocked_terms"}
        value = [part.strip() for part in text.split(",") if part.strip()] if is_list else text
        nested: dict[str, Any] = {key: value}
        for section in reversed(path):
            nested = {section: nested}
        _merge(sections, nested)
    return sections


def _merge(target: dict[str, Any], layer: Mapping[str, Any]) -> None:
    """Lay values over others, section by section."""
    for name, value in layer.items():
        below = target.get(name)
        if isinstance(value, Mapping) and (below is None or isinstance(below, dict)):
            _merge(target.setdefault(name, {}), value)
        else:
            target[name] = value


def refuse_unknown(merged: Mapping[str, Mapping[str, Any]], known: type[msgspec.Struct]) -> None:
    """Make sure that every name is known.

    Args:
        merged: Section → name → value.
        known: A struct of sections.

    Raises:
        SettingsError: For one that isn't, with the nearest that is.
    """
    sections = {field.name: field.type for field in msgspec.structs.fields(known)}
    for section, values in merged.items():
        if section not in sections:
            raise SettingsError(f"Unknown section [{section}].{_nearest(section, sections)}")
        _refuse_wrong_names(section, values, sections[section])


def _refuse_wrong_names(section: str, values: Mapping[str, Any], kind: type[msgspec.Struct]) -> None:
    known: dict[str, Any] = {field.name: field.type for field in msgspec.structs.fields(kind)}
    for name, value in values.items():
        if name not in known:
            raise SettingsError(f"Unknown setting `{section}.{name}`.{_nearest(name, known)}")
        inner = known[name]
        if get_origin(inner) is Literal and value not in get_args(inner):
            choices = ", ".join(get_args(inner))
            raise SettingsError(f"`{section}.{name}` is one of {choices}, not {value!r}.")
        if isinstance(value, Mapping) and isinstance(inner, type) and issubclass(inner, msgspec.Struct):
            _refuse_wrong_names(f"{section}.{name}", value, inner)


def _nearest(name: str, known: Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f" Did you mean `{near[0]}`?" if near else f" Known: {', '.join(sorted(known))}."
