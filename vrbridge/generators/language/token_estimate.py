"""How many tokens a text may take, without the model's tokenizer."""

# Byte-level vocabularies take 3.5–4.5 characters of English a token, and about 2.2 of other languages of
# Europe; other scripts take up to 0.65 tokens a byte of UTF-8 (measured with SmolLM2's).
_ASCII_PER_TOKEN = 2.5
_TOKENS_PER_OTHER_BYTE = 0.7
# Chat templates put role names and marks around every message.
MESSAGE_TOKENS = 8


def estimate_tokens(text: str) -> int:
    """Return an estimate that is rarely too low.

    Every endpoint has its own vocabulary, and asking it costs a round trip before the first word.
    """
    n_ascii = len(text.encode("ascii", "ignore"))
    n_others = len(text.encode()) - n_ascii
    return int(n_ascii / _ASCII_PER_TOKEN + n_others * _TOKENS_PER_OTHER_BYTE) + 1
