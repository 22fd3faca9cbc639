"""How people name materials and their states."""

import re
from collections.abc import Mapping

FAMILY_ANCHORS: Mapping[str, tuple[str, ...]] = {
    "brick": ("brick wall", "red bricks", "old brickwork with mortar", "clay bricks"),
    "stone wall": (
        "stone wall",
        "castle wall masonry",
        "dungeon wall of rough stones",
        "stone blocks",
        "rubble masonry",
    ),
    "cobblestone": ("cobblestone street", "cobbles", "paving stones", "medieval pavement", "stone path"),
    "ceramic tiles": ("ceramic tiles", "bathroom tiles", "tiled floor", "glazed kitchen tiles", "tiles"),
    "roof tiles": ("roof tiles", "roof shingles", "clay roofing", "slate roof"),
    "concrete": ("concrete", "cement floor", "concrete wall", "asphalt"),
    "plaster": ("plaster wall", "stucco", "painted wall", "whitewashed wall"),
    "marble": ("marble", "polished marble floor", "veined marble slab", "marble statue surface"),
    "rock": ("rock", "cliff face", "rough rock surface", "cave wall", "granite", "mountain rock"),
    "grass": ("grass", "lawn", "meadow", "grassy field", "green turf"),
    "dirt": ("dirt", "soil", "earth ground", "dirt road", "forest floor"),
    "mud": ("mud", "muddy ground", "swamp mud", "wet soil"),
    "sand": ("sand", "desert sand", "beach", "sand dunes with ripples"),
    "gravel": ("gravel", "pebbles", "loose stones", "gravel path"),
    "snow": ("snow", "fresh snow", "snowy ground", "snowdrift"),
    "ice": ("ice", "frozen lake", "cracked ice", "glacier"),
    "lava": ("lava", "molten rock", "magma", "volcanic lava flow"),
    "metal plate": (
        "metal plate",
        "riveted steel panels",
        "metal panels",
        "spaceship hull",
        "steel door",
        "iron armor plates",
    ),
    "brushed metal": (
        "brushed metal",
        "stainless steel",
        "polished aluminium",
        "shiny metal surface",
        "gold metal",
    ),
    "rust": ("rust", "rusty iron", "rusted metal", "corroded steel"),
    "wood planks": ("wooden planks", "wood floor boards", "wooden door", "timber deck", "parquet"),
    "wood": ("wood", "wood grain", "polished oak wood", "walnut furniture wood"),
    "bark": ("tree bark", "bark of an old oak", "tree trunk"),
    "fabric": ("fabric", "woven cloth", "linen", "wool carpet", "cotton textile"),
    "leather": ("leather", "brown leather", "leather armor", "animal hide"),
    "thatch": ("thatched roof", "straw", "hay", "reed thatch"),
}

# Words that mean one family alone.
OWN_WORDS: Mapping[str, frozenset[str]] = {
    family: frozenset(words.split())
    for family, words in {
        "brick": "brick brickwork bricks",
        "stone wall": "masonry rampart castle",
        "cobblestone": "cobblestone cobble cobbled pavement",
        "ceramic tiles": "tile tiled ceramic",
        "roof tiles": "roof shingle roofing",
        "concrete": "concrete cement asphalt",
        "plaster": "plaster stucco",
        "marble": "marble",
        "rock": "rock cliff granite boulder",
        "grass": "grass lawn meadow turf grassy",
        "dirt": "dirt soil earth",
        "mud": "mud",
        "sand": "sand dune",
        "gravel": "gravel pebble",
        "snow": "snow",
        "ice": "ice glacier",
        "lava": "lava magma",
        "metal plate": "plate panel riveted rivet hull",
        "brushed metal": "brushed stainless aluminium aluminum chrome",
        "rust": "rust",
        "wood planks": "plank board floorboard timber",
        "wood": "",
        "bark": "bark trunk",
        "fabric": "fabric cloth linen wool cotton textile carpet woven",
        "leather": "leather",
        "thatch": "thatch thatched straw hay",
    }.items()
}

# In the order in which they are laid on.
STATE_WORDS: Mapping[str, tuple[str, ...]] = {
    "cracked": ("cracked", "cracks", "broken", "crumbling", "fractured", "shattered", "ruined"),
    "worn": ("worn", "old", "weathered", "ancient", "faded", "scratched", "aged", "abandoned", "battered"),
    "rusty": ("rusty", "rusted", "corroded", "rust", "oxidized"),
    "burnt": ("burnt", "burned", "charred", "scorched", "sooty", "burning"),
    "dirty": ("dirty", "grimy", "filthy", "stained", "dusty", "grubby", "muddy"),
    "mossy": ("mossy", "moss", "overgrown", "lichen", "algae", "mouldy", "moldy"),
    "wet": ("wet", "rainy", "soaked", "damp", "moist", "rain", "slimy", "dripping"),
    "snowy": ("snowy", "snow", "frosty", "frozen", "icy", "wintry", "winter"),
}

# A material that already is the state is not covered by it.
STATES_WITHIN: Mapping[str, tuple[str, ...]] = {
    "rust": ("rusty",),
    "snow": ("snowy",),
    "ice": ("snowy", "cracked"),
    "mud": ("wet", "dirty"),
    "dirt": ("dirty",),
    "lava": ("wet", "snowy", "burnt", "mossy"),
    "grass": ("mossy", "rusty", "cracked"),
}


def words_of(prompt: str) -> list[str]:
    """Return the lower-case words of a prompt."""
    return re.findall(r"[^\W\d_]+", prompt.lower())


def states_of(words: list[str], family: str) -> tuple[str, ...]:
    """Return the states that the words name, in the order in which they are laid on."""
    spoken = set(words)
    within = STATES_WITHIN.get(family, ())
    return tuple(s for s, names in STATE_WORDS.items() if s not in within and spoken.intersection(names))
