"""What README shows works as it stands there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.serving import Serving

pytestmark = [pytest.mark.models, pytest.mark.xdist_group("server")]

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")


def _block(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    assert found is not None, f"README has a block of {language}"
    return found[1]


def test_the_python_quick_start_runs(server: Serving) -> None:
    code = _block("python").replace("ws://127.0.0.1:8765/ws", server.url)
    assert server.url in code
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
    words, _, lists = ran.stdout.partition("['base_color', 'normal', 'orm'] ")
    assert len(words.split()) > 2
    assert re.fullmatch(r"\[\d+, \d+, \d+\]\n", lists)


def test_every_file_that_readme_links_to_is_there() -> None:
    linked = re.findall(r"\]\(([^)#:]+)\)", README)
    assert linked
    missing = [path for path in linked if not (Path(__file__).parents[2] / path).exists()]
    assert missing == []


@pytest.mark.parametrize(("language", "client"), [("gdscript", "godot"), ("html", "webxr")])
def test_the_first_steps_are_those_that_the_clients_tests_take(language: str, client: str) -> None:
    of_client = (Path(__file__).parents[2] / "engine_clients" / client / "README.md").read_text("utf-8")
    assert _block(language) in of_client
