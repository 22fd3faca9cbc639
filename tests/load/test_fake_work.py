"""Workers that make nothing but bytes."""

import time

from vrbridge.bench.fake_work import create
from vrbridge.jobs.outputs import ASSET, PROGRESS, RESULT

HANDLERS = create({"service_s": {"texture": 0.02, "mesh": 0.01}})
TEXTURE = {"seed": 1, "size_px": 64, "maps": ["base_color", "normal"]}


def test_a_material_takes_its_time_and_has_a_preview_and_the_maps_that_were_asked_for() -> None:
    started = time.perf_counter()
    *assets, end = HANDLERS["texture"](dict(TEXTURE))
    assert time.perf_counter() - started >= 0.02
    assert [name for name, _, _ in assets] == [ASSET] * 3
    assert [header["role"] for _, header, _ in assets] == ["preview", "base_color", "normal"]
    assert [len(data) for _, _, data in assets] == [4096, 2730, 2730]
    assert (end[0], end[1]["timing_ms"]["generate_ms"]) == (RESULT, 20)


def test_long_work_has_steps_between_which_it_can_be_stopped() -> None:
    steps = create({"service_s": {"mesh": 600.0}})["mesh"]({"seed": 1})
    (first, header, _), (second, _, _) = next(steps), next(steps)
    assert (first, second, round(header["fraction"], 9)) == (PROGRESS, PROGRESS, round(0.25 / 600, 9))


def test_the_same_seed_makes_the_same_bytes_and_no_other_does() -> None:
    bodies = [[bytes(data) for _, _, data in HANDLERS["mesh"]({"seed": seed})] for seed in (1, 1, 2)]
    assert bodies[0] == bodies[1]
    assert bodies[0] != bodies[2]
    assert [len(body) for body in bodies[0]] == [6000, 20000, 60000, 4000, 0]
