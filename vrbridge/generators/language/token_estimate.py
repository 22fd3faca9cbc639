"""How many tokens a text may take, without the model's tokenizer."""

# Byte-level vocabularies take about 4 characters of English a token; 3 leaves room for names and numbers.
_ASCII_PER_TOKEN = 3
# Chat templates put role names and marks around every message.
MESSAGE_TOKENS = 8


def estimate_tokens(text: str) -> int:
    """Return an upper estimate: every endpoint has its own vocabulary, and asking it costs a round trip.

    Other scripts take at most one token a byte of UTF-8, and rarely more than half of that.
    """
    n_ascii = len(text.encode("ascii", "ignore"))
    n_others = len(text.encode()) - n_ascii
    return n_ascii // _ASCII_PER_TOKEN + (n_others + 1) // 2 + 1
