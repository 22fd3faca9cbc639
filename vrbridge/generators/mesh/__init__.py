"""Props made from parameters: prompt → plan → parts with levels of detail."""

MODEL = "parametric-meshes-1"
"""Named in `meta.model`; a change of what the same seed gives changes the number."""
