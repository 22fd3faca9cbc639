"""The page of a walk: one HTML file that needs nothing besides itself."""

import base64
import json
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from itertools import groupby
from typing import Any, Final

from vrbridge.client.demo.exhibits import MaterialExhibit, PropExhibit
from vrbridge.client.demo.visit import Arrival, Drop, Ending, Exchange, Visit, Waits

_TITLES: Final = {
    "talks": "Conversations",
    "materials": "Materials",
    "props": "Props",
    "network": "When things change",
    "latency": "How long it took",
    "walk": "The walk",
}
_MAP_NAMES: Final = {
    "base_color": "colour",
    "normal": "normal",
    "orm": "occl. rough. metal",
    "height": "height",
}
_FIRST_NAMES: Final = {"dialogue": "first word", "texture": "preview", "mesh": "coarsest level"}
_KIND_NAMES: Final = {"dialogue": "Answers", "texture": "Materials", "mesh": "Props"}

FileOf = Callable[[Arrival], str | None]
"""Returns where the files of a material or a prop lie, relative to the page, or None."""


def page(
    visit: Visit,
    materials: Sequence[MaterialExhibit],
    props: Sequence[PropExhibit],
    *,
    style: str,
    file_of: FileOf,
) -> str:
    """Return the page.

    Args:
        visit: What happened.
        materials: With their pictures.
        props: With their pictures.
        style: CSS.
        file_of: For links to the files themselves.
    """
    sections = [
        _section("talks", _TALKS_TEXT, _talks(visit.exchanges)),
        _section("materials", _MATERIALS_TEXT, _cards(_material(m, file_of) for m in materials)),
        _section("props", _PROPS_TEXT, _cards((_prop(prop, file_of) for prop in props), kind="cards large")),
        _section("network", _NETWORK_TEXT, _cards(_incidents(visit))),
        _section("latency", _latency_text(visit), _latencies(visit)),
        _section("walk", _walk_text(visit), _map(visit)),
    ]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(visit.scene.title)} – vrbridge demo</title>\n<style>\n{style}</style>\n</head>\n"
        f"<body>\n{_head(visit)}\n<main>\n{''.join(sections)}</main>\n{_foot(visit)}\n</body>\n</html>\n"
    )


_TALKS_TEXT: Final = (
    "What the player said, what they looked at while saying it, and what came back. "
    "Times run from the question to the first word on the player's side."
)
_MATERIALS_TEXT: Final = (
    "Each made from its words: three tiles by three under a lamp at the left, the colour alone, a ball, "
    "and the maps that the engine gets."
)
_PROPS_TEXT: Final = "Each drawn with its own geometry and textures, from the front right and the back left."
_NETWORK_TEXT: Final = "Players change their minds and walk out of the Wi-Fi. This is what it cost here."


def _head(visit: Visit) -> str:
    links = "".join(f'<a href="#{name}">{text}</a>' for name, text in _TITLES.items())
    tiles = "".join(
        f'<div class="figure"><b>{value}</b><span>{text}</span></div>' for value, text in _figures(visit)
    )
    return (
        f'<header><div><p class="kicker">vrbridge demo</p><h1>{escape(visit.scene.title)}</h1>'
        f'<p class="lead">{escape(visit.scene.text.strip())}</p><div class="figures">{tiles}</div>'
        f"<nav>{links}</nav></div></header>"
    )


def _figures(visit: Visit) -> list[tuple[str, str]]:
    figures = [(str(len(visit.materials)), "materials"), (str(len(visit.props)), "props")]
    figures.append((str(len(visit.exchanges)), "answers"))
    for kind, name in (
        ("dialogue", "to the first word"),
        ("texture", "to a preview"),
        ("mesh", "to a shape"),
    ):
        first = [waits.first_ms for waits in _waits(visit, kind) if waits.first_ms is not None]
        if first:
            figures.append((_ms(statistics.median(first)), f"{name}, median"))
    return figures


def _section(name: str, text: str, body: str) -> str:
    return f'<section id="{name}"><h2>{_TITLES[name]}</h2><p>{text}</p>{body}</section>\n'


def _cards(cards: Iterable[str], *, kind: str = "cards") -> str:
    return f'<div class="{kind}">{"".join(cards)}</div>'


def _talks(exchanges: Sequence[Exchange]) -> str:
    talks = []
    for (npc, place), turns in groupby(exchanges, key=lambda turn: (turn.npc, turn.place)):
        title = f'<header><h3>{escape(_spoken(npc))}</h3><p class="small">{escape(place)}</p></header>'
        talks.append(f'<article class="card talk">{title}{"".join(_turn(turn) for turn in turns)}</article>')
    return f'<div class="talks">{"".join(talks)}</div>'


