"""What `vrbridge doctor` says about what builds things."""

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

from vrbridge.cli.finding import Finding
from vrbridge.errors import SettingsError
from vrbridge.settings import Settings

_NAME = "mesh back end"
_CONNECT_S = 3.0
_PORTS = {"http": 80, "https": 443}


def check_mesh_back_end(settings: Settings) -> Iterator[Finding]:
    """Yield what there is to say about the back end that the settings name; it is not asked for a model."""
    mesh = settings.mesh
    if mesh.backend == "embedded":
        yield Finding(_NAME, True, f"embedded, {mesh.generator}")
        return
    # Here and not on top: the other commands start faster without it.
    from vrbridge.generators.mesh.back_ends import chosen

    try:
        chosen(mesh)
    except SettingsError as error:
        fix = 'Correct the setting, or take the embedded generator: `[mesh] backend = "embedded"`.'
        yield Finding(_NAME, False, error.message, fix)
        return
    if mesh.backend == "shap-e":
        yield Finding(_NAME, True, f"Shap-E, {mesh.shap_e.model}, after {mesh.generator}")
        return
    parts = urlsplit(mesh.http.url)
    address = (str(parts.hostname), parts.port or _PORTS[parts.scheme])
    try:
        socket.create_connection(address, _CONNECT_S).close()
    except OSError:
        fix = "Start it, or correct `mesh.http.url`; until then what is built first stays."
        yield Finding(_NAME, False, f"nobody listens at {parts.netloc}", fix)
        return
    yield Finding(_NAME, True, f"{parts.netloc} listens, after {mesh.generator}")
