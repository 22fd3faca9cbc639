"""Every worker gets a device that is there, and no more of it than its share."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vrbridge.errors import SettingsError
from vrbridge.generators import device
from vrbridge.generators.device_choice import (
    DeviceFacts,
    check_device,
    chosen,
    devices_here,
    memory_share,
    spread,
)

NO_CARD = ("cpu",)
ONE_CARD = ("cuda:0", "cpu")
TWO_CARDS = ("cuda:0", "cuda:1", "cpu")
APPLE = ("mps", "cpu")


@pytest.mark.parametrize(
    ("wanted", "here", "names"),
    [
        ("auto", NO_CARD, ("cpu", "cpu", "cpu")),
        ("auto", APPLE, ("cpu", "cpu", "cpu")),
        ("auto", ONE_CARD, ("cuda:0", "cuda:0", "cuda:0")),
        ("auto", TWO_CARDS, ("cuda:0", "cuda:1", "cuda:0")),
        ("cuda", ONE_CARD, ("cuda:0", "cuda:0", "cuda:0")),
        ("cuda", TWO_CARDS, ("cuda:0", "cuda:1", "cuda:0")),
        ("cuda:1", TWO_CARDS, ("cuda:1", "cuda:1", "cuda:1")),
        ("cpu", TWO_CARDS, ("cpu", "cpu", "cpu")),
        ("mps", APPLE, ("mps", "mps", "mps")),
    ],
)
def test_workers_take_turns_at_the_cards(wanted: str, here: tuple[str, ...], names: tuple[str, ...]) -> None:
    assert spread(wanted, here, n_workers=3) == names
    assert chosen(wanted, here, number=2) == names[2]


@pytest.mark.parametrize(
    ("wanted", "here"),
    [
        ("cuda", NO_CARD),
        ("cuda", APPLE),
        ("cuda:2", TWO_CARDS),
        ("mps", ONE_CARD),
        ("tpu", TWO_CARDS),
        ("", APPLE),
    ],
)
def test_a_device_that_is_not_there_is_refused_with_those_that_are(
    wanted: str, here: tuple[str, ...]
) -> None:
    with pytest.raises(SettingsError) as refused:
        chosen(wanted, here)
    assert "`gpu.device`" in refused.value.message
    assert ", ".join(here) in refused.value.message


@given(
    bound_mb=st.integers(1, 1 << 20),
    memory_bytes=st.integers(1 << 28, 1 << 40),
    n_workers=st.integers(1, 32),
)
def test_workers_of_a_card_never_take_more_than_the_bound_together(
    bound_mb: int, memory_bytes: int, n_workers: int
) -> None:
    share = memory_share(bound_mb, memory_bytes, n_workers)
    assert 0 < share <= 1
    assert share * memory_bytes * n_workers <= max(bound_mb << 20, n_workers) * 1.0001
    if bound_mb << 20 < memory_bytes:
        assert share * memory_bytes * n_workers == pytest.approx(bound_mb << 20)


def test_a_kind_is_what_cards_of_one_make_have_in_common() -> None:
    assert [DeviceFacts(name=name).kind for name in (*TWO_CARDS, "mps")] == ["cuda", "cuda", "cpu", "mps"]


def test_another_process_says_what_this_one_would() -> None:
    here = devices_here()
    assert tuple(found.name for found in here) == device.names_here()
    assert here[-1] == device.opened("cpu").facts


def test_a_device_that_this_machine_lacks_is_noticed_before_workers_start() -> None:
    with pytest.raises(SettingsError, match=r"no 'cuda:99'; it has .*cpu"):
        check_device("cuda:99")


def test_devices_that_every_machine_has_are_not_looked_for() -> None:
    code = (
        "import subprocess, sys\n"
        "from vrbridge.generators.device_choice import check_device\n"
        "sys.addaudithook(lambda event, _: sys.exit(3) if event == 'subprocess.Popen' else None)\n"
        "check_device('auto'); check_device('cpu'); sys.exit('torch' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