def _turn(turn: Exchange) -> str:
    heard, unheard = turn.answer[: turn.heard_characters], turn.answer[turn.heard_characters :]
    rest = f'<span class="unheard">{escape(unheard)}</span>' if unheard else ""
    actions = "".join(
        f'<span class="act">{escape(_call(name, given))}</span> ' for name, given in turn.actions
    )
    facts = [f"first word after <b>{_ms(turn.waits.first_ms)}</b>"]
    facts += [f"mood: {escape(turn.emotion)}"] if turn.emotion else []
    facts += ["the player left before the pale part"] if unheard else []
    return (
        f'<p class="said player">{escape(turn.line.text)}</p>'
        f'<p class="meta right">looking at: {escape(turn.seen)}</p>'
        f'<p class="said npc">{escape(heard)}{rest}</p>{actions}<p class="meta">{" · ".join(facts)}</p>'
    )


def _call(name: str, arguments: Mapping[str, Any]) -> str:
    given = ", ".join(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in arguments.items())
    return f"{name}({given})"


def _material(exhibit: MaterialExhibit, file_of: FileOf) -> str:
    prompt, result = exhibit.arrival.ask.prompt, exhibit.material.result
    maps = "".join(
        f"<figure>{_picture(data, f'{_MAP_NAMES.get(role, role)} of {prompt}')}"
        f"<figcaption>{_MAP_NAMES.get(role, escape(role))}</figcaption></figure>"
        for role, data in exhibit.maps.items()
    )
    size = f"{result.get('size_px', '?')} px on {result.get('metres_per_tile', '?')} m"
    return (
        f'<article class="card">{_picture(exhibit.lit, f"{prompt}: nine tiles, lit from the left")}'
        f'<div class="pair thumbs">{_picture(exhibit.flat, f"{prompt}: nine tiles, colour only")}'
        f'{_picture(exhibit.ball, f"{prompt}: a ball")}</div><div class="text"><h3>{escape(prompt)}</h3>'
        f'{_times(exhibit.arrival, "texture")}<p class="facts">{_origin(result)} · {escape(size)}'
        f'{_link(file_of(exhibit.arrival), "files")}</p><div class="strip">{maps}</div></div></article>'
    )


def _prop(exhibit: PropExhibit, file_of: FileOf) -> str:
    prompt, result = exhibit.arrival.ask.prompt, exhibit.mesh.result
    sides = ("front right", "back left")
    views = "".join(
        _picture(data, f"{prompt} from the {side}") for side, data in zip(sides, exhibit.views, strict=True)
    )
    edges = " × ".join(f"{edge:.2f}" for edge in result.get("size_m", ()))
    faces = " / ".join(f"{count:,}" for count in exhibit.faces)
    return (
        f'<article class="card"><div class="pair">{views}</div><div class="text"><h3>{escape(prompt)}</h3>'
        f'{_times(exhibit.arrival, "mesh")}<p class="facts">{_origin(result)} · {edges} m · '
        f"{faces} faces{_link(file_of(exhibit.arrival), 'GLB')}</p></div></article>"
    )


def _times(arrival: Arrival, kind: str) -> str:
    waits = arrival.waits
    text = f"{_FIRST_NAMES[kind]} <b>{_ms(waits.first_ms)}</b> · all <b>{_ms(waits.done_ms)}</b>"
    is_cached = bool(arrival.made.result.get("cached"))
    return f'<p class="facts">{text}{" · from the cache" if is_cached else ""}</p>'


def _origin(result: Mapping[str, Any]) -> str:
    family = escape(str(result.get("family", result.get("origin", ""))))
    confidence = result.get("confidence")
    return family if confidence is None else f"{family}, {confidence:.0%} sure"


def _link(target: str | None, text: str) -> str:
    return f' · <a href="{escape(target)}">{text}</a>' if target else ""


def _incidents(visit: Visit) -> Iterable[str]:
    for ending in visit.endings:
        yield _incident(*_ending(ending))
    for drop in visit.drops:
        yield _incident(*_drop(drop))


def _incident(title: str, mark: str, text: str) -> str:
    return (
        f'<article class="card"><div class="text incident"><span class="mark">{mark}</span>'
        f'<h3>{escape(title)}</h3><p class="facts">{text}</p></div></article>'
    )


def _ending(ending: Ending) -> tuple[str, str, str]:
    marks = {"cancelled": "Cancelled", "superseded": "Superseded"}
    texts = {
        "cancelled": "Nobody needed it any more. It stopped, and none of its bytes came after that.",
        "superseded": "The player wanted another one for the same place. The newer request took its slot.",
    }
    text = texts.get(ending.code, f"It ended in <b>{escape(ending.code)}</b> before it could be stopped.")
    return ending.prompt, marks.get(ending.code, "Ended"), f"{text} It took <b>{_ms(ending.after_ms)}</b>."


