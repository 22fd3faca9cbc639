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
    metrics.sessions(3)
    metrics.resumed(succeeded=True)
    metrics.sent(100)
    metrics.request_ended("mesh", "done", first_s=0.1, total_s=0.5)
    metrics.job_started("mesh")
    metrics.backlog(2, 1.5)
    metrics.watch_part("mesh", lambda: False)
    values = _values(metrics)
    assert values["vrbridge_connections", ()] == 1
    assert values["vrbridge_closes_total", (("code", "4509"),)] == 1
    assert values["vrbridge_sessions", ()] == 3
    assert values["vrbridge_resumes_total", (("outcome", "resumed"),)] == 1
    assert values["vrbridge_sent_bytes_total", ()] == 100
    assert values["vrbridge_requests_total", (("kind", "mesh"), ("outcome", "done"))] == 1
    assert values["vrbridge_request_seconds_sum", (("kind", "mesh"),)] == 0.5
    assert values["vrbridge_jobs_running", ()] == 1
    assert values["vrbridge_backlog_seconds", ()] == 1.5
    assert values["vrbridge_ready", (("part", "mesh"),)] == 0


def test_two_servers_in_one_process_count_for_themselves() -> None:
    first, second = Metrics(), Metrics()
    first.sent(1)
    assert _values(second)["vrbridge_messages_sent_total", ()] == 0
