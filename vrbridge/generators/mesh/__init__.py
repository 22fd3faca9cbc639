"""Things to place."""

PARAMETRIC = "parametric"
"""Name of the generator that needs no weights: rules."""

MODEL = "parametric-meshes-1"
"""Named in `meta.model`; a change of what the same seed gives changes the number."""
