"""Scripts of walks."""

from pathlib import Path

import pytest

from vrbridge.client.demo.scene import SceneError, load_scene
from vrbridge.settings import assets_dir

VILLAGE = assets_dir() / "scenes" / "village.toml"


def test_the_village_has_all_that_a_demo_shows() -> None:
    scene = load_scene(VILLAGE)
    wanted = [ask for ask in scene.asks if not ask.cancel]
    assert sum(ask.kind == "texture" for ask in wanted) == 6
    assert sum(ask.kind == "mesh" for ask in wanted) == 6
    assert sum(ask.cancel for ask in scene.asks) == 1
    assert sum(ask.instead_of is not None for ask in scene.asks) == 1
    assert sum(ask.drop for ask in scene.asks) == 1
    assert all(ask.slot for ask in scene.asks if ask.instead_of is not None)
    assert len({stop.talk.npc for stop in scene.stops if stop.talk is not None}) == 3
    assert any(line.actions for line in scene.lines)
    assert any(line.heard < 1 for line in scene.lines)


def test_things_that_are_asked_for_are_in_sight_of_their_stop() -> None:
    scene = load_scene(VILLAGE)
    for stop in scene.stops:
        seen = [stop.focus, *(line.focus for line in (stop.talk.lines if stop.talk else ()) if line.focus)]
        seen += [stop.talk.object] if stop.talk else []
        for name in seen:
            x, _, z = scene.things[name].position
            distance_m = ((x - stop.position[0]) ** 2 + (z - stop.position[1]) ** 2) ** 0.5
            assert distance_m < scene.see_m, name


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('focus = "sword"', 'focus = "axe"', "no such object"),
        ('"give_item", "open_door"]', '"sing"]', "no such action"),
        ("speed_m_s = 2.2", "sped_m_s = 2.2", "damaged"),
        ("[[object]]", "[[object", "damaged"),
        ('prompt = "mossy stone wall"', "", "damaged"),
    ],
)
def test_a_mistake_in_a_script_is_said(tmp_path: Path, old: str, new: str, reason: str) -> None:
    text = VILLAGE.read_text("utf-8")
    assert old in text
    file = tmp_path / "mine.toml"
    file.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(SceneError, match=reason):
        load_scene(file)


def test_a_missing_script_is_said(tmp_path: Path) -> None:
    with pytest.raises(SceneError, match="Can't read"):
        load_scene(tmp_path / "none.toml")
