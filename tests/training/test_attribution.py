"""Authors and licences of a data set."""

from vrbridge.training.attribution import attribution


def test_every_statement_is_listed_once_under_its_package_and_licence() -> None:
    lines = [
        {"source_package": "b 1", "license": "GPL-2+", "copyright": "Ann"},
        {"source_package": "a 2", "license": "CC0-1.0", "copyright": "Bob"},
        {"source_package": "b 1", "license": "GPL-2+", "copyright": "Cid"},
        {"source_package": "b 1", "license": "GPL-2+", "copyright": "Cid"},
    ]
    text = attribution(lines)
    assert text.endswith(
        "## a 2: CC0-1.0 (1 pictures)\n\n- Bob (1)\n\n## b 1: GPL-2+ (3 pictures)\n\n- Cid (2)\n- Ann (1)\n"
    )
    assert "All of them are modified" in text
