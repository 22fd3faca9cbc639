"""The Python client and the headless scene."""

from vrbridge.client.client import Client
from vrbridge.client.errors import AssetDamaged, CannotConnect, ClientError, RequestFailed, SessionLost
from vrbridge.client.events import (
    Accepted,
    ActionEvent,
    AnswerDone,
    Asset,
    Done,
    Progressed,
    Restarted,
    TextPiece,
)
from vrbridge.client.results import Material, Mesh
from vrbridge.client.ticket import Ticket

__all__ = [
    "Accepted",
    "ActionEvent",
    "AnswerDone",
    "Asset",
    "AssetDamaged",
    "CannotConnect",
    "Client",
    "ClientError",
    "Done",
    "Material",
    "Mesh",
    "Progressed",
    "RequestFailed",
    "Restarted",
    "SessionLost",
    "TextPiece",
    "Ticket",
]
