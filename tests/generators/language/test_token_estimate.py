"""The estimate covers what a real vocabulary takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vrbridge.generators.language.token_estimate import estimate_tokens


@pytest.mark.parametrize(
    ("text", "n_tokens"),
    [
        # Counted with the tokenizer of SmolLM2.
        ("Take the king's road north. Hexham is a day on foot.", 15),
        ("", 0),
        ("Grüß Gott, wie geht es Ihnen heute?", 16),
        ("こんにちは、元気ですか", 20),
        ("Привет, как дела сегодня?", 19),
    ],
)
def test_real_counts_are_covered(text: str, n_tokens: int) -> None:
    assert n_tokens <= estimate_tokens(text) <= 2 * n_tokens + 2


@given(st.text(), st.text())
def test_more_text_never_takes_less(one: str, other: str) -> None:
    assert estimate_tokens(one + other) >= estimate_tokens(one)
    assert estimate_tokens(one + other) <= estimate_tokens(one) + estimate_tokens(other) + 2
