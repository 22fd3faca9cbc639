"""German words of materials and things, and pictograms, in English, for encoders trained in English."""

import re
import unicodedata
from collections.abc import Mapping

_NOUNS: Mapping[str, str] = {
    "ziegel": "brick", "backstein": "brick", "dachziegel": "roof tiles", "mauer": "wall", "wand": "wall",
    "stein": "stone", "fels": "rock", "kies": "gravel", "sand": "sand", "erde": "soil", "schlamm": "mud",
    "gras": "grass", "wiese": "meadow", "schnee": "snow", "eis": "ice", "wasser": "water", "lava": "lava",
    "holz": "wood", "brett": "plank", "bretter": "planks", "dielen": "floor boards", "boden": "floor",
    "fliese": "tile", "kachel": "tile", "dach": "roof", "pflaster": "cobblestone", "straße": "street",
    "strasse": "street", "beton": "concrete", "asphalt": "asphalt", "putz": "plaster", "marmor": "marble",
    "metall": "metal", "eisen": "iron", "stahl": "steel", "kupfer": "copper", "gold": "gold",
    "silber": "silver", "blech": "metal sheet", "rost": "rust", "moos": "moss", "stoff": "fabric",
    "leinen": "linen", "samt": "velvet", "leder": "leather", "teppich": "carpet", "rinde": "bark",
    "laub": "leaves", "blätter": "leaves", "stroh": "straw", "glas": "glass", "papier": "paper",
    "lehm": "clay", "kiste": "crate", "fass": "barrel", "faß": "barrel", "truhe": "chest",
    "schatz": "treasure", "topf": "pot", "vase": "vase", "krug": "jug", "flasche": "bottle",
    "eimer": "bucket", "korb": "basket", "tisch": "table", "stuhl": "chair", "hocker": "stool",
    "bank": "bench", "bett": "bed", "regal": "shelf", "schrank": "cupboard", "lampe": "lamp",
    "laterne": "lantern", "kerze": "candle", "buch": "book", "bücher": "books", "rad": "wheel",
    "karren": "cart", "wagen": "cart", "tanne": "fir tree", "fichte": "spruce", "kiefer": "pine",
    "baum": "tree", "eiche": "oak", "palme": "palm tree", "busch": "bush", "strauch": "shrub",
    "stumpf": "stump", "pilz": "mushroom", "lagerfeuer": "campfire", "feuer": "fire", "schwert": "sword",
    "dolch": "dagger", "axt": "axe", "hammer": "hammer", "schild": "shield", "amboss": "anvil",
    "haus": "house", "hütte": "hut", "turm": "tower", "zaun": "fence", "treppe": "stairs",
    "leiter": "ladder", "säule": "column", "brunnen": "well", "tür": "door", "tor": "gate",
    "wegweiser": "signpost", "schloss": "castle", "burg": "castle", "park": "park", "garten": "garden",
}  # fmt: skip
_ADJECTIVES: Mapping[str, str] = {
    "alt": "old", "neu": "new", "gross": "big", "groß": "big", "klein": "small", "rund": "round",
    "hoch": "tall", "hoh": "tall", "niedrig": "low", "breit": "wide", "schmal": "narrow", "dunkel": "dark",
    "dunkl": "dark", "hell": "light", "rot": "red", "grün": "green", "gruen": "green", "blau": "blue",
    "gelb": "yellow", "schwarz": "black", "weiß": "white", "weiss": "white", "grau": "grey",
    "braun": "brown", "lila": "purple", "rosa": "pink", "golden": "golden", "nass": "wet",
    "trocken": "dry", "rostig": "rusty", "moosig": "mossy", "bemoost": "mossy", "verschneit": "snowy",
    "gefroren": "frozen", "rissig": "cracked", "verbrannt": "burnt", "schmutzig": "dirty",
    "poliert": "polished", "hölzern": "wooden", "eisern": "iron", "steinern": "stone",
}  # fmt: skip
_LITTLE: Mapping[str, str] = {"mit": "with", "aus": "of", "und": "and"}
_NOUN_ENDINGS = ("", "n", "en", "e", "s", "es")
_ADJECTIVE_ENDINGS = ("", "e", "er", "es", "en", "em")
# What may stand between the parts of a compound, as in Eiche-n-tisch.
_LINKS = ("", "n", "s", "es", "en")
_MIN_PART = 3
# English as well, or part of a name: alone they don't show that a prompt is German.
_SHARED = frozenset({"alter", "hell", "tor", "rad", "bank", "boden", "mit", "rot", "wand", "aus", "burg"})


def english(prompt: str) -> str:
    """Return a prompt with its German words, compounds included, and its pictograms in English.

    What is not known stays.
    """
    prompt = _pictograms_named(prompt)
    parts = re.split(r"([^\W\d_]+)", prompt)
    found = {i: _translated(word.lower()) for i, word in enumerate(parts) if i % 2}
    if all(word is None or parts[i].lower() in _SHARED for i, word in found.items()):
        return prompt
    return "".join(found.get(i) or part for i, part in enumerate(parts))


def _pictograms_named(prompt: str) -> str:
    """Return a prompt with the Unicode names of its pictograms: a brick emoji is "brick"."""
    if prompt.isascii():
        return prompt
    return "".join(
        f" {unicodedata.name(character, '').casefold()} "
        if unicodedata.category(character) == "So"
        else character
        for character in prompt
    )


def _translated(word: str) -> str | None:
    known = _known(word)
    return _compound(word) if known is None else None if known == word else known


def _known(word: str) -> str | None:
    if word in _LITTLE:
        return _LITTLE[word]
    return _inflected(word, _ADJECTIVES, _ADJECTIVE_ENDINGS) or _inflected(word, _NOUNS, _NOUN_ENDINGS)


def _inflected(word: str, words: Mapping[str, str], endings: tuple[str, ...]) -> str | None:
    stems = (word.removesuffix(ending) for ending in endings if word.endswith(ending))
    return next((words[stem] for stem in stems if stem in words), None)


def _compound(word: str) -> str | None:
    """Return the parts of a compound, the longest first part first."""
    for cut in range(len(word) - _MIN_PART, _MIN_PART - 1, -1):
        last = _inflected(word[cut:], _NOUNS, _NOUN_ENDINGS)
        starts = (word[:cut].removesuffix(link) for link in _LINKS if word[:cut].endswith(link))
        first = next(filter(None, (_known(start) for start in starts)), None)
        if first is not None and last is not None:
            return f"{first} {last}"
    return None
