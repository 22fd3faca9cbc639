"""Readers of the model formats of free games, which no maintained library reads as those games do."""
