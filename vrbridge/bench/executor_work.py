"""What executors are compared by: the product's generators, and jobs that cost nothing but their way."""

from collections.abc import Iterator, Mapping
from typing import Any

from vrbridge.jobs.outputs import WorkOutput
from vrbridge.jobs.work import Handler
from vrbridge.jobs.work import create as create_generators

FACTORY = "vrbridge.bench.executor_work:create"


def create(config: dict[str, Any]) -> Mapping[str, Handler]:
    """Load the generators as a worker does, and two calls more."""
    return {**create_generators(config), "payload": payload}


def payload(arguments: dict[str, Any]) -> Iterator[WorkOutput]:
    """Yield one result of `n_bytes` bytes, made without work."""
    yield "result", {}, bytes(arguments["n_bytes"])
