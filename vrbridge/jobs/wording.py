"""Whether a prompt says anything at all."""

import unicodedata

from vrbridge.errors import InvalidParams


def check_wording(prompt: str) -> None:
    """Pass if a prompt has at least a letter, in any script, or a pictogram.

    Raises:
        InvalidParams: If it has none.
    """
    if not any(c.isalpha() or unicodedata.category(c) == "So" for c in prompt):
        raise InvalidParams("`prompt` has no words; say what it should be.", field="params.prompt")
