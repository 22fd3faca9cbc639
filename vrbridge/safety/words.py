"""Words of a text in the forms under which a term may hide."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

# Letters of other scripts that look like Latin ones and survive Unicode's own folding.
_LOOK_ALIKES: Final = str.maketrans("аеіјкмнорсѕтухԁԛԝαβεικνορτυχɡı", "aeijkmhopcstyxdqwabeikvoptuxgi")
_DIGITS: Final = str.maketrans("034578@$!+", "oeastbasit")
_ONE_AS_I: Final = str.maketrans("1|", "ii")
_ONE_AS_L: Final = str.maketrans("1|", "ll")
_WORD: Final = re.compile(r"[^\W_]+(?:[@$!+|]+[^\W_]+)*|[@$!+|]+[^\W_]+(?:[@$!+|]+[^\W_]+)*")
_STRETCHED: Final = re.compile(r"([^\W\d_])\1{2,}")
# Marks, joiners, direction and other controls.
_UNSEEN: Final = {"Mn", "Me", "Cf", "Cc"}
_ASCII_UNSEEN: Final = dict.fromkeys(
    code for code in range(128) if unicodedata.category(chr(code)) in _UNSEEN and not chr(code).isspace()
)
# Shorter ones are more often initials and enumerations than a hidden word.
_MIN_SPELLED: Final = 4


Word = frozenset[str]
"""Every reading of one word: as written, digits read as letters, stretched letters shortened, singular."""


def fold(text: str) -> str:
    """Return the text in lower case, without accents, invisible characters and look-alikes."""
    if text.isascii():
        return text.lower().translate(_ASCII_UNSEEN)
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    seen = "".join(char for char in decomposed if char.isspace() or unicodedata.category(char) not in _UNSEEN)
    return seen.translate(_LOOK_ALIKES)


def words(text: str) -> list[Word]:
    """Return the words of a text; letters spelled out one by one count as the word they spell."""
    return [_readings(token) for token in _joined(_WORD.findall(fold(text)))]


def _joined(tokens: Sequence[str]) -> Iterator[str]:
    start = 0
    while start < len(tokens):
        stop = start
        while stop < len(tokens) and len(tokens[stop]) == 1:
            stop += 1
        stop = stop if stop - start >= _MIN_SPELLED else start + 1
        yield "".join(tokens[start:stop])
        start = stop


# An answer is read anew with each piece of it, and most of its words are common ones.
@lru_cache(maxsize=4096)
def _readings(token: str) -> frozenset[str]:
    forms = {token}
    if any(char.isalpha() for char in token) and not token.isalpha():
        read = token.translate(_DIGITS)
        forms |= {read, read.translate(_ONE_AS_I), read.translate(_ONE_AS_L)}
    for form in tuple(forms):
        forms |= {_STRETCHED.sub(r"\1\1", form), _STRETCHED.sub(r"\1", form)}
    forms |= {form[:-1] for form in forms if len(form) > 3 and form.endswith("s") and not form.endswith("ss")}
    return frozenset(forms)
