"""Seamless materials."""

PARAMETRIC = "parametric"
"""Name of the generator that needs no weights: rules."""

MODEL = "parametric-textures-1"
"""Named in `meta.model`; a change of what the same seed gives changes the number."""

FILTER_MAPS = "filter-maps-1"
"""Likewise, for maps that filters read off a picture."""
