"""A ComfyUI workflow with placeholders."""

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from vrbridge.errors import SettingsError

PLACEHOLDERS = frozenset(
    {"prompt", "negative_prompt", "seed", "width", "height", "steps", "guidance", "checkpoint"}
)
_NEEDED = ("prompt", "seed")
_PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_MAX_FILE_BYTES = 4 << 20


class Workflow:
    """A workflow in ComfyUI's API format.

    Args:
        file: JSON: node id → `class_type` and `inputs`.

    Raises:
        SettingsError: If the file can't be read, is of another format, or its placeholders are wrong.
    """

    def __init__(self, file: Path) -> None:
        self._name = file.name
        try:
            content = file.read_bytes()[: _MAX_FILE_BYTES + 1]
        except OSError as error:
            self._refuse(f"can't be read ({error.strerror})")
        if len(content) > _MAX_FILE_BYTES:
            self._refuse("is too large for a workflow")
        try:
            nodes = json.loads(content)
        except ValueError:
            self._refuse("is no JSON")
        self._nodes: dict[str, Any] = self._checked(nodes)
        self._names = _names_in(self._nodes)
        for name in _NEEDED:
            if name not in self._names:
                self._refuse(f"has no `{{{{{name}}}}}`, so that every picture would be the same")
        for name in self._names - PLACEHOLDERS:
            known = ", ".join(sorted(PLACEHOLDERS))
            self._refuse(f"has the unknown placeholder `{{{{{name}}}}}`; known are {known}")
        self.digest = hashlib.sha256(json.dumps(self._nodes, sort_keys=True).encode()).hexdigest()

    @property
    def node_types(self) -> tuple[str, ...]:
        """Every `class_type` once."""
        return tuple(sorted({str(node["class_type"]) for node in self._nodes.values()}))

    def uses(self, placeholder: str) -> bool:
        """Whether a placeholder is in it."""
        return placeholder in self._names

    def type_of(self, node: str) -> str:
        """Return the `class_type` of a node, or its id if it is none of the workflow's own."""
        return str(self._nodes[node]["class_type"]) if node in self._nodes else node

    def filled(self, values: Mapping[str, str | int | float]) -> dict[str, Any]:
        """Return the workflow with values for the placeholders.

        A text that is only a placeholder becomes its value, number or text; inside a longer one it becomes
        text. Values are never read as JSON or searched for placeholders.

        Raises:
            KeyError: If a value is missing.
        """
        filled: dict[str, Any] = _filled(self._nodes, values)
        return filled

    def _checked(self, nodes: Any) -> dict[str, Any]:
        if isinstance(nodes, dict) and isinstance(nodes.get("nodes"), list):
            self._refuse("was saved for ComfyUI's editor; use Workflow → Export (API) instead")
        if not isinstance(nodes, dict) or not nodes:
            self._refuse("holds no nodes")
        for node in nodes.values():
            if (
                not isinstance(node, dict)
                or not isinstance(node.get("class_type"), str)
                or not isinstance(node.get("inputs"), dict)
            ):
                self._refuse("is not in API format: each node has a `class_type` and `inputs`")
        return nodes

    def _refuse(self, reason: str) -> NoReturn:
        raise SettingsError(f"`texture.comfyui.workflow`: {self._name} {reason}.")


def _names_in(part: Any) -> set[str]:
    if isinstance(part, str):
        return set(_PLACEHOLDER.findall(part))
    parts = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return {name for inner in parts for name in _names_in(inner)}


def _filled(part: Any, values: Mapping[str, str | int | float]) -> Any:
    if isinstance(part, dict):
        return {name: _filled(inner, values) for name, inner in part.items()}
    if isinstance(part, list):
        return [_filled(inner, values) for inner in part]
    if not isinstance(part, str):
        return part
    whole = _PLACEHOLDER.fullmatch(part)
    if whole:
        return values[whole[1]]
    return _PLACEHOLDER.sub(lambda found: str(values[found[1]]), part)
