"""The table of an evaluation: one row for each source of textures."""

from pathlib import Path

import msgspec

from vrbridge.errors import SettingsError


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured of one source; None where a measure does not apply.

    Args:
        model: Name of the source.
        n_pictures: Made for held-out captions.
        kid: Kernel distance to the held-out pictures.
        kid_error: Standard error of it.
        kid_subset: Pictures of each side in one subset.
        top_1: Share of pictures whose own caption fits best, of all held-out captions.
        top_5: Likewise among the best five.
        list_top_1: Likewise for the prompts of the list.
        list_top_5: Likewise.
        novelty: Distance to the nearest training picture ÷ that of held-out pictures: 1 is as new as
            these, 0 a copy.
        copies: Share of pictures nearer to a training picture than 95 % of the held-out pictures are.
        diversity: Distance between seeds of a prompt ÷ that between real pictures of the same category.
        seams: Ratio of each map, before encoding and after, as {"before": {"normal": 1.0}, "jpeg": …}.
        visible_seams: Share of colour maps in which the seam is the roughest line of all.
        roll_error: Largest difference between a shifted tile and one of shifted latents, in float32.
        normal_length_error: Mean of |length − 1|.
        normal_curl: Share of the slopes that belongs to no surface.
        render_ms: Median time to make the maps.
    """

    model: str
    n_pictures: int
    kid: float
    kid_error: float
    kid_subset: int
    top_1: float
    top_5: float
    list_top_1: float | None
    list_top_5: float | None
    novelty: float
    copies: float
    diversity: float | None
    seams: dict[str, dict[str, float]]
    visible_seams: float
    roll_error: float | None
    normal_length_error: float
    normal_curl: float
    render_ms: float


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """All rows and what they are held against.

    Args:
        rows: One a source.
        n_training: Pictures of the data set that may be trained on.
        n_held_out: Pictures that are never.
        n_captions: Distinct held-out captions; chance is one of them.
        n_prompts: Prompts of the list.
        seeds: How many pictures were made for each caption.
        size_px: Their edge.
        seconds: How long it took.
    """

    rows: tuple[Row, ...]
    n_training: int
    n_held_out: int
    n_captions: int
    n_prompts: int
    seeds: int
    size_px: int
    seconds: float


def write_table(table: Table, file: Path) -> None:
    """Write the table as JSON.

    Raises:
        SettingsError: If the file can't be written.
    """
    try:
        file.write_bytes(msgspec.json.format(msgspec.json.encode(table), indent=2) + b"\n")
    except OSError as error:
        raise SettingsError(f"Can't write to {file}: {error.strerror}.") from error
