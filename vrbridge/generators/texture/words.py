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
    "cobblestone": ("cobblestone street", "cobbles", "medieval street", "cobbled path"),
    "paving": ("stone floor slabs", "flagstones", "dungeon floor", "stone tiles", "sidewalk", "paving slabs"),
    "ceramic tiles": (
        "ceramic tiles",
        "bathroom tiles",
        "tiled floor",
        "glazed kitchen tiles",
        "tiles",
        "swimming pool",
        "mosaic",
    ),
    "roof tiles": ("roof tiles", "roof shingles", "clay roofing", "slate roof"),
    "concrete": ("concrete", "cement floor", "concrete wall", "hospital floor"),
    "asphalt": ("asphalt", "asphalt road", "highway", "tarmac street"),
    "plaster": ("plaster wall", "stucco", "painted wall", "whitewashed wall"),
    "marble": ("marble", "polished marble floor", "veined marble slab", "marble statue surface"),
    "rock": ("rock", "cliff face", "rough rock surface", "cave wall", "granite", "mountain rock"),
    "grass": ("grass", "lawn", "meadow", "grassy field", "green turf", "conifer needles"),
    "dirt": ("dirt", "soil", "earth ground", "dirt road", "forest floor"),
    "mud": ("mud", "muddy ground", "swamp mud", "wet soil", "river bed"),
    "sand": ("sand", "desert sand", "beach", "sand dunes with ripples"),
    "gravel": ("gravel", "pebbles", "loose stones", "gravel path", "coal"),
    "snow": ("snow", "fresh snow", "snowy ground", "snowdrift"),
    "ice": ("ice", "frozen lake", "cracked ice", "glacier"),
    "water": ("water", "ocean waves", "lake surface", "river water", "sea"),
    "lava": ("lava", "molten rock", "magma", "volcanic lava flow", "hot coals"),
    "metal plate": (
        "metal plate",
        "riveted steel panels",
        "metal panels",
        "spaceship hull",
        "space station wall",
        "steel door",
        "iron armor plates",
        "knight armor",
    ),
    "corrugated metal": ("corrugated iron", "corrugated metal sheet", "tin roof", "shipping container wall"),
    "cast metal": ("cast iron", "wrought iron", "hammered bronze", "dark forged metal", "old brass"),
    "brushed metal": (
        "brushed metal",
        "stainless steel",
        "polished aluminium",
        "shiny metal surface",
        "gold metal",
        "silver",
        "copper pipe",
    ),
    "rust": ("rust", "rusty iron", "rusted metal", "corroded steel"),
    "wood planks": (
        "wooden planks",
        "wood floor boards",
        "wooden wall",
        "wooden door",
        "timber deck",
        "parquet",
        "log cabin wall",
    ),
    "wood": ("wood", "wood grain", "polished oak wood", "walnut furniture wood"),
    "bark": ("tree bark", "bark of an old oak", "tree trunk", "log"),
    "foliage": ("leaves", "dense green leaves", "ivy", "hedge", "autumn leaves", "jungle foliage"),
    "moss": ("moss", "green moss carpet", "lichen"),
    "fabric": ("fabric", "woven cloth", "linen", "cotton textile", "denim", "woven wool fabric"),
    "velvet": ("velvet", "soft carpet", "fur", "persian rug", "plush curtain", "felt"),
    "leather": ("leather", "brown leather", "leather armor", "animal hide", "skin"),
    "scales": ("dragon scales", "snake skin", "fish scales", "reptile skin", "dragon skin"),
    "thatch": ("thatched roof", "straw", "hay", "reed thatch"),
    "clay": ("terracotta", "clay pottery", "ceramic vase", "smooth old bone"),
    "plastic": ("plastic", "smooth plastic", "rubber", "candy", "smooth wax", "glazed porcelain"),
    "glass": ("glass", "window glass", "smooth tinted glass", "mirror"),
    "paper": ("paper", "old parchment", "cardboard", "book pages"),
}

