"""Counters and histograms, in Prometheus' text format."""

from collections.abc import Callable, Iterator, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import CounterMetricFamily
from prometheus_client.registry import Collector

MEDIA_TYPE = CONTENT_TYPE_LATEST

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 60.0)
_WAIT_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
_LAG_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1.0)


class _Traffic(Collector):
    """What is counted for every message, in plain numbers: a counter's lock costs more than its message."""

    def __init__(self) -> None:
        self.n_received = 0
        self.n_sent = 0
        self.sent_bytes = 0

    def collect(self) -> Iterator[CounterMetricFamily]:
        """Return the numbers as they are now."""
        for name, text, value in (
            ("vrbridge_messages_received", "Messages of clients.", self.n_received),
            ("vrbridge_messages_sent", "Messages to clients.", self.n_sent),
            ("vrbridge_sent_bytes", "Bytes of messages to clients.", self.sent_bytes),
        ):
            yield CounterMetricFamily(name, text, value=value)


class Metrics:
    """Everything that the server counts; labels hold names out of fixed sets, never what players say."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        registry = self._registry
        self._connections = Gauge("vrbridge_connections", "Open connections.", registry=registry)
        self._sessions = Gauge("vrbridge_sessions", "Sessions, connected or not.", registry=registry)
        self._away = Gauge(
            "vrbridge_sessions_away", "Sessions that wait for their player to come back.", registry=registry
        )
        self._resumes = Counter(
            "vrbridge_resumes", "Attempts to resume a session.", ["outcome"], registry=registry
        )
        self._takeovers = Counter(
            "vrbridge_takeovers", "Connections closed because another one went on.", registry=registry
        )
        self._replayed = Counter(
            "vrbridge_messages_replayed",
            "Messages that resumed sessions still had to get.",
            registry=registry,
        )
        self._stalls = Counter(
            "vrbridge_stalls", "Connections aborted because nothing was taken.", registry=registry
        )
        self._abandoned = Counter(
            "vrbridge_requests_abandoned", "Requests stopped because nobody came back.", registry=registry
        )
        self._lost = Counter(
            "vrbridge_sessions_lost",
            "Sessions that could not go on because an asset was gone.",
            registry=registry,
        )
        self._evicted = Counter(
            "vrbridge_sessions_evicted",
            "Sessions given up before their time because too many waited.",
            registry=registry,
        )
        self._wait = Histogram(
            "vrbridge_message_wait_seconds",
            "Time that a message waited to be sent although its player was connected.",
            ["urgency"],
            buckets=_WAIT_SECONDS,
            registry=registry,
        )
        self._round_trip = Histogram(
            "vrbridge_round_trip_seconds",
            "From a message until its client had it and said so, once a second for each busy connection.",
            buckets=_WAIT_SECONDS,
            registry=registry,
        )
        self._closes = Counter("vrbridge_closes", "Closed connections.", ["code"], registry=registry)
        self._traffic = _Traffic()
        registry.register(self._traffic)
        self._requests = Counter(
            "vrbridge_requests", "Ended requests.", ["kind", "outcome"], registry=registry
        )
        self._first = Histogram(
            "vrbridge_first_seconds",
            "From a request to its first text or asset.",
            ["kind"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._total = Histogram(
            "vrbridge_request_seconds",
            "From a request to its end.",
            ["kind"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._jobs = Gauge("vrbridge_jobs_running", "Jobs that workers carry out.", registry=registry)
        self._job_seconds = Histogram(
            "vrbridge_job_seconds",
            "Time in a worker.",
            ["call", "outcome"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._batch_jobs = Histogram(
            "vrbridge_batch_jobs",
            "Jobs that a worker began together.",
            ["call"],
            buckets=(1, 2, 4, 8),
            registry=registry,
        )
        self._expected = Gauge(
            "vrbridge_job_expected_seconds",
            "What the next job of a size is expected to take a worker, as those before it did.",
            ["kind", "size"],
            registry=registry,
        )
        self._degraded = Counter(
            "vrbridge_requests_degraded",
            "Requests that get less than they asked for, because there was too much work for that.",
            ["kind"],
            registry=registry,
        )
        self._wasted = Counter(
            "vrbridge_wasted_seconds",
            "Work of workers and of the language model on requests that ended without a result.",
            ["kind", "reason"],
            registry=registry,
        )
        self._restarts = Counter(
            "vrbridge_worker_restarts", "Workers that had to be replaced.", registry=registry
        )
        self._memory_lost = Counter(
            "vrbridge_memory_lost", "What could not be kept, or recalled.", ["part"], registry=registry
        )
        self._shared_reads = Counter(
            "vrbridge_shared_reads",
            "Looks into the bucket of shared assets; `skipped`: not asked, being away or overrun just now.",
            ["what", "outcome"],
            registry=registry,
        )
        self._shared_look = Histogram(
            "vrbridge_shared_read_seconds",
            "How long the bucket of shared assets took to answer, or was waited for.",
            ["what"],
            buckets=_WAIT_SECONDS,
            registry=registry,
        )
        self._shared_uploads = Counter(
            "vrbridge_shared_uploads",
            "Results on their way into the bucket: `done`, tried again (`failed`), or given up (`lost`).",
            ["outcome"],
            registry=registry,
        )
        self._shared_waiting = Gauge(
            "vrbridge_shared_waiting_bytes", "Assets that wait to be uploaded.", registry=registry
        )
        self._workers = Gauge(
            "vrbridge_workers",
            "Workers that take jobs, and that there should be.",
            ["state"],
            registry=registry,
        )
        self._worker_device = Gauge(
            "vrbridge_worker_device",
            "1 for the device that the networks of a worker run on.",
            ["worker", "device"],
            registry=registry,
        )
        self._device_memory = Gauge(
            "vrbridge_device_memory_bytes",
            "Memory of a worker's graphics card; the label says how its networks reckon.",
            ["model", "dtype"],
            registry=registry,
        )
        self._answers = Gauge(
            "vrbridge_answers",
            "Dialogue that is being answered, and that waits for its turn.",
            ["state"],
            registry=registry,
        )
        self._waiting = Gauge("vrbridge_backlog_jobs", "Jobs that wait.", registry=registry)
        self._waiting_s = Gauge("vrbridge_backlog_seconds", "Estimated work that waits.", registry=registry)
        self._lag = Histogram(
            "vrbridge_loop_lag_seconds",
            "How late the event loop comes to what is due.",
            buckets=_LAG_SECONDS,
            registry=registry,
        )
        self._server = Gauge(
            "vrbridge_server", "1, with the name of this server among several.", ["name"], registry=registry
        )
        self._ready = Gauge(
            "vrbridge_ready", "Whether a part can be answered now.", ["part"], registry=registry
        )

    def exposition(self) -> bytes:
        """Return everything in Prometheus' text format."""
        return generate_latest(self._registry)

    def named(self, name: str) -> None:
        """Show how this server is called."""
        self._server.labels(name).set(1)

    def connection_opened(self) -> None:
        """Count a new connection."""
        self._connections.inc()

    def connection_closed(self, code: int) -> None:
        """Count a closed connection by its WebSocket close code."""
        self._connections.dec()
        self._closes.labels(str(code)).inc()

    def watch_sessions(self, n_sessions: Callable[[], int], n_away: Callable[[], int]) -> None:
        """Show how many sessions live, and how many of them are away, asked anew at each exposition."""
        self._sessions.set_function(n_sessions)
        self._away.set_function(n_away)

    def resumed(self, *, succeeded: bool) -> None:
        """Count an attempt to resume."""
        self._resumes.labels("resumed" if succeeded else "lost").inc()

    def taken_over(self) -> None:
        """Count a connection that is closed because another one goes on with its session."""
        self._takeovers.inc()

    def replayed(self, n_messages: int) -> None:
        """Count messages that a resumed session still has to get."""
        self._replayed.inc(n_messages)

    def stalled(self) -> None:
        """Count a connection that was aborted because its client took nothing."""
        self._stalls.inc()

    def abandoned(self) -> None:
        """Count a request that was stopped because its player did not come back."""
        self._abandoned.inc()

    def lost(self) -> None:
        """Count a session that could not go on."""
        self._lost.inc()

    def evicted(self) -> None:
        """Count a session that was given up to make room."""
        self._evicted.inc()

    def waited(self, urgency: str, wait_s: float) -> None:
        """Note how long a message waited to be sent; `urgency` is `control`, `dialogue` or `result`."""
        self._wait.labels(urgency).observe(wait_s)

    def round_trip(self, seconds: float) -> None:
        """Note how long a client took to have and to answer."""
        self._round_trip.observe(seconds)

    def received(self) -> None:
        """Count a message of a client."""
        self._traffic.n_received += 1

    def sent(self, n_bytes: int) -> None:
        """Count a message to a client."""
        self._traffic.n_sent += 1
        self._traffic.sent_bytes += n_bytes

    def request_ended(self, kind: str, outcome: str, *, first_s: float | None, total_s: float) -> None:
        """Count an ended request; `outcome` is `done` or an error code."""
        self._requests.labels(kind, outcome).inc()
        self._total.labels(kind).observe(total_s)
        if first_s is not None:
            self._first.labels(kind).observe(first_s)

    def degraded(self, kind: str) -> None:
        """Count a request that gets less than it asked for."""
        self._degraded.labels(kind).inc()

    def job_started(self, call: str) -> None:
        """Count a job that a worker has begun."""
        del call
        self._jobs.inc()

    def batch_started(self, call: str, n_jobs: int) -> None:
        """Count jobs that a worker has begun together."""
        self._batch_jobs.labels(call).observe(n_jobs)

    def job_ended(self, call: str, outcome: str, seconds: float) -> None:
        """Count a job that a worker has ended; `outcome` is `done` or an error code."""
        self._jobs.dec()
        self._job_seconds.labels(call, outcome).observe(seconds)

    def learned(self, kind: str, size: str, seconds: float) -> None:
        """Note what the next job of a size is expected to take; sizes are generators and numbers."""
        self._expected.labels(kind, size).set(seconds)

    def wasted(self, kind: str, reason: str, seconds: float) -> None:
        """Count work that nobody has anything of; `reason` is the code that its request ended with."""
        self._wasted.labels(kind, reason).inc(seconds)

    def worker_restarted(self) -> None:
        """Count a worker that had to be replaced."""
        self._restarts.inc()

    def backlog(self, n_jobs: int, seconds: float) -> None:
        """Note how much waits now."""
        self._waiting.set(n_jobs)
        self._waiting_s.set(seconds)

    def loop_lag(self, seconds: float) -> None:
        """Note how late the event loop was."""
        self._lag.observe(seconds)

    def watch_part(self, part: str, is_ready: Callable[[], bool]) -> None:
        """Show whether a part can be answered, asked anew at each exposition."""
        self._ready.labels(part).set_function(lambda: float(is_ready()))

    def memory_lost(self, part: str) -> None:
        """Count something of `conversations` or `results` that could not be kept; any thread may call."""
        self._memory_lost.labels(part).inc()

    def shared_read(self, what: str, outcome: str, seconds: float | None = None) -> None:
        """Count a look into the bucket.

        Args:
            what: `result` or `asset`.
            outcome: `hit`, `miss`, `damaged`, `away` or `skipped`.
            seconds: How long it took. None: it was not asked for that.
        """
        self._shared_reads.labels(what, outcome).inc()
        if seconds is not None:
            self._shared_look.labels(what).observe(seconds)

    def shared_upload(self, outcome: str) -> None:
        """Count an attempt to upload a result: `done`, `failed` (it is tried again) or `lost`."""
        self._shared_uploads.labels(outcome).inc()

    def watch_shared(self, waiting_bytes: Callable[[], int]) -> None:
        """Show how much waits to be uploaded, asked anew at each exposition."""
        self._shared_waiting.set_function(lambda: float(waiting_bytes()))

    def watch_workers(self, *, n_ready: Callable[[], int], n_configured: Callable[[], int]) -> None:
        """Show how many workers there are and should be, asked anew at each exposition."""
        self._workers.labels("ready").set_function(lambda: float(n_ready()))
        self._workers.labels("configured").set_function(lambda: float(n_configured()))

    def workers_run_on(self, devices: Sequence[str], *, model: str, dtype: str, memory_bytes: int) -> None:
        """Note what networks run on.

        Args:
            devices: Of each worker.
            model: What the maker calls the first one's; empty for the CPU.
            dtype: Of the products there.
            memory_bytes: Of its own.
        """
        for number, device in enumerate(devices):
            self._worker_device.labels(str(number), device).set(1)
        self._device_memory.labels(model, dtype).set(memory_bytes)

    def watch_answers(self, *, n_running: Callable[[], int], n_waiting: Callable[[], int]) -> None:
        """Show how many answers are given and waited for, asked anew at each exposition."""
        self._answers.labels("running").set_function(lambda: float(n_running()))
        self._answers.labels("waiting").set_function(lambda: float(n_waiting()))
