"""Captions of a folder of pictures: from `captions.csv`, or from what the files are called."""

import csv
import io
import re
from pathlib import Path

from vrbridge.errors import DataError

CAPTIONS_FILE = "captions.csv"
MAX_CAPTION_CHARS = 300

_MAX_CAPTIONS_BYTES = 16 * 1024 * 1024
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_BASE_COLOR = re.compile(r"base[_ -]?color", re.IGNORECASE)
_SIZE = re.compile(r"\d+(?:k|px|x\d+)", re.IGNORECASE)
_NAMES_OF_FILES = "dsc image img photo pic pxl untitled"
_NAMES_OF_TEXTURES = "albedo col color colour diff diffuse seamless tex texture tileable"
_SAYS_NOTHING = frozenset(f"{_NAMES_OF_FILES} {_NAMES_OF_TEXTURES}".split())


def caption_of_name(stem: str) -> str:
    """Return the words in a file's name: `old_red-brick_03` is "old red brick".

    Numbers, sizes ("2k") and words that every texture carries ("diffuse", "seamless") are left out.

    Args:
        stem: The name without folder and ending.

    Returns:
        Lower case; empty if the name holds no words.
    """
    words = _WORD.findall(_CAMEL.sub(" ", _SIZE.sub(" ", _BASE_COLOR.sub(" ", stem))).replace("_", " "))
    kept = [word.lower() for word in words if word.lower() not in _SAYS_NOTHING and len(word) > 1]
    return " ".join(kept)[:MAX_CAPTION_CHARS].strip()


def read_captions(path: Path) -> dict[str, str]:
    """Return the captions of `captions.csv` by file name.

    Args:
        path: A UTF-8 file whose first line is `file,caption`; more columns are ignored.

    Raises:
        DataError: If the file is too large or isn't UTF-8, a column or a value is missing, or a file is
            named twice.
    """
    if path.stat().st_size > _MAX_CAPTIONS_BYTES:
        raise DataError(f"{path.name}: over 16 MiB; is this really a file of captions?")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{path.name}: not UTF-8; save it as “CSV UTF-8”.") from error
    rows = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    captions: dict[str, str] = {}
    try:
        if not {"file", "caption"} <= set(rows.fieldnames or ()):
            raise DataError(f"{path.name}: the first line has to be `file,caption`.")
        for row in rows:
            file = (row["file"] or "").strip().replace("\\", "/").removeprefix("./")
            caption = " ".join((row["caption"] or "").split())
            _check_row(path.name, rows.line_num, file, caption, captions)
            captions[file] = caption
    except csv.Error as error:
        raise DataError(f"{path.name}, line {rows.line_num}: {error}.") from error
    return captions


def _check_row(name: str, line: int, file: str, caption: str, known: dict[str, str]) -> None:
    where = f"{name}, line {line}"
    if not file or not caption:
        raise DataError(f"{where}: both a file and a caption are needed.")
    if len(caption) > MAX_CAPTION_CHARS:
        raise DataError(
            f"{where}: the caption has {len(caption)} characters; {MAX_CAPTION_CHARS} are allowed."
        )
    if file in known:
        raise DataError(f"{where}: {file} has a caption already.")
