"""The only module that calls Ray: connecting to a cluster, deploying generators there, streaming jobs."""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import msgspec

try:
    import ray
    from ray import serve
    from ray.serve.exceptions import BackPressureError
except ImportError as error:
    raise SystemExit("Ray is not installed; `pip install 'vrbridge[ray]'` brings it.") from error

from vrbridge.scheduling.ray_replica import Replica

FULL: Final = BackPressureError
"""Raised by a stream if too many jobs wait for replicas already."""
LOCAL: Final = "local"
"""As an address: a cluster of this machine alone, which ends with this process."""

_NAMESPACE: Final = "vrbridge"
_HEALTH_TIMEOUT_S: Final = 30.0


class ClusterConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Where to deploy what.

    Args:
        address: `auto`, `local`, or what `ray.init` takes.
        application: Name of the Serve application, which all gateways share.
        factory: Of the handlers, as in `Replica`.
        config: Plain data for it.
        fingerprint: Of all that decides what is made.
        hang_s: As in `Replica`.
        min_replicas: Kept also while nothing is asked for.
        max_replicas: At most so many.
        cpus: Cores that a replica takes.
        gpus: Graphics cards that it takes; may be a fraction.
        resources: Further resources of Ray's that its machine must have.
        threads: Threads of a replica's native libraries.
    """

    address: str
    application: str
    factory: str
    config: dict[str, Any]
    fingerprint: str
    hang_s: float
    min_replicas: int
    max_replicas: int
    cpus: float
    gpus: float
    resources: dict[str, float]
    threads: int

    @property
    def deployment(self) -> str:
        """Name of the deployment: another one for whatever makes replicas other ones.

        So whoever joins sees what runs there without asking replicas, which may be busy for minutes.
        """
        different = msgspec.structs.replace(self, address="", application="")
        digest = hashlib.sha256(msgspec.json.encode(different, order="deterministic")).hexdigest()
        return f"generators-{digest[:16]}"


@contextmanager
def connected(config: ClusterConfig) -> Iterator[None]:
    """Join the cluster, or start one."""
    # Nothing is told to anybody without being asked to.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    shared: dict[str, Any] = {"namespace": _NAMESPACE, "log_to_driver": False}
    if config.address == LOCAL:
        ray.init(include_dashboard=False, **shared)
    else:
        ray.init(address=config.address, **shared)
    try:
        yield
    finally:
        ray.shutdown()


def deployed(config: ClusterConfig) -> Callable[[bytes], Any]:
    """Return what carries out a packed `Run` on some replica, after deploying the replicas if need be.

    What it returns is an asynchronous iterator of `Piece`s with a method `cancel`.
    """
    if n_replicas(config) == 0:
        # Gateways speak their own protocol to players: Ray has nothing to serve over HTTP.
        serve.start(proxy_location="Disabled")
        serve.run(_application(config), name=config.application, route_prefix=None)
    stream = serve.get_app_handle(config.application).options(stream=True, method_name="carry_out")
    return lambda frame: stream.remote(frame)


def n_replicas(config: ClusterConfig) -> int:
    """Return how many replicas take jobs; blocks."""
    app = serve.status().applications.get(config.application)
    deployment = app.deployments.get(config.deployment) if app is not None else None
    return int(deployment.replica_states.get("RUNNING", 0)) if deployment is not None else 0


def _application(config: ClusterConfig) -> Any:
    environment = {"OMP_NUM_THREADS": str(config.threads), "OMP_WAIT_POLICY": "passive"}
    deployment = serve.deployment(
        name=config.deployment,
        # A network uses all threads of its replica: a second job would only slow the first.
        max_ongoing_requests=1,
        # Each gateway hands over a bounded number itself; this bounds what it does wrong.
        max_queued_requests=2 * config.max_replicas,
        autoscaling_config={
            "min_replicas": config.min_replicas,
            "max_replicas": config.max_replicas,
            "target_ongoing_requests": 1,
            "upscale_delay_s": 3.0,
        },
        ray_actor_options={
            "num_cpus": config.cpus,
            "num_gpus": config.gpus,
            "resources": config.resources,
            "runtime_env": {"env_vars": environment},
        },
        health_check_timeout_s=_HEALTH_TIMEOUT_S,
    )(Replica)
    return deployment.bind(config.factory, config.config, config.hang_s)
