"""Counters in Prometheus' text format."""

from prometheus_client.parser import text_string_to_metric_families

from vrbridge.metrics import Metrics


def _values(metrics: Metrics) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    families = text_string_to_metric_families(metrics.exposition().decode())
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def test_what_happened_is_counted_under_names_that_prometheus_reads() -> None:
    metrics = Metrics()
    metrics.connection_opened()
    metrics.connection_opened()
    metrics.connection_closed(4509)
    metrics.watch_sessions(lambda: 3, lambda: 1)
    metrics.taken_over()
    metrics.replayed(7)
    metrics.stalled()
    metrics.abandoned()
    metrics.lost()
    metrics.evicted()
    metrics.received()
    metrics.waited("dialogue", 0.004)
    metrics.round_trip(0.03)
    metrics.resumed(succeeded=True)
    metrics.sent(100)
    metrics.request_ended("mesh", "done", first_s=0.1, total_s=0.5)
    metrics.job_started("mesh")
    metrics.learned("texture", "parametric 512 cpu", 0.4)
    metrics.degraded("texture")
    metrics.wasted("mesh", "superseded", 0.5)
    metrics.backlog(2, 1.5)
    metrics.watch_part("mesh", lambda: False)
    metrics.memory_lost("conversations")
    metrics.watch_workers(n_ready=lambda: 1, n_configured=lambda: 2)
    metrics.workers_run_on(["cuda:0", "cuda:1"], model="Fake 4000", dtype="bfloat16", memory_bytes=8 << 30)
    metrics.watch_answers(n_running=lambda: 8, n_waiting=lambda: 3)
    metrics.shared_read("result", "hit", 0.02)
    metrics.shared_read("asset", "skipped")
    metrics.shared_upload("failed")
    metrics.watch_shared(lambda: 7000)
    values = _values(metrics)
    assert values["vrbridge_shared_reads_total", (("outcome", "hit"), ("what", "result"))] == 1
    assert values["vrbridge_shared_read_seconds_sum", (("what", "result"),)] == 0.02
    assert ("vrbridge_shared_read_seconds_sum", (("what", "asset"),)) not in values
    assert values["vrbridge_shared_uploads_total", (("outcome", "failed"),)] == 1
    assert values["vrbridge_shared_waiting_bytes", ()] == 7000
    assert values["vrbridge_connections", ()] == 1
    assert values["vrbridge_closes_total", (("code", "4509"),)] == 1
    assert values["vrbridge_sessions", ()] == 3
    assert values["vrbridge_sessions_away", ()] == 1
    assert values["vrbridge_takeovers_total", ()] == 1
    assert values["vrbridge_messages_replayed_total", ()] == 7
    assert values["vrbridge_stalls_total", ()] == 1
    assert values["vrbridge_requests_abandoned_total", ()] == 1
    assert values["vrbridge_sessions_lost_total", ()] == 1
    assert values["vrbridge_sessions_evicted_total", ()] == 1
    assert values["vrbridge_messages_received_total", ()] == 1
    assert values["vrbridge_messages_sent_total", ()] == 1
    assert values["vrbridge_message_wait_seconds_sum", (("urgency", "dialogue"),)] == 0.004
    assert values["vrbridge_round_trip_seconds_sum", ()] == 0.03
    assert values["vrbridge_resumes_total", (("outcome", "resumed"),)] == 1
    assert values["vrbridge_sent_bytes_total", ()] == 100
    assert values["vrbridge_requests_total", (("kind", "mesh"), ("outcome", "done"))] == 1
    assert values["vrbridge_request_seconds_sum", (("kind", "mesh"),)] == 0.5
    size = (("kind", "texture"), ("size", "parametric 512 cpu"))
    assert values["vrbridge_job_expected_seconds", size] == 0.4
    assert values["vrbridge_requests_degraded_total", (("kind", "texture"),)] == 1
    wasted = (("kind", "mesh"), ("reason", "superseded"))
    assert values["vrbridge_wasted_seconds_total", wasted] == 0.5
    assert values["vrbridge_jobs_running", ()] == 1
    assert values["vrbridge_backlog_seconds", ()] == 1.5
    assert values["vrbridge_ready", (("part", "mesh"),)] == 0
    assert values["vrbridge_memory_lost_total", (("part", "conversations"),)] == 1
    assert values["vrbridge_workers", (("state", "ready"),)] == 1
    assert values["vrbridge_workers", (("state", "configured"),)] == 2
    for number, device in enumerate(("cuda:0", "cuda:1")):
        assert values["vrbridge_worker_device", (("device", device), ("worker", str(number)))] == 1
    card = (("dtype", "bfloat16"), ("model", "Fake 4000"))
    assert values["vrbridge_device_memory_bytes", card] == 8 << 30
    assert values["vrbridge_answers", (("state", "running"),)] == 8
    assert values["vrbridge_answers", (("state", "waiting"),)] == 3


def test_two_servers_in_one_process_count_for_themselves() -> None:
    first, second = Metrics(), Metrics()
    first.sent(1)
    assert _values(second)["vrbridge_messages_sent_total", ()] == 0
