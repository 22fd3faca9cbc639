"""The script of a walk: what there is, where the player goes, what they ask and say."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vrbridge.client.errors import ClientError


class SceneError(ClientError):
    """A scene file that can't be used; the message says where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """Something, or somebody, in the scene; `position` in metres, +Y up."""

    id: str
    name: str
    position: tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A material or a prop for a thing.

    Args:
        kind: `texture` or `mesh`.
        object: Id of the thing that gets it.
        prompt: What it looks like.
        size_px: Edge of a material; None: the scene's.
        slot: See `Client.request`.
        instead_of: A prompt that is asked first, and superseded through the slot once it is accepted.
        cancel: Cancel it once it is accepted.
        drop: Lose the connection in the middle of its first large asset.
    """

    kind: str
    object: str
    prompt: str
    size_px: int | None = None
    slot: str | None = None
    instead_of: str | None = None
    cancel: bool = False
    drop: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Something the player says.

    Args:
        text: The words.
        focus: Id of what they look at meanwhile; None: the person.
        actions: Names of what the person is offered to do.
        heard: How much of the answer they stay for, 0–1.
    """

    text: str
    focus: str | None = None
    actions: tuple[str, ...] = ()
    heard: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """A conversation: `npc` is the server's name of the character, `object` the thing that it is."""

    npc: str
    object: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A place on the way.

    Args:
        place: Its name, part of the context.
        position: x and z in metres.
        focus: Id of what the player looks at there.
        state: Anything else that characters should know.
        asks: Sent when the player sets out for it.
        talk: Held on arrival.
    """

    place: str
    position: tuple[float, float]
    focus: str
    state: Mapping[str, Any]
    asks: tuple[Ask, ...]
    talk: Talk | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """The whole walk.

    Args:
        title: For people.
        text: For people.
        speed_m_s: Of walking.
        eye_height_m: Above the floor.
        see_m: What is nearer is in the context.
        start: x and z in metres.
        seed: Of everything that is asked for.
        texture_px: Edge of materials.
        prop_texture_px: Edge of the textures of props.
        things: By id.
        actions: What characters can be offered, by name, as the protocol has it.
        stops: In order.
    """

    title: str
    text: str
    speed_m_s: float
    eye_height_m: float
    see_m: float
    start: tuple[float, float]
    seed: int
    texture_px: int
    prop_texture_px: int
    things: Mapping[str, Thing]
    actions: Mapping[str, Mapping[str, Any]]
    stops: tuple[Stop, ...]

    @property
    def asks(self) -> Sequence[Ask]:
        """Everything that is asked for on the way."""
        return [ask for stop in self.stops for ask in stop.asks]

    @property
    def lines(self) -> Sequence[Line]:
        """Everything that is said on the way."""
        return [line for stop in self.stops if stop.talk is not None for line in stop.talk.lines]


def load_scene(file: Path) -> Scene:
    """Return the scene of a TOML file.

    Raises:
        SceneError: If it can't be read, or something in it is missing or names what there is not.
    """
    try:
        document = tomllib.loads(file.read_text("utf-8"))
        scene = _scene(document)
    except OSError as error:
        raise SceneError(f"Can't read the scene {file.name}: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, TypeError, ValueError, KeyError) as error:
        raise SceneError(f"The scene {file.name} is damaged: {error}.") from error
    for name in _used(scene):
        if name not in scene.things:
            raise SceneError(f"The scene {file.name} uses {name!r} but has no such object.")
    for line in scene.lines:
        for action in line.actions:
            if action not in scene.actions:
                raise SceneError(f"The scene {file.name} uses {action!r} but has no such action.")
    return scene


def _scene(document: dict[str, Any]) -> Scene:
    things = [Thing(**entry | {"position": tuple(entry["position"])}) for entry in document.pop("object")]
    actions = {entry["name"]: entry for entry in document.pop("action", [])}
    stops = tuple(_stop(entry) for entry in document.pop("stop"))
    start = tuple(document.pop("start"))
    return Scene(
        things={thing.id: thing for thing in things}, actions=actions, stops=stops, start=start, **document
    )


def _stop(entry: dict[str, Any]) -> Stop:
    asks = tuple(Ask(**ask) for ask in entry.pop("ask", []))
    talk = entry.pop("talk", None)
    position = tuple(entry.pop("position"))
    state = entry.pop("state", {})
    return Stop(
        asks=asks, talk=_talk(talk) if talk is not None else None, position=position, state=state, **entry
    )


def _talk(entry: dict[str, Any]) -> Talk:
    lines = tuple(Line(**line | {"actions": tuple(line.get("actions", ()))}) for line in entry.pop("line"))
    return Talk(lines=lines, **entry)


def _used(scene: Scene) -> list[str]:
    used = [ask.object for ask in scene.asks] + [stop.focus for stop in scene.stops]
    used += [stop.talk.object for stop in scene.stops if stop.talk is not None]
    return used + [line.focus for line in scene.lines if line.focus is not None]