# Words that mean these families alone.
OWN_WORDS: Mapping[str, frozenset[str]] = {
    family: frozenset(words.split())
    for family, words in {
        "brick": "brick brickwork",
        "stone wall": "masonry rampart castle",
        "cobblestone": "cobblestone cobble cobbled",
        "paving": "flagstone slab paving pavement sidewalk paver",
        "ceramic tiles": "tile tiled ceramic mosaic",
        "roof tiles": "roof shingle roofing",
        "concrete": "concrete cement",
        "asphalt": "asphalt tarmac highway",
        "plaster": "plaster stucco",
        "marble": "marble",
        "rock": "rock cliff granite boulder obsidian",
        "grass": "grass lawn meadow turf grassy",
        "dirt": "dirt soil earth",
        "mud": "mud",
        "sand": "sand dune desert beach",
        "gravel": "gravel pebble coal",
        "snow": "snow",
        "ice": "ice glacier",
        "water": "water ocean sea river lake",
        "lava": "lava magma",
        "metal plate": "plate panel riveted rivet hull armor armour",
        "corrugated metal": "corrugated tin container",
        "cast metal": "iron bronze brass forged pewter",
        "brushed metal": "brushed stainless aluminium aluminum chrome gold golden silver copper",
        "rust": "rust",
        "wood planks": "plank board floorboard timber wood wooden parquet decking",
        "wood": "wood wooden",
        "bark": "bark trunk log",
        "foliage": "leaf leave leaves ivy hedge foliage",
        "moss": "moss lichen",
        "fabric": "fabric cloth linen cotton textile woven denim burlap canvas",
        "velvet": "velvet carpet rug fur plush felt",
        "leather": "leather",
        "scales": "scale scales reptile dragon snake",
        "thatch": "thatch thatched straw hay",
        "clay": "terracotta clay pottery bone",
        "plastic": "plastic rubber vinyl candy porcelain wax",
        "glass": "glass mirror",
        "paper": "paper parchment cardboard",
    }.items()
}

# In the order in which they are laid on.
STATE_WORDS: Mapping[str, tuple[str, ...]] = {
    "cracked": ("cracked", "cracks", "broken", "crumbling", "fractured", "shattered", "ruined"),
    "worn": ("worn", "old", "weathered", "ancient", "faded", "scratched", "aged", "abandoned", "battered"),
    "rusty": ("rusty", "rusted", "corroded", "rust", "oxidized"),
    "burnt": ("burnt", "burned", "charred", "scorched", "sooty"),
    "dirty": ("dirty", "grimy", "filthy", "stained", "dusty", "grubby", "muddy"),
    "mossy": ("mossy", "moss", "overgrown", "lichen", "algae", "mouldy", "moldy"),
    "wet": ("wet", "rainy", "soaked", "damp", "moist", "rain", "slimy", "dripping"),
    "snowy": ("snowy", "snow", "wintry", "winter", "snowed"),
    "frozen": ("frozen", "frosty", "frosted", "icy", "frost", "ice"),
}

# A material that already is the state is not covered by it.
STATES_WITHIN: Mapping[str, tuple[str, ...]] = {
    "rust": ("rusty",),
    "snow": ("snowy", "frozen"),
    "ice": ("snowy", "frozen", "cracked"),
    "water": ("wet", "snowy", "frozen", "rusty", "cracked", "mossy", "burnt", "worn"),
    "moss": ("mossy", "rusty", "cracked"),
    "foliage": ("mossy", "rusty", "cracked", "worn"),
    "glass": ("rusty",),
    "mud": ("wet", "dirty"),
    "dirt": ("dirty",),
    "lava": ("wet", "snowy", "frozen", "burnt", "mossy"),
    "grass": ("mossy", "rusty", "cracked"),
}


def words_of(prompt: str) -> list[str]:
    """Return the lower-case words of a prompt."""
    return re.findall(r"[^\W\d_]+", prompt.lower())


def state_words_in(text: str) -> str | None:
    """Return the words of a text that name a state, such as "mossy", or None."""
    known = {word for words in STATE_WORDS.values() for word in words}
    found = [word for word in words_of(text) if word in known]
    return " ".join(found) or None


def states_of(words: list[str], family: str) -> tuple[str, ...]:
    """Return the states that the words name, in the order in which they are laid on."""
    spoken = set(words)
    within = STATES_WITHIN.get(family, ())
    return tuple(s for s, names in STATE_WORDS.items() if s not in within and spoken.intersection(names))
