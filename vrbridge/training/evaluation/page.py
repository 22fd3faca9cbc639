"""The evaluation as one web page that opens without a network: table, pictures, and how to read them."""

import base64
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from PIL import Image

from vrbridge.training.evaluation.seams import MAX_SEAM_RATIO
from vrbridge.training.evaluation.table import Row, Table

_QUALITY: Final = 80
_STYLE: Final = """
:root { color-scheme: light dark; --ink: #1f242e; --soft: #697180; --line: #d6dbe3; --paper: #fff;
  --bad: #b3261e }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8eaee; --soft: #9aa3b2; --line: #3a4150; --paper: #16191f; --bad: #ff8a80 }
}
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 1200px; margin: 2rem auto; padding: 0 1rem }
.wide { overflow-x: auto }
table { border-collapse: collapse; font-variant-numeric: tabular-nums }
th, td { padding: .35rem .8rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap }
th:first-child, td:first-child { text-align: left }
thead th { vertical-align: bottom }
small, .soft { color: var(--soft) }
.bad { color: var(--bad); font-weight: 600 }
img { max-width: 100%; height: auto; display: block }
"""


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture on the page.

    Args:
        title: Above it.
        note: What it shows, in a sentence or two.
        picture: Any size; wider than the page is shown smaller.
    """

    title: str
    note: str
    picture: Image.Image


@dataclass(frozen=True, slots=True)
class _Measure:
    name: str
    better: str
    value: Callable[[Row], str]
    is_bad: Callable[[Row], bool] = lambda row: False


def page(table: Table, figures: Sequence[Figure]) -> str:
    """Return the page as HTML, its pictures inside."""
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8>",
        "<meta name=viewport content='width=device-width'><title>Texture evaluation</title>",
        f"<style>{_STYLE}</style>",
        "<h1>How good the textures are</h1>",
        f"<p>Each source was asked for {table.seeds} pictures ({table.size_px}² px) of each of "
        f"{_n_captions(table)} captions of pictures that no network "
        f"was trained on, and for one of each of {table.n_prompts} prompts that developers might type. "
        f"{table.n_held_out} pictures are held out, {table.n_training} are for training. "
        "What the pictures show is told by EfficientNet-Lite0, which no training here uses.</p>",
        _figures_table(table),
        _seam_table(table),
        _notes(table),
    ]
    parts += [_figure(figure) for figure in figures]
    parts.append(f"<p class=soft>Measured in {table.seconds:.0f} s.</p></html>")
    return "\n".join(parts)


def _n_captions(table: Table) -> int:
    return table.rows[0].n_pictures // table.seeds if table.rows else 0


def _measures(table: Table) -> list[_Measure]:
    return [
        _Measure("distance to held-out (KID)", "0 is best", _kid),
        _Measure("caption found, top 1", _chance(1, table.n_captions), lambda r: _percent(r.top_1)),
        _Measure("top 5", _chance(5, table.n_captions), lambda r: _percent(r.top_5)),
        _Measure("prompt found, top 1", _chance(1, table.n_prompts), lambda r: _percent(r.list_top_1)),
        _Measure("top 5", _chance(5, table.n_prompts), lambda r: _percent(r.list_top_5)),
        _Measure("new beside held-out", "1 as new, 0 copied", lambda r: f"{r.novelty:.2f}"),
        _Measure("suspiciously near", "5 % by definition", lambda r: _percent(r.copies)),
        _Measure("variety of seeds", "1 as in a category", lambda r: _number(r.diversity, 2)),
        _Measure("roll test", "0 is exact", lambda r: _number(r.roll_error, 6), lambda r: bool(r.roll_error)),
        _Measure("normals: length", "error", lambda r: f"{r.normal_length_error:.4f}"),
        _Measure("curl", "share of slopes", lambda r: f"{r.normal_curl:.3f}"),
        _Measure("time", "ms a picture", lambda r: f"{r.render_ms:.0f}"),
    ]


def _figures_table(table: Table) -> str:
    measures = _measures(table)
    head = "".join(f"<th>{escape(m.name)}<br><small>{escape(m.better)}</small>" for m in measures)
    rows = []
    for row in table.rows:
        cells = "".join(
            f"<td class={'bad' if measure.is_bad(row) else 'good'}>{measure.value(row)}"
            for measure in measures
        )
        rows.append(f"<tr><td>{escape(row.model)}{cells}")
    return f"<div class=wide><table><thead><tr><th>source{head}</thead>{''.join(rows)}</table></div>"


def _seam_table(table: Table) -> str:
    lines = []
    roles: list[str] = []
    for row in table.rows:
        for form, ratios in row.seams.items():
            roles = list(ratios)
            cells = "".join(
                f"<td class={'bad' if ratio > MAX_SEAM_RATIO else 'good'}>{ratio:.3f}"
                for ratio in ratios.values()
            )
            visible = _percent(row.visible_seams) if form == "before" else ""
            lines.append(f"<tr><td>{escape(row.model)}<td>{escape(form)}{cells}<td>{visible}")
    head = "".join(f"<th>{role.replace('_', ' ')}" for role in roles)
    return (
        f"<h2>Seams</h2><p>Step from one tile to the next ÷ steps inside; at most {MAX_SEAM_RATIO} is aimed "
        "at. Before encoding, and after it in the formats that clients ask for; there the other steps are "
        "those between the blocks of the coding.</p>"
        "<div class=wide><table><thead><tr>"
        f"<th>source<th>encoding{head}<th>seen in colour</thead>{''.join(lines)}</table></div>"
    )


def _notes(table: Table) -> str:
    subset = table.rows[0].kid_subset if table.rows else 0
    notes = {
        "KID": "how far the pictures as a whole are from the held-out ones, mean ± standard error of 20 "
        f"subsets; with so few held-out pictures a subset has {subset} of each side, where 500 are usual. "
        "The row of the held-out pictures compares two halves of them.",
        "Caption found": "how often a picture's own caption is the one that fits it best, of "
        f"{table.n_captions}, told by a linear map that was fitted on training pictures. The row of the "
        "held-out pictures is the ceiling: this map can't tell more. Training pictures that are given back "
        "unchanged fit better than is fair, as the map knows them.",
        "New": "mean distance to the nearest training picture, divided by that of the held-out pictures.",
        "Suspiciously near": "nearer to a training picture than 95 % of the held-out pictures are.",
        "Variety": "distance between the seeds of a prompt, divided by that between real pictures of its "
        "category, which has many captions.",
        "Curl": "share of the normals' slopes that no surface can have; rounding makes a little.",
        "Seen in colour": "share of pictures whose border is the roughest of all their lines.",
    }
    items = "".join(f"<li><b>{name}</b>: {text}" for name, text in notes.items())
    return f"<h2>How to read it</h2><ul>{items}</ul>"


def _figure(figure: Figure) -> str:
    buffer = io.BytesIO()
    figure.picture.save(buffer, "JPEG", quality=_QUALITY)
    data = base64.b64encode(buffer.getvalue()).decode()
    width, height = figure.picture.size
    return (
        f"<h2>{escape(figure.title)}</h2><p>{escape(figure.note)}</p>"
        f"<img width={width} height={height} alt='{escape(figure.title)}' "
        f"src='data:image/jpeg;base64,{data}'>"
    )


def _kid(row: Row) -> str:
    return f"{row.kid:.4f} ± {row.kid_error:.4f}"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.0f} %"


def _number(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def _chance(hits: int, of: int) -> str:
    return f"chance {100 * min(1.0, hits / max(of, 1)):.1f} %"
