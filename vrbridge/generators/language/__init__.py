"""Words: characters, prompts and language models."""
