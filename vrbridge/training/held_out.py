"""Which materials a network never sees in training, so that it can be judged by them."""

import hashlib
import re

_SHARE = 0.096
"""Of the names that are eligible. Basic names are not, so this comes to about 6 % of all pictures."""

_SEED = "held-out materials"

_COLORS = (
    "amber aqua azure beige black blond blue bluish bronze brown brownish colored colorful cream crimson "
    "cyan gold golden gray grayish green greenish grey greyish indigo ivory khaki lavender lime magenta "
    "maroon mauve multicolored multicoloured navy ochre olive orange peach pink pinkish purple purplish red "
    "reddish rose salmon scarlet silver tan teal turquoise vermilion violet white whitish yellow yellowish"
)
_SHADES = "bright dark deep faded faint glowing light pale shiny soft strong strongly very vivid plain"
_STATES = (
    "ancient brushed broken burned burnt chipped clean cracked crumbling crumpled damp dead dirty dry dusty "
    "fresh frosty frozen glossy grimy icy jagged lush matt matte moldy mossy muddy new old overgrown painted "
    "peeling pitted polished rotten rough rugged rusted rusty scratched shiny smooth snowy spotted stained "
    "streaked weathered wet wild worn"
)
_SIZES = "big coarse fine huge large long short small tall thick thin tiny wide diagonal horizontal vertical"
_GENERAL = "a an of the floor ground material surface texture wall"
_PASSED_OVER = frozenset(" ".join((_COLORS, _SHADES, _STATES, _SIZES, _GENERAL)).split())

_SAME = {
    "bricks": "brick",
    "cobbles": "cobblestone",
    "cobblestones": "cobblestone",
    "grassy": "grass",
    "leaves": "leaf",
    "rocky": "rock",
    "sandy": "sand",
    "stony": "stone",
    "warning": "hazard",
    "wooden": "wood",
}
_WORDS_THAT_END_IN_S = frozenset({"canvas", "glass", "grass", "moss", "cypress", "mars"})
_END_OF_HEAD = re.compile(r"\b(with|over|on|in|at|under|like|covered|and)\b")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


def material_name(caption: str) -> str:
    """Return what a caption is about, without colour, shade, state and size.

    "dark cracked stone block wall with moss" and "gray blocks of stone" are both "block stone". Words are
    singular and in alphabetic order. What follows "with", "over" and the like is not looked at. Captions of
    nothing but passed-over words ("rough brown ground") have the empty name.

    Args:
        caption: Any text; case does not matter.
    """
    head = _WORD.findall(_head(caption.casefold()))
    return " ".join(sorted({_singular(word) for word in head if word not in _PASSED_OVER}))


def is_held_out(caption: str, category: str = "") -> bool:
    """Return whether pictures with this caption are kept out of training.

    The rule looks at the material's name alone, so all pictures of a material are on the same side whatever
    their colour, state or size; and it is the same on every machine and for every data set. A name of a
    single word ("sand"), or one that says no more than its category ("brick wall" in "brick"), is basic
    vocabulary and always trained on. Of the others a fixed hash holds out a share.

    Args:
        caption: Of the picture.
        category: Of the picture; may be empty.
    """
    name = material_name(caption)
    if len(name.split()) < 2 or name == material_name(category):
        return False
    digest = hashlib.blake2b(f"{_SEED}:{name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) < _SHARE * 2**64


def _head(caption: str) -> str:
    """Return the part before the first joining word, or all of it where nothing stands before."""
    for part in _END_OF_HEAD.split(caption)[::2]:
        if any(word not in _PASSED_OVER for word in _WORD.findall(part)):
            return part
    return caption


def _singular(word: str) -> str:
    if word in _SAME:
        return _SAME[word]
    if word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith("ss") and word not in _WORDS_THAT_END_IN_S and len(word) > 3:
        return word[:-1]
    return word
