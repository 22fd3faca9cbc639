from vrbridge.generators.mesh.traits import Traits


def test_a_number_is_kept_within_bounds() -> None:
    assert Traits(seed=1).n(4, 2, 8) == 4
    assert Traits(seed=1, count=1).n(4, 2, 8) == 2
    assert Traits(seed=1, count=99).n(4, 2, 8) == 8


def test_every_generator_starts_anew() -> None:
    traits = Traits(seed=9)
    assert traits.rng().random() == traits.rng().random()


def test_one_of_the_flags_is_enough() -> None:
    traits = Traits(seed=1, flags=frozenset({"round"}))
    assert traits.has("square", "round")
    assert not traits.has("square")
