"""The kinds of things that can be built, and how each is recognised and made of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from vrbridge.generators.mesh import (
    architecture,
    camp,
    containers,
    furniture,
    grounds,
    household,
    nature,
    weapons,
)
from vrbridge.generators.mesh.sketch import Sketch
from vrbridge.generators.mesh.traits import Traits


@dataclass(frozen=True, slots=True)
class Family:
    """A kind of prop.

    Args:
        build: Adds its pieces to a sketch.
        nouns: Words that mean just this, singular, separated by spaces.
        anchors: Descriptions that prompts are compared with.
        roles: What its pieces are made of; a material or colour of the prompt goes to the first one.
        allowed: Substances that a prompt may change the first role to, or None: all; a wooden tree is a tree.
    """

    build: Callable[[Sketch, Traits], None]
    nouns: str
    anchors: tuple[str, ...]
    roles: Mapping[str, str]
    allowed: frozenset[str] | None = None


_GROWN = frozenset({"gold", "crystal", "ice", "stone", "snow", "bronze", "copper", "silver"})

FAMILIES: Mapping[str, Family] = {
    "crate": Family(
        containers.crate,
        "crate box",
        ("wooden crate", "shipping box of planks"),
        {"body": "wood", "frame": "dark wood"},
    ),
    "barrel": Family(
        containers.barrel,
        "barrel cask keg drum",
        ("wooden barrel", "wine cask", "beer keg"),
        {"body": "wood", "hoops": "iron"},
    ),
    "chest": Family(
        containers.chest,
        "chest coffer trunk strongbox",
        ("treasure chest", "strongbox with a lock"),
        {"body": "wood", "trim": "iron", "lock": "brass"},
    ),
    "pot": Family(
        containers.pot,
        "pot vase urn amphora jug pitcher jar plant",
        ("clay pot", "ceramic vase", "ancient urn", "potted plant"),
        {"body": "clay", "band": "ceramic", "leaves": "leaves"},
    ),
    "bottle": Family(
        containers.bottle,
        "bottle flask potion elixir vial",
        ("glass bottle", "magic potion flask"),
        {"body": "glass", "cork": "pale wood", "label": "paper"},
    ),
    "bucket": Family(
        containers.bucket,
        "bucket pail tub",
        ("wooden bucket", "water pail"),
        {"body": "wood", "trim": "iron"},
    ),
    "basket": Family(
        containers.basket, "basket hamper", ("wicker basket", "woven picnic basket"), {"body": "straw"}
    ),
    "table": Family(
        furniture.table,
        "table desk workbench",
        ("wooden table", "dining table", "writing desk"),
        {"body": "wood"},
    ),
    "chair": Family(
        furniture.chair,
        "chair armchair throne sofa couch seat",
        ("wooden chair", "armchair", "royal throne", "sofa", "a place to sit"),
        {"body": "wood", "trim": "gold", "fabric": "cloth"},
    ),
    "stool": Family(
        furniture.stool, "stool footstool", ("three-legged stool", "bar stool"), {"body": "wood"}
    ),
    "bench": Family(
        furniture.bench,
        "bench pew",
        ("park bench", "garden bench to sit on"),
        {"body": "wood", "trim": "dark wood"},
    ),
    "bed": Family(
        furniture.bed,
        "bed cot bunk",
        ("bed with pillows", "place to sleep"),
        {"body": "dark wood", "fabric": "cloth", "linen": "linen"},
    ),
    "shelf": Family(
        furniture.shelf,
        "shelf bookcase bookshelf shelves rack",
        ("bookshelf full of books", "shelf"),
        {"body": "wood", "cover": "cloth", "cover 2": "leather", "cover 3": "cloth"},
    ),
    "cupboard": Family(
        furniture.cupboard,
        "cupboard wardrobe cabinet dresser closet nightstand drawer drawers armoire",
        ("wardrobe", "kitchen cabinet", "chest of drawers"),
        {"body": "wood", "trim": "brass"},
    ),
    "lamp": Family(
        furniture.lamp,
        "lamp streetlight lamppost street_lantern street_light",
        ("table lamp", "street lamp", "floor lamp with a shade"),
        {"shade": "linen", "base": "ceramic", "trim": "iron", "glow": "glow"},
    ),
    "lantern": Family(
        household.lantern, "lantern", ("iron lantern", "hand-held light"), {"body": "iron", "glow": "glow"}
    ),
    "candle": Family(
        household.candle,
        "candle candlestick candelabra",
        ("candle in a holder", "candelabra"),
        {"body": "brass", "wax": "cream", "flame": "flame"},
    ),
    "book": Family(
        household.book,
        "book tome grimoire books spellbook",
        ("old book", "stack of books", "spellbook"),
        {"cover": "leather", "cover 2": "cloth", "cover 3": "cloth", "pages": "paper", "trim": "gold"},
    ),
    "wheel": Family(
        household.wheel, "wheel", ("cart wheel with spokes", "wagon wheel"), {"body": "wood", "metal": "iron"}
    ),
    "cart": Family(
        household.cart,
        "cart wagon carriage wheelbarrow",
        ("wooden cart", "hay wagon"),
        {"body": "wood", "frame": "dark wood", "metal": "iron", "straw": "straw"},
    ),
    "conifer": Family(
        nature.conifer,
        "conifer pine fir spruce tree",
        ("pine tree", "fir tree", "christmas tree"),
        {"needles": "needles", "bark": "bark"},
        _GROWN,
    ),
    "tree": Family(
        nature.broadleaf,
        "tree maple birch willow oak",
        ("tree", "oak tree with leaves", "leafy tree", "dead bare tree"),
        {"leaves": "leaves", "bark": "bark"},
        _GROWN,
    ),
    "palm": Family(
        nature.palm,
        "palm tree",
        ("palm tree", "coconut palm on a beach"),
        {"leaves": "leaves", "bark": "bark", "nut": "dark wood"},
        _GROWN,
    ),
    "bush": Family(
        nature.bush,
        "bush shrub hedge",
        ("green bush", "berry shrub"),
        {"leaves": "leaves", "fruit": "mushroom cap"},
        _GROWN,
    ),
    "stump": Family(
        nature.stump, "stump", ("tree stump", "cut tree trunk"), {"bark": "bark", "cut": "pale wood"}, _GROWN
    ),
    "rock": Family(
        nature.rock,
        "rock boulder stone crystal crystals gem",
        ("grey boulder", "large rock", "crystal cluster"),
        {"body": "stone", "base": "stone"},
    ),
    "mushroom": Family(
        nature.mushroom,
        "mushroom toadstool fungus",
        ("red mushroom", "toadstool with white spots"),
        {"cap": "mushroom cap", "stem": "mushroom stem", "spots": "cream"},
        _GROWN,
    ),
    "campfire": Family(
        nature.campfire,
        "campfire bonfire fire firepit",
        ("campfire with logs", "bonfire"),
        {"logs": "bark", "stones": "stone", "ash": "ash", "flame": "flame"},
        _GROWN,
    ),
    "sword": Family(
        weapons.sword,
        "sword dagger blade katana scimitar sabre knife",
        ("knight's sword", "longsword", "sharp dagger", "curved sabre"),
        {"body": "steel", "guard": "brass", "grip": "leather"},
    ),
    "axe": Family(
        weapons.axe,
        "axe hatchet",
        ("battle axe", "woodcutter's axe"),
        {"body": "steel", "handle": "wood", "wrap": "leather"},
    ),
    "hammer": Family(
        weapons.hammer,
        "hammer warhammer mallet sledgehammer mace",
        ("blacksmith's hammer", "war hammer"),
        {"body": "steel", "handle": "wood", "trim": "leather"},
    ),
    "shield": Family(
        weapons.shield,
        "shield buckler",
        ("knight's shield", "round viking shield"),
        {"body": "cloth", "trim": "steel", "emblem": "gold"},
    ),
    "anvil": Family(
        weapons.anvil,
        "anvil",
        ("blacksmith's anvil", "forge anvil on a block"),
        {"body": "iron", "block": "wood", "band": "iron"},
    ),
    "house": Family(
        architecture.house,
        "house hut cottage cabin home shack",
        ("village house", "small cottage", "wooden hut"),
        {
            "body": "plaster",
            "roof": "shingles",
            "timber": "dark wood",
            "base": "masonry",
            "door": "wood",
            "pane": "glow",
            "metal": "iron",
        },
    ),
    "tower": Family(
        architecture.tower,
        "tower turret watchtower",
        ("castle tower", "stone watchtower"),
        {"body": "masonry", "trim": "masonry", "door": "dark wood", "slit": "ash"},
    ),
    "fence": Family(
        architecture.fence,
        "fence railing palisade",
        ("picket fence", "wooden garden fence"),
        {"body": "wood"},
    ),
    "stairs": Family(
        architecture.stairs,
        "stairs staircase steps stairway",
        ("stone stairs", "staircase"),
        {"body": "stone", "rail": "dark wood"},
    ),
    "ladder": Family(architecture.ladder, "ladder", ("wooden ladder", "ladder to climb"), {"body": "wood"}),
    "column": Family(
        architecture.column, "column pillar", ("marble column", "temple pillar"), {"body": "marble"}
    ),
    "well": Family(
        architecture.well,
        "well",
        ("stone well with a roof", "village water well"),
        {
            "body": "stone",
            "timber": "wood",
            "roof": "shingles",
            "water": "water",
            "rope": "straw",
            "metal": "iron",
        },
    ),
    "door": Family(
        architecture.door,
        "door gate doorway",
        ("wooden door", "dungeon door with iron straps"),
        {"body": "wood", "frame": "dark wood", "metal": "iron"},
    ),
    "sign": Family(
        architecture.sign,
        "sign signpost signboard",
        ("wooden signpost", "tavern sign", "road sign with arrows"),
        {"body": "wood", "post": "dark wood", "stones": "stone", "metal": "iron"},
    ),
    "torch": Family(
        camp.torch,
        "torch sconce",
        ("burning torch", "wall torch"),
        {"body": "wood", "metal": "iron", "flame": "flame", "wrap": "burlap"},
    ),
    "sack": Family(
        camp.sack,
        "sack bag pouch",
        ("sack of grain", "bag of flour"),
        {"body": "burlap", "rope": "rope", "filling": "straw"},
    ),
    "log": Family(
        camp.log,
        "log logs firewood",
        ("log of wood", "pile of logs", "stack of firewood"),
        {"bark": "bark", "cut": "pale wood"},
        _GROWN,
    ),
    "hay bale": Family(
        camp.hay_bale, "bale hay haybale", ("bale of hay", "straw bale"), {"body": "hay", "twine": "rope"}
    ),
    "tent": Family(
        camp.tent,
        "tent",
        ("camping tent", "canvas tent"),
        {"body": "linen", "pole": "wood", "rope": "rope"},
    ),
    "banner": Family(
        camp.banner,
        "banner flag",
        ("castle banner", "flag on a pole"),
        {"body": "cloth", "trim": "gold", "pole": "dark wood"},
    ),
    "rug": Family(
        camp.rug,
        "rug carpet doormat mat",
        ("rug", "persian carpet", "round carpet"),
        {"body": "velvet", "trim": "rug border", "fringe": "linen"},
    ),
    "mug": Family(
        camp.mug,
        "mug cup tankard goblet chalice",
        ("mug of beer", "tankard", "golden goblet", "cup of coffee"),
        {"body": "wood", "trim": "iron", "foam": "cream", "drink": "drink"},
    ),
    "gravestone": Family(
        grounds.gravestone,
        "gravestone tombstone headstone grave",
        ("gravestone", "old tombstone", "stone cross on a grave"),
        {"body": "stone", "base": "stone"},
    ),
    "wall": Family(
        grounds.wall,
        "wall",
        ("stone wall", "garden wall", "ruined wall"),
        {"body": "masonry", "cap": "stone"},
    ),
    "bridge": Family(
        grounds.bridge,
        "bridge footbridge",
        ("wooden bridge", "stone bridge over a river"),
        {"body": "wood", "frame": "dark wood"},
    ),
    "flower": Family(
        grounds.flower,
        "flower flowers rose daisy tulip bouquet",
        ("flower", "bunch of flowers", "rose"),
        {"petals": "petal", "stem": "leaves", "heart": "brass"},
        _GROWN,
    ),
    "cactus": Family(
        grounds.cactus,
        "cactus",
        ("desert cactus",),
        {"body": "cactus", "blossom": "petal"},
        _GROWN,
    ),
    "spear": Family(
        weapons.spear,
        "spear staff wand lance javelin halberd quarterstaff",
        ("spear", "wizard's staff", "magic wand"),
        {"body": "steel", "handle": "wood", "wrap": "leather"},
    ),
}
