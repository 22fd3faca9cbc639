"""`vrbridge doctor`: what is missing, and how to get it."""

import importlib.metadata
import importlib.util
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from vrbridge import settings as configuration
from vrbridge.cli.back_end_check import check_back_end
from vrbridge.cli.finding import Finding
from vrbridge.cli.memory_check import check_memory
from vrbridge.cli.mesh_back_end_check import check_mesh_back_end
from vrbridge.cli.model_setup import catalogue_of, needed_models
from vrbridge.cli.private_server import is_listening
from vrbridge.cli.shared_assets_check import check_shared_assets
from vrbridge.cli.terminal import out
from vrbridge.errors import SettingsError, VrbridgeError
from vrbridge.generators.device_choice import DeviceFacts, chosen, devices_here
from vrbridge.settings import Settings

_MIN_FREE_BYTES = 1 << 30
_ENDPOINT_TIMEOUT_S = 5.0


def doctor(
    config: Annotated[Path | None, typer.Option(help="Settings file; vrbridge.toml by default.")] = None,
    data: Annotated[Path | None, typer.Option(help="The server's --data folder.")] = None,
) -> None:
    """Check what the server needs and say how to get what is missing.

    Exit code 1 if something is missing that the server can't do without.
    """
    flags = {"memory": {"data": str(data) if data is not None else None}}
    settings = configuration.load(config, flags=flags)
    findings = list(examine(settings))
    for finding in findings:
        mark = (
            "[green]✓[/green]"
            if finding.is_good
            else "[yellow]![/yellow]"
            if finding.is_optional
            else "[red]✗[/red]"
        )
        out.print(f"{mark} {finding.name}: {escape(finding.detail)}")
        if finding.fix and not finding.is_good:
            out.print(f"    {escape(finding.fix)}")
    if any(not finding.is_good and not finding.is_optional for finding in findings):
        raise typer.Exit(1)


def examine(
    settings: Settings, *, devices: Callable[[], Sequence[DeviceFacts]] = devices_here
) -> Iterator[Finding]:
    """Yield the finding of every check.

    Args:
        settings: All of them.
        devices: Returns those of this machine.
    """
    yield _python()
    yield from _packages()
    yield _device(settings, devices)
    yield from _models(settings)
    yield _endpoint(settings)
    yield from check_back_end(settings)
    yield from check_mesh_back_end(settings)
    yield check_memory(settings)
    yield check_shared_assets(settings.assets)
    yield _folder("data folder", settings.data_dir, "Choose another with --data or `memory.data`.")
    yield _folder("cache folder", settings.cache_dir, "Choose another with `memory.cache`.")
    yield _disk(settings.cache_dir)
    yield _port(settings)
    yield _authentication(settings)
    yield _node()


def _python() -> Finding:
    version = ".".join(str(part) for part in sys.version_info[:3])
    fix = "Install Python 3.11 or newer and make the environment again."
    return Finding("python", sys.version_info >= (3, 11), version, fix)


def _packages() -> Iterator[Finding]:
    for module, use in (("torch", "textures and meshes"), ("xllamacpp", "the embedded language model")):
        is_here = importlib.util.find_spec(module) is not None
        version = importlib.metadata.version(module) if is_here else "not here"
        yield Finding(
            module, is_here, f"{version}, for {use}", f"`pip install {module}` in this environment."
        )


def _device(settings: Settings, devices: Callable[[], Sequence[DeviceFacts]]) -> Finding:
    fix = 'Correct `gpu.device`, or leave it out: "auto" takes what is there.'
    try:
        here = {device.name: device for device in devices()}
        name = chosen(settings.gpu.device, tuple(here))
    except SettingsError as error:
        return Finding("device", False, error.message, fix)
    found = here[name]
    memory = f", {found.memory_bytes / 1e9:.1f} GB" if found.memory_bytes else ""
    bound = settings.gpu.max_vram_mb
    bounded = f", {bound} MB of it for vrbridge" if bound and memory else ""
    model = f" ({found.model}{memory}{bounded})" if found.model else ""
    return Finding("device", True, f"networks run on {name}{model} in {found.dtype}")


def _models(settings: Settings) -> Iterator[Finding]:
    try:
        catalogue = catalogue_of(settings)
        for name in needed_models(settings, catalogue):
            is_here = catalogue.path(name) is not None
            fix = f"`vrbridge models pull {name}` ({catalogue.entry(name).bytes / 1e6:.0f} MB)."
            yield Finding(f"model {name}", is_here, "here" if is_here else "not here", fix)
    except VrbridgeError as error:
        yield Finding("models", False, error.message, "`vrbridge models list` shows what there is.")


def _endpoint(settings: Settings) -> Finding:
    url = settings.dialogue.url
    if url is None:
        return Finding("language model", True, f"embedded, {settings.dialogue.model}")
    variable = settings.dialogue.api_key_env
    key = os.environ.get(variable, "") if variable else ""
    if variable and not key:
        return Finding("language model", False, f"{variable} is not set", f"Export {variable} with its key.")
    # Here and not on top: the other commands start faster without it.
    import httpx

    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        answer = httpx.get(f"{url.rstrip('/')}/models", headers=headers, timeout=_ENDPOINT_TIMEOUT_S)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        fix = "Start it, or correct `dialogue.url`; without that setting the embedded model speaks."
        return Finding("language model", False, f"{url} does not answer ({type(error).__name__})", fix)
    fix = "Check `dialogue.url` (it mostly ends in /v1) and the key in `dialogue.api_key_env`."
    return Finding("language model", answer.is_success, f"{url} answers HTTP {answer.status_code}", fix)


def _folder(name: str, folder: Path, fix: str) -> Finding:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        return Finding(name, False, f"{folder}: {error.strerror}", fix)
    return Finding(name, True, str(folder))


def _disk(folder: Path) -> Finding:
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    fix = "Models and generated assets need about 1 GB; make room or move `memory.cache` and `memory.data`."
    return Finding("disk", free >= _MIN_FREE_BYTES, f"{free / 1e9:.1f} GB free", fix)


def _port(settings: Settings) -> Finding:
    host, port = settings.server.host, settings.server.port
    if port == 0:
        return Finding("port", True, "any free one")
    is_taken = is_listening(f"ws://{'127.0.0.1' if host in ('0.0.0.0', '::', '') else host}:{port}/ws")  # noqa: S104  # compared, not bound
    fix = "If that is not a vrbridge server of yours, choose another with --port."
    return Finding(
        "port", not is_taken, f"{port} is {'taken' if is_taken else 'free'}", fix, is_optional=True
    )


def _authentication(settings: Settings) -> Finding:
    is_local = settings.server.host in ("127.0.0.1", "::1", "localhost")
    if is_local and settings.server.authentication is not True:
        return Finding("access", True, "this machine only, no token needed")
    text = "players need tokens: `vrbridge token create --player NAME`"
    return Finding("access", True, text)


def _node() -> Finding:
    found = shutil.which("node")
    return Finding(
        "node",
        found is not None,
        found or "not found",
        "Only the tests of the WebXR client need it.",
        is_optional=True,
    )
