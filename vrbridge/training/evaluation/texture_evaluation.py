"""The whole evaluation of textures: every source through the same measures, then table and pictures."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from vrbridge.errors import SettingsError
from vrbridge.generators.text_encoder import SentenceEncoder
from vrbridge.training.evaluation.contact_sheet import comparison
from vrbridge.training.evaluation.feature_cache import FeatureCache
from vrbridge.training.evaluation.judge import Judge, Verdict
from vrbridge.training.evaluation.page import Figure, page
from vrbridge.training.evaluation.reference import Reference
from vrbridge.training.evaluation.sheet import labelled_grid, side_by_side
from vrbridge.training.evaluation.table import Table, write_table
from vrbridge.training.evaluation.textures import Textures

OnStep = Callable[[str, int, int], None]
"""Called with what is done, how many of it are done, and how many there are."""

_PAIR_COLUMNS = 3


@dataclass(frozen=True, slots=True)
class Amount:
    """How much is drawn.

    Attributes:
        seeds: Pictures of each held-out caption.
        n_captions: Held-out captions asked for at most, spread over all.
        n_prompts: Prompts of the list that are judged.
        n_shown: Prompts, and captions, on the page.
    """

    seeds: int = 4
    n_captions: int = 120
    n_prompts: int = 60
    n_shown: int = 18


QUICK = Amount(seeds=2, n_captions=24, n_prompts=20, n_shown=6)


def evaluate(
    sources: Sequence[Textures],
    reference: Reference,
    cache: FeatureCache,
    encoder: SentenceEncoder,
    *,
    prompts: Sequence[str],
    amount: Amount,
    folder: Path,
    on_step: OnStep,
) -> Table:
    """Write `index.html`, `report.json` and the pictures, and return the table.

    Args:
        sources: What is judged, in the order of the table.
        reference: What it is held against.
        cache: Computes features.
        encoder: Sentence vectors.
        prompts: The list.
        amount: How much is drawn.
        folder: Is made.
        on_step: Told while it runs.

    Raises:
        GeneratorFailed: If a source can't make a picture.
        SettingsError: If the folder can't be written.
    """
    started = time.perf_counter()
    captions = spread(reference.captions, amount.n_captions)
    asked = spread(prompts, amount.n_prompts)
    judge = Judge(reference, cache, encoder, captions=captions, prompts=asked, n_seeds=amount.seeds)
    verdicts = []
    for source in sources:
        n_pictures, name = judge.n_pictures(source), source.model
        verdicts.append(judge.verdict(source, _told(on_step, name, n_pictures)))
    size_px = int(reference.data.color.shape[1])
    figures = _compared(
        sources,
        spread(asked, amount.n_shown),
        spread(captions, amount.n_shown),
        size_px,
        on_step,
    )
    figures += [_nearest(verdict) for verdict in verdicts]
    table = Table(
        rows=tuple(verdict.row for verdict in verdicts),
        n_training=len(reference.training),
        n_held_out=len(reference.held_out),
        n_captions=len(reference.captions),
        n_prompts=len(asked),
        seeds=amount.seeds,
        size_px=size_px,
        seconds=time.perf_counter() - started,
    )
    _write(table, figures, folder)
    return table


def spread(texts: Sequence[str], count: int) -> list[str]:
    """Return so many of the texts at most, evenly from first to last."""
    if count >= len(texts):
        return list(texts)
    return [texts[number * len(texts) // count] for number in range(count)]


def _told(on_step: OnStep, name: str, in_all: int) -> Callable[[int], None]:
    return lambda done: on_step(name, done, in_all)


def _compared(
    sources: Sequence[Textures],
    prompts: Sequence[str],
    captions: Sequence[str],
    map_px: int,
    on_step: OnStep,
) -> list[Figure]:
    free = [source for source in sources if source.takes_any_prompt]
    figures = []
    for title, chosen, texts in (
        ("Prompts of the list", free, prompts),
        ("Captions of held-out pictures", sources, captions),
    ):
        if chosen:
            told = _told(on_step, title.lower(), len(chosen) * len(texts))
            names = ", ".join(source.model for source in chosen)
            note = f"Tiled 2 × 2 and lit from the upper left. From left to right: {names}."
            figures.append(Figure(title, note, comparison(chosen, texts, told, map_px=map_px)))
    return figures


def _nearest(verdict: Verdict) -> Figure:
    cells = [side_by_side([pair.made, pair.known]) for pair in verdict.pairs]
    labels = [f"{pair.prompt} | {pair.known_caption}" for pair in verdict.pairs]
    return Figure(
        f"Nearest to the training pictures: {verdict.row.model}",
        "Colour alone. Left what was made, right the training picture that is nearest to it.",
        labelled_grid(cells, labels, _PAIR_COLUMNS),
    )


def _write(table: Table, figures: Sequence[Figure], folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "index.html").write_text(page(table, figures), "utf-8")
        for figure in figures:
            name = "_".join("".join(c if c.isalnum() else " " for c in figure.title.lower()).split())
            figure.picture.save(folder / f"{name}.jpg", quality=85)
    except OSError as error:
        raise SettingsError(f"Can't write to {folder}: {error.strerror}.") from error
    write_table(table, folder / "report.json")
