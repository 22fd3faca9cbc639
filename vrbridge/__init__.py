"""Generative AI for live VR scenes: dialogue, materials and props over one WebSocket."""

__version__ = "0.1.0"
