"""Names the authors and licences of a data set's pictures."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

_HEAD = """\
# Who made these pictures

Every picture keeps its own licence: see `license`, `copyright`, `source_package` and `source_path` in
`metadata.jsonl`. All of them are modified: cropped, made smaller and encoded anew. Whoever passes them on
passes on this file, too.
"""


def attribution(lines: Iterable[Mapping[str, Any]]) -> str:
    """Return Markdown with the copyright statements of a `metadata.jsonl`, by package and licence.

    Args:
        lines: Its objects.
    """
    statements: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for line in lines:
        statements[line["source_package"], line["license"]][line["copyright"]] += 1
    sections = []
    for (package, license), counts in sorted(statements.items()):
        entries = "".join(f"- {holder} ({n})\n" for holder, n in counts.most_common())
        sections.append(f"\n## {package}: {license} ({counts.total()} pictures)\n\n{entries}")
    return _HEAD + "".join(sections)
