"""Peers that read nothing, say nothing or vanish cost nobody else anything."""

from pathlib import Path

from tests.chaos import hostile
from tests.chaos.short import play_short


async def test_a_peer_that_never_reads_is_aborted_and_can_resume(tmp_path: Path) -> None:
    await play_short(hostile.never_reads, tmp_path)


async def test_a_peer_that_reads_one_byte_a_second_is_aborted_and_can_resume(tmp_path: Path) -> None:
    await play_short(hostile.reads_one_byte_a_second, tmp_path)


async def test_a_connection_that_died_without_a_word_is_noticed_and_resumed(tmp_path: Path) -> None:
    await play_short(hostile.half_open, tmp_path)


async def test_handshakes_that_never_end_are_ended(tmp_path: Path) -> None:
    await play_short(hostile.slow_handshakes, tmp_path)


async def test_many_slow_handshakes_keep_nobody_out(tmp_path: Path) -> None:
    stage = await play_short(hostile.crowd_of_slow_handshakes, tmp_path)
    assert stage.figures["slow_peers"] == 3 * int(stage.figures["kept_open"])


async def test_slow_peers_do_not_keep_the_server_from_stopping(tmp_path: Path) -> None:
    await play_short(hostile.stop_with_slow_peers, tmp_path)
