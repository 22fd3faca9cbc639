from vrbridge.generators.mesh.words import describe


def test_adjectives_become_factors() -> None:
    said = describe("a tall narrow tiny table")
    assert said.height > 1 > said.width
    assert said.size < 0.5


def test_numbers_are_read_as_words_and_digits() -> None:
    assert describe("three-legged stool").count == 3
    assert describe("stairs with 12 steps").count == 12
    assert describe("stairs").count is None


def test_a_number_of_any_length_is_bounded() -> None:
    assert describe("ladder with " + "9" * 5000 + " rungs").count == 24


def test_what_follows_with_is_said_of_a_part() -> None:
    said = describe("oak chest with red iron bands")
    assert said.substances == ("wood",)
    assert said.accent_substances == ("iron",)
    assert said.colors == ()
    assert said.accent_colors == ("red",)


def test_a_repeated_adjective_counts_once() -> None:
    assert describe("big big big rock").size == describe("big rock").size
