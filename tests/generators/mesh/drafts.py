"""Drafts of the rules, and what a shape generator of others is asked for with them."""

from tests.fakes import FakeTextEncoder
from vrbridge.generators.mesh.draft import Draft
from vrbridge.generators.mesh.model_source import ModelRequest
from vrbridge.generators.mesh.procedural import ProceduralMeshes


def draft_of(prompt: str, *, seed: int = 1) -> Draft:
    """Return what the rules make of a prompt."""
    return ProceduralMeshes(FakeTextEncoder()).draft(prompt, seed=seed)


def request_for(prompt: str, *, seed: int = 1, max_faces: int = 800) -> ModelRequest:
    """Return a request with such a draft."""
    return ModelRequest(prompt, seed, max_faces, draft_of(prompt, seed=seed))
