"""`vrbridge bench`."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from vrbridge.cli.terminal import notes, out
from vrbridge.errors import SettingsError

if TYPE_CHECKING:
    from vrbridge.bench.conduct import OnStep, Options
    from vrbridge.bench.executor_comparison import Cell, Comparison
    from vrbridge.bench.figures import Figure
    from vrbridge.bench.report import Report, Result
    from vrbridge.bench.scenario import Scenario
    from vrbridge.bench.simulation import Point

_GENERATORS = ("fake", "real")
_ALL = "all"
_DEVICES = ("cpu", "cuda")
_TEXTURES = "textures-1"

bench = typer.Typer(
    name="bench",
    help="Measure what this machine can do.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@bench.callback()
def _bench() -> None:
    """Measure what this machine can do."""


@bench.command()
def load(
    players: Annotated[
        int | None, typer.Option(min=1, help="Players; each scenario has its own number by default.")
    ] = None,
    minutes: Annotated[float, typer.Option(min=0.01, help="Length of one scenario.")] = 1.0,
    scenario: Annotated[str, typer.Option(help="steady, wide, idle, flood, overload or all.")] = _ALL,
    generators: Annotated[
        str,
        typer.Option(
            help="fake: everything is the product's but what makes words and assets, which takes stated "
            "times. real: `vrbridge serve` with its models."
        ),
    ] = "fake",
    url: Annotated[
        str | None, typer.Option(help="Put the load on a running server instead; only its metrics are seen.")
    ] = None,
    token: Annotated[
        str | None, typer.Option(help="Made by `vrbridge token create`.", envvar="VRBRIDGE_TOKEN")
    ] = None,
    folder: Annotated[
        Path, typer.Option("--out", "-o", help="Folder for the figures, the picture and the logs.")
    ] = Path("out/load"),
    seed: Annotated[int, typer.Option(help="Decides who asks for what, and when.")] = 1,
    processes: Annotated[
        int | None, typer.Option(min=1, help="Processes with players; by default one fewer than cores.")
    ] = None,
    profile: Annotated[
        bool, typer.Option("--profile", help="Write what a fake server's loop spends its time on; slows it.")
    ] = False,
    check: Annotated[bool, typer.Option("--check", help="Exit code 1 if a target is missed.")] = False,
) -> None:
    """Have many players use a server at once, over the real wire, and show what that does to it.

    Writes OUT/load.json and OUT/load.png. Measure on a machine that has nothing else to do: the time that the
    server waited for a core tells.
    """
    # Here and not on top: the other commands start several times faster without the server.
    from vrbridge.bench.chart import chart
    from vrbridge.bench.conduct import Options
    from vrbridge.bench.report import report, write

    if generators not in _GENERATORS:
        raise SettingsError(f"--generators is fake or real, not {generators!r}.")
    wanted = _scenarios(scenario, players, minutes)
    options = Options(
        url=url,
        is_scripted=url is None and generators == "fake",
        token=token,
        seed=seed,
        n_processes=processes or max(1, (os.cpu_count() or 1) - 1),
        folder=folder,
        profile=profile,
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        results = [_conducted(one, options) for one in wanted]
        whole = report(results, server=url or generators, seed=seed, n_processes=options.n_processes)
        write(whole, folder / "load.json")
        chart(whole).save(folder / "load.png", optimize=True)
    except OSError as error:
        raise SettingsError(f"Can't write to {folder}: {error.strerror}.") from error
    _conclude(whole, folder, check=check)


@bench.command()
def simulate(
    players: Annotated[int, typer.Option(min=100, help="Players altogether.")] = 10_000,
    workers: Annotated[int, typer.Option(min=1, help="Jobs that run at once.")] = 100,
    seconds: Annotated[float, typer.Option(min=1, help="Virtual time for each load.")] = 60.0,
    folder: Annotated[
        Path, typer.Option("--out", "-o", help="Folder for the figures and the picture.")
    ] = Path("out/simulation"),
    seed: Annotated[int, typer.Option(help="Decides who asks for what, and when.")] = 1,
) -> None:
    """Share workers out among very many players with the server's own code, in virtual time.

    Writes OUT/simulation.json and OUT/simulation.png.
    """
    from vrbridge.bench.simulation import LOADS, Plan, Simulation
    from vrbridge.bench.simulation import simulate as simulated
    from vrbridge.bench.simulation_chart import simulation_chart

    plan = Plan(n_sessions=players, n_workers=workers, seconds=seconds, seed=seed)
    columns = (TextColumn("{task.description:<32}"), BarColumn(), TimeRemainingColumn())
    points = []
    with Progress(*columns, console=notes, transient=True) as progress:
        bar = progress.add_task("simulating", total=sum(LOADS))
        for load in LOADS:
            points.append(simulated(plan, load))
            progress.advance(bar, load)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        Simulation(plan=plan, points=points).write(folder / "simulation.json")
        simulation_chart(plan, points).save(folder / "simulation.png", optimize=True)
    except OSError as error:
        raise SettingsError(f"Can't write to {folder}: {error.strerror}.") from error
    _show_points(points)
    out.print(str(folder / "simulation.json"), markup=False)
    out.print(str(folder / "simulation.png"), markup=False)


@bench.command()
def executor(
    executors: Annotated[
        str, typer.Option("--executors", help="Which to compare, separated by commas.")
    ] = "in-process,worker,ray",
    at_once: Annotated[
        str, typer.Option(help="Numbers of requests at once, separated by commas.")
    ] = "1,8,64",
    rounds: Annotated[int, typer.Option(min=1, help="Turns of each executor at each row.")] = 2,
    folder: Annotated[Path, typer.Option("--out", "-o", help="Folder for the figures and the logs.")] = Path(
        "out/executor"
    ),
    config: Annotated[Path | None, typer.Option(help="Settings file; vrbridge.toml by default.")] = None,
) -> None:
    """Run the same jobs in this process, in a worker process and on Ray, and show what each costs.

    All of them have one worker with as many threads. Writes OUT/executor.json. Takes about ten minutes;
    measure on a machine that has nothing else to do.
    """
    # As workers have it; read when the libraries are loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    from vrbridge import settings as configuration
    from vrbridge.bench.executor_comparison import EXECUTORS, Options, compare

    names = tuple(executors.split(","))
    if unknown := sorted(set(names) - set(EXECUTORS)):
        raise SettingsError(f"--executors are out of {', '.join(EXECUTORS)}, not {unknown[0]!r}.")
    if not all(number.isdigit() and int(number) for number in at_once.split(",")):
        raise SettingsError(f"--at-once are numbers such as 1,8,64, not {at_once!r}.")
    options = Options(
        settings=configuration.load(config),
        folder=folder,
        executors=names,
        at_once=tuple(int(number) for number in at_once.split(",")),
        n_rounds=rounds,
    )
    folder.mkdir(parents=True, exist_ok=True)
    with notes.status("starting") as status:
        comparison = asyncio.run(compare(options, status.update))
    comparison.write(folder / "executor.json")
    _show_comparison(comparison)
    out.print(str(folder / "executor.json"), markup=False)


def _show_comparison(comparison: "Comparison") -> None:
    names = list(comparison.rows[0].cells)
    where = f"{comparison.machine}, one worker of {comparison.threads} threads"
    table = Table(title=f"jobs/s, and ms of one (p50 / p95); {where}", title_justify="left")
    for heading in ("job", "at once", *names):
        table.add_column(heading, justify="left" if heading == "job" else "right")
    for row in comparison.rows:
        cells = [row.cells.get(name) for name in names]
        table.add_row(row.name, str(row.n_at_once), *("–" if cell is None else _cell(cell) for cell in cells))
    out.print(table)


def _cell(cell: "Cell") -> str:
    return f"{_number(cell.jobs_hz)}/s  {_number(cell.p50_ms)} / {_number(cell.p95_ms)}"


@bench.command()
def batching(
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    weights: Annotated[
        Path | None, typer.Option(help="File of a texture network; by default that of the server.")
    ] = None,
    size: Annotated[
        list[int] | None,
        typer.Option(min=64, help="Edge in pixels; may be repeated. [default: 128, 256, 512]"),
    ] = None,
    batch: Annotated[
        list[int] | None,
        typer.Option(min=1, help="Textures of one pass; may be repeated. [default: 1, 8, 32]"),
    ] = None,
    seconds: Annotated[float, typer.Option(min=0.0, help="For which each is measured at least.")] = 2.0,
    threads: Annotated[
        int | None, typer.Option(min=1, help="Of a processor; by default one for each core.")
    ] = None,
) -> None:
    """Measure textures a second for several in one pass, and whether each keeps the bytes that it has alone.

    Products of both types of numbers are measured; generators take the one that the title names. Encoding is
    not counted. Measure on a machine that has nothing else to do.
    """
    import torch

    from vrbridge.bench import batching as measure
    from vrbridge.cli.model_setup import catalogue_of
    from vrbridge.generators.precision import fastest_dtype
    from vrbridge.settings import Settings

    if device not in _DEVICES or (device == "cuda" and not torch.cuda.is_available()):
        raise SettingsError(f"--device is cpu or cuda, if there is one, not {device!r}.")
    sizes_px = size or measure.SIZES_PX
    if any(size_px % 64 or size_px > 2048 for size_px in sizes_px):
        raise SettingsError("--size is a multiple of 64 up to 2048.")
    torch.set_num_threads(threads or os.cpu_count() or 1)
    path = weights or catalogue_of(Settings()).pull(_TEXTURES)
    place = torch.device(device)
    taken = measure.name_of(fastest_dtype(place))
    table = Table(title=f"{measure.device_name(place)}; generators take {taken} there", title_justify="left")
    for heading in measure.HEADINGS:
        table.add_column(heading, justify="right")
    batches = batch or measure.BATCHES
    columns = (TextColumn("{task.description:<32}"), BarColumn(), TimeRemainingColumn())
    rows = []
    with Progress(*columns, console=notes, transient=True) as progress:
        bar = progress.add_task("measuring", total=len(measure.DTYPES) * len(sizes_px) * len(batches))
        for row in measure.measured(path, place, sizes_px=sizes_px, batches=batches, seconds=seconds):
            rows.append(row)
            table.add_row(*row.cells())
            progress.advance(bar)
    out.print(table)
    out.print(measure.markdown(rows), markup=False, soft_wrap=True)


def _show_points(points: "list[Point]") -> None:
    table = Table(title="seconds to a material, p95, by load", title_justify="left")
    headings = ("load", "interactive", "normal", "background", "interactive beside greedy", "Jain", "busy")
    for heading in headings:
        table.add_column(heading, justify="right")
    for point in points:
        waits = [tier.p95_s for tier in point.alone.values()] + [next(iter(point.beside.values())).p95_s]
        shares = (point.greedy_jain, point.busy)
        table.add_row(f"{point.load:g}", *("–" if v is None else f"{v:.2f}" for v in (*waits, *shares)))
    out.print(table)


def _scenarios(name: str, n_players: int | None, minutes: float) -> "list[Scenario]":
    from vrbridge.bench.scenario import SCENARIOS, scenario

    names = list(SCENARIOS) if name == _ALL else [name]
    return [scenario(one, n_players=n_players, minutes=minutes) for one in names]


def _conducted(scenario: "Scenario", options: "Options") -> "Result":
    from vrbridge.bench.conduct import conduct
    from vrbridge.bench.report import result_of

    with _bar(scenario) as show:
        result = result_of(asyncio.run(conduct(scenario, options, show)))
    _show(result)
    return result


def _show(result: "Result") -> None:
    table = Table(title=f"{result.name}: {result.title}", title_justify="left")
    for heading in ("what", "measured", "target", ""):
        table.add_column(heading, justify="left" if heading in {"what", ""} else "right")
    for figure in result.figures:
        table.add_row(escape(figure.what), _value(figure.value, figure.unit), _target(figure), _mark(figure))
    out.print(table)


def _value(value: float | None, unit: str) -> str:
    return "not known" if value is None else f"{_number(value)} {unit}".strip()


def _number(value: float) -> str:
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{value:.0f}"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _target(figure: "Figure") -> str:
    if figure.target is None:
        return ""
    return f"{'≥' if figure.is_floor else '≤'} {_value(figure.target, figure.unit)}"


def _mark(figure: "Figure") -> str:
    if figure.is_met is None:
        return ""
    return "[green]met[/green]" if figure.is_met else "[red]missed[/red]"


def _conclude(report: "Report", folder: Path, *, check: bool) -> None:
    out.print(str(folder / "load.json"), markup=False)
    out.print(str(folder / "load.png"), markup=False)
    for name, figure in report.missed:
        value = f"{_value(figure.value, figure.unit)}, not {_target(figure)}"
        notes.print(f"[red]missed[/red] {name}: {escape(figure.what)} is {escape(value)}")
    if check and report.missed:
        raise typer.Exit(1)


@contextmanager
def _bar(scenario: "Scenario") -> "Iterator[OnStep]":
    columns = (TextColumn("{task.description:<32}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=notes, transient=True) as progress:
        bar = progress.add_task(scenario.name, total=scenario.seconds)

        def show(what: str, done_s: float) -> None:
            progress.update(bar, description=f"{scenario.name}: {what}", completed=done_s)

        yield show
