"""Seamless materials."""

MODEL = "parametric-textures-1"
"""Named in `meta.model`; a change of what the same seed gives changes the number."""
