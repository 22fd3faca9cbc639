"""Where the player is and what they look at; time is passed in."""

import math
from collections.abc import Mapping
from typing import Any

from vrbridge.client.demo.scene import Scene, Thing

# A person's gaze is above the middle of most things.
_LOOK_HEIGHT_M = 0.9


class Body:
    """A player who walks on a floor.

    Args:
        scene: The world around.
    """

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._x, self._z = scene.start
        self._target = scene.start
        self.focus: str | None = None
        self.place: str | None = None
        self.state: Mapping[str, Any] = {}

    @property
    def position(self) -> tuple[float, float]:
        """x and z in metres."""
        return self._x, self._z

    @property
    def is_there(self) -> bool:
        """Whether the way has been walked to its end."""
        return self.position == self._target

    def walk_to(self, position: tuple[float, float]) -> None:
        """Set out for a place."""
        self._target = position

    def step(self, elapsed_s: float) -> None:
        """Go on for a while; the end of the way is met exactly."""
        across, along = self._target[0] - self._x, self._target[1] - self._z
        left_m, step_m = math.hypot(across, along), self._scene.speed_m_s * elapsed_s
        if left_m <= step_m:
            self._x, self._z = self._target
            return
        self._x += across * step_m / left_m
        self._z += along * step_m / left_m

    def context(self) -> dict[str, Any]:
        """Return what `Client.update_context` takes."""
        gaze = self._gaze()
        yaw = math.atan2(-gaze[0], -gaze[2])
        eye = [round(self._x, 3), self._scene.eye_height_m, round(self._z, 3)]
        near = sorted(
            (thing for thing in self._scene.things.values() if self._distance_m(thing) < self._scene.see_m),
            key=self._distance_m,
        )
        return {
            "head": {"position": eye, "orientation": [0.0, math.sin(yaw / 2), 0.0, math.cos(yaw / 2)]},
            "gaze": list(gaze),
            "focus": self.focus,
            "place": self.place,
            "nearby": [
                {"id": thing.id, "name": thing.name, "position": list(thing.position)} for thing in near
            ],
            "state": dict(self.state),
        }

    def _gaze(self) -> tuple[float, float, float]:
        """Return the unit vector to what is looked at, or ahead."""
        if self.focus is None:
            across, down, along = self._target[0] - self._x, 0.0, self._target[1] - self._z
        else:
            x, y, z = self._scene.things[self.focus].position
            down = max(y, _LOOK_HEIGHT_M) - self._scene.eye_height_m
            across, along = x - self._x, z - self._z
        length = math.hypot(across, down, along)
        return (across / length, down / length, along / length) if length else (0.0, 0.0, -1.0)

    def _distance_m(self, thing: Thing) -> float:
        return math.hypot(thing.position[0] - self._x, thing.position[2] - self._z)
