"""The outcomes of the suite as a page."""

import html
import platform
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from importlib.metadata import version

from tests.autobahn.suite import EXCLUDED, MAX_FRAGMENTS, Outcome

_GROUPS = {
    1: "framing",
    2: "pings and pongs",
    3: "reserved bits",
    4: "opcodes",
    5: "fragmentation",
    6: "UTF-8",
    7: "closing",
    9: "limits and performance",
    10: "miscellaneous",
}
_BEHAVIOURS = ("OK", "NON-STRICT", "INFORMATIONAL", "FAILED")
_TOO_EARLY = "the connection fails before the message in front of the wrong frame is answered"
_TOO_LATE = "wrong UTF-8 is refused at the end of the message instead of at the byte"
REASONS = {
    **dict.fromkeys(("3.2", "3.3", "4.1.3", "4.1.4", "4.2.3", "4.2.4", "5.15"), _TOO_EARLY),
    **dict.fromkeys(("6.4.1", "6.4.2", "6.4.3", "6.4.4"), _TOO_LATE),
    "7.1.5": "a close in the middle of a fragmented message is answered with 1002 instead of 1000",
}
"""Why a case may be other than OK."""
MAY_FAIL = frozenset({"7.1.5"})

_PAGE = """# The WebSocket layer against the Autobahn test suite

Written by `make autobahn`, which fails if a case fails that is not explained here.
The server is `tests/autobahn/echo.py`: WebSockets opened by `vrbridge/server/port.py`, as in the product.
Only two bounds are wider than there, because the suite sends what they would refuse: {fragments:,} frames
a message (the product: 4,096), and messages of 32 MiB (1 MiB). Cases of compression ({excluded}) are left
out: it is never negotiated.

{versions}

{counts}

## What is not OK

NON-STRICT is allowed by RFC 6455, INFORMATIONAL is not judged by the suite.

{exceptions}
"""


def page(outcomes: Sequence[Outcome]) -> str:
    """Return the page."""
    return _PAGE.format(
        fragments=MAX_FRAGMENTS,
        excluded=", ".join(f"`{pattern}`" for pattern in EXCLUDED),
        versions=_versions(),
        counts=_counts(outcomes),
        exceptions=_exceptions(outcomes),
    )


def unexplained(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Return what failed and may not fail."""
    return [
        outcome
        for outcome in outcomes
        if outcome.case not in MAY_FAIL
        and not {outcome.behaviour, outcome.closing} <= {"OK", "NON-STRICT", "INFORMATIONAL"}
    ]


def _versions() -> str:
    names = ("websockets", "uvloop")
    ours = ", ".join(f"{name} {version(name)}" for name in names)
    return f"{ours}, Python {platform.python_version()}; autobahntestsuite 0.8.2."


def _counts(outcomes: Sequence[Outcome]) -> str:
    rows = [("cases", "n", *_BEHAVIOURS), ("---", *["---:"] * (1 + len(_BEHAVIOURS)))]
    for group, name in _GROUPS.items():
        of_group = [outcome for outcome in outcomes if outcome.order[0] == group]
        rows.append((f"{group} {name}", *_count(of_group)))
    rows.append(("**all**", *_count(outcomes)))
    return _table(rows)


def _count(outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    found = Counter(outcome.behaviour for outcome in outcomes)
    return str(len(outcomes)), *(str(found[behaviour] or "") for behaviour in _BEHAVIOURS)


def _exceptions(outcomes: Iterable[Outcome]) -> str:
    rows = [("case", "behaviour", "close code", "what it does", "why"), ("---",) * 5]
    for outcome in outcomes:
        if not outcome.is_ok:
            why = REASONS.get(outcome.case, outcome.result)
            rows.append(
                (outcome.case, outcome.behaviour, str(outcome.close_code or ""), _plain(outcome.what), why)
            )
    return _table(rows)


def _plain(text: str) -> str:
    """Return the first sentence without the suite's HTML."""
    words = html.unescape(re.sub(r"<[^>]*>", "", text)).split()
    return re.split(r"(?<=[a-z)])\. ", " ".join(words))[0].removesuffix(".")


def _table(rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(cells)} |" for cells in rows)
