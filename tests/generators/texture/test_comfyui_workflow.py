"""Workflows are checked once and filled without being read again."""

import json
from pathlib import Path
from typing import Any

import pytest

from vrbridge.errors import SettingsError
from vrbridge.generators.texture.comfyui_workflow import Workflow


def node(**inputs: Any) -> dict[str, Any]:
    return {"class_type": "Any", "inputs": inputs}


def written(folder: Path, content: Any) -> Path:
    file = folder / "flow.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return file


def test_whole_placeholders_keep_their_type_and_those_in_a_text_become_text(tmp_path: Path) -> None:
    flow = Workflow(
        written(tmp_path, {"1": node(text="a {{prompt}} at {{seed}}", seed="{{ seed }}", link=["2", 0])})
    )
    filled = flow.filled({"prompt": "{{seed}} wall", "seed": 12})
    assert filled == {"1": node(text="a {{seed}} wall at 12", seed=12, link=["2", 0])}
    assert flow.uses("prompt")
    assert not flow.uses("checkpoint")
    assert flow.node_types == ("Any",)


def test_another_workflow_has_another_digest_and_layout_does_not_matter(tmp_path: Path) -> None:
    content = {"1": node(text="{{prompt}}", seed="{{seed}}")}
    first = Workflow(written(tmp_path, content)).digest
    assert Workflow(written(tmp_path, json.dumps(content, indent=7))).digest == first
    content["2"] = node()
    assert Workflow(written(tmp_path, content)).digest != first


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "is no JSON"),
        ("[]", "holds no nodes"),
        ({"nodes": [], "links": []}, r"Export \(API\)"),
        ({"1": {"inputs": {}}}, "not in API format"),
        ({"1": node(text="{{prompt}}")}, r"no `\{\{seed\}\}`"),
        ({"1": node(seed="{{seed}}")}, r"no `\{\{prompt\}\}`"),
        ({"1": node(text="{{prompt}}{{promt}}", seed="{{seed}}")}, r"unknown placeholder `\{\{promt\}\}`"),
    ],
)
def test_a_wrong_workflow_is_refused_with_the_reason(tmp_path: Path, content: Any, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        Workflow(written(tmp_path, content))


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.json can't be read \(No such file"):
        Workflow(tmp_path / "none.json")
