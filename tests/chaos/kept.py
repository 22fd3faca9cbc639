"""Whether what a server has kept is whole, seen from outside: files and SQLite, none of its code."""

import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path


def check_kept(data: Path) -> dict[str, int]:
    """Return how many assets, results and turns a data folder holds.

    Raises:
        AssertionError: If anything is half written, under a wrong name, or unreadable.
    """
    assets = [path for path in (data / "assets").rglob("*") if path.is_file()]
    for path in assets:
        assert not path.name.startswith("."), f"half written: {path.name}"
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        assert digest == path.stem, f"{path.name} does not hold what its name says"
    results = [path for path in (data / "results").rglob("*") if path.is_file()]
    known = {path.stem for path in assets}
    for path in results:
        assert not path.name.startswith("."), f"half written: {path.name}"
        told = json.loads(path.read_bytes())
        missing = {asset["digest"].removeprefix("sha256:") for asset in told["assets"]} - known
        assert not missing, f"{path.name} promises assets that are not kept"
    with closing(sqlite3.connect(f"file:{data / 'conversations.sqlite3'}?mode=ro", uri=True)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        (n_turns,) = database.execute("SELECT count(*) FROM turns").fetchone()
    return {"assets": len(assets), "results": len(results), "turns": n_turns}
