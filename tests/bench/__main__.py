"""`make bench`: the figures of the README, measured through a real client."""

import argparse
import asyncio
import tempfile
from pathlib import Path

from rich.console import Console

from tests.bench import gaze, latency, sharing, stopping, throughput
from tests.bench.figures import Figure, show
from tests.integration.serving import serving


async def measure(console: Console, wanted: set[str]) -> list[Figure]:
    """Return the figures of all wanted parts."""
    figures: list[Figure] = []
    if "start" in wanted:
        with console.status("start …"):
            figures += [latency.ready_time(), latency.help_time()]
    if "latency" in wanted:
        with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as server:
            with console.status("dialogue …"):
                figures += await latency.dialogue(server.url)
            with console.status("textures …"):
                figures += await latency.texture(server.url, ("bc1", "bc5"), target_ms=600)
                figures += await latency.texture(server.url, ("etc2",), target_ms=None)
                figures += await latency.texture(server.url, ("rgba8",), target_ms=None)
            with console.status("networks …"):
                for network in await latency.networks(server.url):
                    figures += await latency.network_texture(server.url, network)
                figures += await latency.material(server.url)
            with console.status("meshes …"):
                for style in await latency.mesh_styles(server.url):
                    figures += await latency.mesh(server.url, style)
    if "diffusers" in wanted:
        # Here and not on top: the other parts need neither these libraries nor the memory.
        import torch

        from tests.bench import diffusers_ratio

        figures += diffusers_ratio.figures(console, (torch.bfloat16, torch.float32))
    if "gaze" in wanted:
        with console.status("gaze …"):
            figures += await gaze.figures()
    if "sharing" in wanted:
        with console.status("sharing …"):
            figures += await sharing.figures()
    if "stopping" in wanted:
        with console.status("stopping …"):
            figures += await stopping.figures()
    if "throughput" in wanted:
        with console.status("eight players …"):
            figures += await throughput.figures()
    return figures


def main() -> None:
    """Measure and print."""
    parts = ("start", "latency", "gaze", "stopping", "throughput")
    parser = argparse.ArgumentParser(description=__doc__)
    # Measured only by name: one takes several gigabytes of memory, the other three servers at once.
    choices = [*parts, "diffusers", "sharing", []]
    parser.add_argument("part", nargs="*", choices=choices, help="all but the last two, unless named")
    wanted = set(parser.parse_args().part) or set(parts)
    console = Console(width=120)
    show(asyncio.run(measure(console, wanted)), console)


if __name__ == "__main__":
    main()
