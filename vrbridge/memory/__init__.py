"""What is kept: conversations, assets and models."""