def _drop(drop: Drop) -> tuple[str, str, str]:
    text = (
        f"The connection was cut after <b>{drop.at_bytes:,}</b> of <b>{drop.in_all_bytes:,}</b> bytes of "
        f"<b>{escape(_spoken(drop.role).lower())}</b> and was back after <b>{_ms(drop.back_ms)}</b>. "
    )
    if drop.resumed:
        text += "The session went on where it was; "
    else:
        text += "The server had forgotten the session, so everything open was asked for again; "
    text += (
        f"<b>{drop.n_repeated_bytes:,}</b> bytes came twice, <b>{drop.n_asked_again}</b> requests were sent "
        "again, and every SHA-256 was right."
    )
    return drop.prompt, "Connection lost", text


def _latency_text(visit: Visit) -> str:
    left_out = " The material during which the connection was lost is left out." if visit.drops else ""
    return (
        "On the player's side, from asking. Several requests were under way at the same time, as in a real "
        f"scene.{left_out}"
    )


def _latencies(visit: Visit) -> str:
    rows = "".join(_row(kind, _waits(visit, kind)) for kind in _KIND_NAMES)
    ping = (
        f"A round trip to the server took {_ms(statistics.median(visit.pings_ms))} (median)."
        if visit.pings_ms
        else ""
    )
    return (
        '<div class="wide"><table><thead><tr><th></th><th></th><th colspan="2">accepted</th>'
        '<th colspan="2">first part</th><th colspan="2">done</th></tr><tr><th></th><th>number</th>'
        f"{'<th>median</th><th>max</th>' * 3}</tr></thead><tbody>{rows}</tbody></table></div>"
        f'<p class="small">First part: the first word, the preview, the coarsest level. {ping}</p>'
    )


def _row(kind: str, waits: Sequence[Waits]) -> str:
    cells = []
    for values in ([w.accepted_ms for w in waits], [w.first_ms for w in waits], [w.done_ms for w in waits]):
        known = [value for value in values if value is not None]
        cells += [_ms(statistics.median(known)), _ms(max(known))] if known else ["–", "–"]
    tail = "".join(f"<td>{cell}</td>" for cell in cells)
    return f"<tr><td>{_KIND_NAMES[kind]}</td><td>{len(waits)}</td>{tail}</tr>"


def _waits(visit: Visit, kind: str) -> list[Waits]:
    if kind == "dialogue":
        return [turn.waits for turn in visit.exchanges]
    return [arrival.waits for arrival in visit.arrivals if arrival.ask.kind == kind and not arrival.ask.drop]


def _walk_text(visit: Visit) -> str:
    return (
        f"{visit.walked_s:.0f} seconds, {visit.n_contexts:,} context messages: head pose, gaze, what is near "
        "and what is looked at, ten times a second."
    )


def _map(visit: Visit) -> str:
    """Return the way as seen from above, turned so that the player walks from left to right."""
    scene = visit.scene

    def turned(x: float, z: float) -> tuple[float, float]:
        return -z, x

    way = [turned(*position) for position in (scene.start, *(stop.position for stop in scene.stops))]
    spots = [turned(thing.position[0], thing.position[2]) for thing in scene.things.values()]
    across, down = zip(*way, *spots, strict=True)
    left, top = min(across) - 2, min(down) - 2
    # The last name stands to the right of its place.
    width, height = max(across) - left + 3, max(down) - top + 1.5
    line = " ".join(f"{x:.2f},{y:.2f}" for x, y in way)
    dots = "".join(f'<circle class="thing" cx="{x:.2f}" cy="{y:.2f}" r=".16"/>' for x, y in spots)
    stops = "".join(
        f'<circle class="stop" cx="{x:.2f}" cy="{y:.2f}" r=".34"/>'
        f'<text x="{x:.2f}" y="{y - 0.7:.2f}">{escape(stop.place)}</text>'
        for stop, (x, y) in zip(scene.stops, way[1:], strict=True)
    )
    return (
        f'<div class="card map"><svg viewBox="{left:.2f} {top:.2f} {width:.2f} {height:.2f}" role="img" '
        f'aria-label="The walk from above"><polyline class="way" points="{line}"/>{dots}{stops}</svg></div>'
    )


def _foot(visit: Visit) -> str:
    models = ", ".join(f"{kind}: {model}" for kind, model in visit.models.items() if model)
    return f"<footer><p>{escape(visit.server)} · {escape(models)}</p></footer>"


def _picture(data: bytes, text: str) -> str:
    encoded = base64.b64encode(data).decode("ascii")
    return f'<img loading="lazy" src="data:image/jpeg;base64,{encoded}" alt="{escape(text)}">'


def _spoken(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _ms(value: float | None) -> str:
    if value is None:
        return "–"
    if value >= 9950:
        return f"{value / 1000:.0f} s"
    if value >= 995:
        return f"{value / 1000:.1f} s"
    return f"{value:.0f} ms" if value >= 9.95 else f"{value:.1f} ms"
