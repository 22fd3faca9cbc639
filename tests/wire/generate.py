"""Write the golden files: `python -m tests.wire.generate`."""

import json
from pathlib import Path
from typing import Any

import msgpack

from tests.wire.catalogue import CLIENT, SERVER, Golden
from tests.wire.refusals import MALFORMED, Malformed

FOLDER = Path(__file__).parent


def main() -> None:
    """Write every file, and remove those that nobody asks for."""
    files = golden_files()
    for path in FOLDER.glob("*/*.json"):
        if path.relative_to(FOLDER).as_posix() not in files:
            path.unlink()
    for name, text in files.items():
        path = FOLDER / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")


def golden_files() -> dict[str, str]:
    """Return every file's text by its path."""
    files = {f"client/{golden.name}.json": _text(_golden("client", golden)) for golden in CLIENT}
    files |= {f"server/{golden.name}.json": _text(_golden("server", golden)) for golden in SERVER}
    return files | {f"malformed/{bad.name}.json": _text(_malformed(bad)) for bad in MALFORMED}


def from_json(value: Any) -> Any:
    """Return plain values with bins in the place of `$bin` maps."""
    if isinstance(value, list):
        return [from_json(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"$bin"}:
        return bytes.fromhex(value["$bin"])
    return {key: from_json(item) for key, item in value.items()}


def _golden(side: str, golden: Golden) -> dict[str, Any]:
    data = golden.data if golden.data is not None else msgpack.packb(golden.message)
    file = {"name": golden.name, "from": side, "hex": data.hex(), "message": _to_json(golden.message)}
    return file | {"ignored": True} if golden.is_ignored else file


def _malformed(bad: Malformed) -> dict[str, Any]:
    return {"name": bad.name, "from": "client", "hex": bad.data.hex(), "answer": bad.answer}


def _to_json(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"$bin": value.hex()}
    if isinstance(value, list):
        return [_to_json(item) for item in value]
    if isinstance(value, dict):
        return {key: _to_json(item) for key, item in value.items()}
    return value


def _text(file: dict[str, Any]) -> str:
    return json.dumps(file, indent=1, ensure_ascii=True) + "\n"


if __name__ == "__main__":
    main()
