"""Names the authors and licences of a data set's pictures."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

_PICTURES = """\
# Who made these pictures

Every picture keeps its own licence: see `license`, `copyright`, `source_package` and `source_path` in
`metadata.jsonl`. All of them are modified: cropped, made smaller and encoded anew. Whoever passes them on
passes on this file, too.
"""
MODELS = """\
# Who made these models

Every model keeps its own licence. All of them are modified: moved, scaled, simplified, their colours baked
into vertices. Whoever passes them on passes on this file, too; `meta.attribution` names the one shown.
"""


def attribution(lines: Iterable[Mapping[str, Any]], *, head: str = _PICTURES, what: str = "pictures") -> str:
    """Return Markdown with the copyright statements of a `metadata.jsonl`, by package and licence.

    Args:
        lines: Its objects.
        head: Said before.
        what: They are, plural.
    """
    statements: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for line in lines:
        statements[line["source_package"], line["license"]][line["copyright"]] += 1
    sections = []
    for (package, license), counts in sorted(statements.items()):
        entries = "".join(f"- {holder} ({n})\n" for holder, n in counts.most_common())
        sections.append(f"\n## {package}: {license} ({counts.total()} {what})\n\n{entries}")
    return head + "".join(sections)
