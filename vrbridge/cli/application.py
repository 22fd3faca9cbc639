"""The `vrbridge` command: which subcommands there are, and how errors of the user look."""

import sys

import typer

from vrbridge.cli.ask import mesh, say, texture
from vrbridge.cli.bench import bench
from vrbridge.cli.data import data
from vrbridge.cli.demo import demo
from vrbridge.cli.doctor import doctor
from vrbridge.cli.evaluate import evaluate
from vrbridge.cli.material import material
from vrbridge.cli.models import models
from vrbridge.cli.serve import serve
from vrbridge.cli.tap import tap
from vrbridge.cli.terminal import fail
from vrbridge.cli.token_command import token
from vrbridge.cli.train import train
from vrbridge.cli.workers import workers
from vrbridge.errors import VrbridgeError

app = typer.Typer(
    name="vrbridge",
    help="Generative AI for live VR scenes: dialogue, materials and props over one WebSocket.\n\n"
    'Start with `vrbridge serve`, then try `vrbridge say blacksmith "Hello!"` in another terminal.',
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (serve, demo, say, texture, material, mesh):
    app.command()(command)
app.command()(workers)
app.add_typer(models, name="models")
app.add_typer(token, name="token")
app.command()(tap)
app.add_typer(bench, name="bench")
app.add_typer(data, name="data")
app.add_typer(train, name="train")
app.add_typer(evaluate, name="evaluate")
app.command()(doctor)


def main() -> None:
    """Run the command line; an error of the user's is one red line and exit code 2."""
    try:
        app()
    except VrbridgeError as error:
        sys.exit(fail(str(error)))
    except KeyboardInterrupt:
        sys.exit(130)
