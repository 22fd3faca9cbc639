"""How the embedded language model is started."""

import os
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from vrbridge.generators.language.chat_client import Endpoint

KEY_VARIABLE = "VRBRIDGE_LANGUAGE_KEY"
_MODULE = "vrbridge.generators.language.llama_server"


class EmbeddedConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the child needs to know.

    Args:
        path: The GGUF file.
        model: Name to answer under.
        slots: Answers at once.
        context_tokens: Prompt and answer of one slot.
        threads: 0 takes two to four, and leaves a core free where it can.
    """

    path: str
    model: str
    slots: int
    context_tokens: int
    threads: int = 0


def embedded_command(config: EmbeddedConfig) -> list[str]:
    """Return program and arguments of the child; others on the machine can read them."""
    # -P: a module in the working directory must not stand in for an installed one.
    return [sys.executable, "-P", "-m", _MODULE, msgspec.json.encode(config).decode()]


def embedded_environment(key: str) -> dict[str, str]:
    """Return the child's variables: its key, and what makes it import what this process would."""
    paths = os.pathsep.join(path for path in sys.path if path)
    return {KEY_VARIABLE: key, "PYTHONPATH": paths}


def random_key() -> str:
    """Return a key for one child."""
    return secrets.token_urlsafe(32)


def embedded_config(
    file: Path, *, model: str, slots: int, context_tokens: int, threads: int
) -> EmbeddedConfig:
    """Return the child's configuration for settings that may be too large or small for it."""
    return EmbeddedConfig(
        path=str(file),
        model=model,
        slots=max(1, slots),
        context_tokens=max(512, context_tokens),
        threads=max(0, threads),
    )


def embedded_endpoint(ready: Mapping[str, Any], key: str) -> Endpoint:
    """Return where a child answers, from its ready line."""
    return Endpoint(url=ready["url"], model=ready["model"], key=key, is_embedded=True)
