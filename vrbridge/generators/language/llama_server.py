"""The program of the embedded language model: llama.cpp's server on loopback, until standard input ends."""

import json
import os
import sys
import urllib.request

import msgspec
import xllamacpp

from vrbridge.generators.language.embedded import KEY_VARIABLE, EmbeddedConfig

# Host memory for prompts that lost their slot; enough for the characters of a scene.
_PROMPT_CACHE_MIB = 256
_ERRORS_ONLY = 1
# More don't make so small a model faster.
_MAX_THREADS = 4
_WARM_UP_TIMEOUT_S = 120


def start(config: EmbeddedConfig, key: str) -> xllamacpp.Server:
    """Return a server that answers on a free port of loopback."""
    n_threads = config.threads or _n_threads()
    params = xllamacpp.CommonParams()
    params.model.path = config.path
    params.model_alias = {config.model}
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [key]
    params.n_parallel = config.slots
    params.n_ctx = config.context_tokens * config.slots
    params.cont_batching = True
    params.cache_prompt = True
    params.cache_ram_mib = _PROMPT_CACHE_MIB
    params.cpuparams.n_threads = n_threads
    params.cpuparams_batch.n_threads = n_threads
    # Sizes are given; trying out what fits costs seconds.
    params.fit_params = False
    params.ui = False
    params.endpoint_slots = False
    params.verbosity = _ERRORS_ONLY
    return xllamacpp.Server(params)


def _n_threads() -> int:
    """Return the threads that answer fastest on a machine that has other things to do.

    They wait for each other several hundred times a token, spinning: where one of them shares its core with
    an engine, all stand still. So a core stays free, unless that would leave only one.
    """
    try:
        n_cores = len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        n_cores = os.cpu_count() or 1
    return max(min(n_cores, 2), min(_MAX_THREADS, n_cores - 1))


def warm_up(url: str, key: str, model: str) -> None:
    """Answer once, so that the first player does not wait for what the first answer sets up."""
    body = {"model": model, "messages": [{"role": "user", "content": "Good day!"}], "max_tokens": 4}
    request = urllib.request.Request(  # noqa: S310 - our own address on loopback
        f"{url}/chat/completions",
        json.dumps(body).encode(),
        {"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=_WARM_UP_TIMEOUT_S) as answer:
        answer.read()


def main() -> None:
    """Serve until standard input ends."""
    config = msgspec.json.decode(sys.argv[1], type=EmbeddedConfig)
    key = os.environ.pop(KEY_VARIABLE)
    server = start(config, key)
    url = f"{server.listening_address}/v1"
    warm_up(url, key, config.model)
    sys.stdout.write(json.dumps({"url": url, "model": config.model}) + "\n")
    sys.stdout.flush()
    sys.stdin.buffer.read()
    # llama.cpp's threads would keep the interpreter waiting for answers that nobody reads any more.
    os._exit(0)


if __name__ == "__main__":
    main()
