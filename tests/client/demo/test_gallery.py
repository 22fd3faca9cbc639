"""The page of a walk."""

import re
from html.parser import HTMLParser

import pytest

from tests.client.demo.walks import visit
from vrbridge.client.demo.exhibits import exhibits_of
from vrbridge.client.demo.gallery import page
from vrbridge.settings import assets_dir

VOID = {"meta", "img", "br", "circle", "polyline"}


class Reader(HTMLParser):
    """Checks that tags close in order, and keeps text and pictures."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []
        self.pictures: list[dict[str, str | None]] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.pictures.append(dict(attrs))
        if tag == "a":
            self.links.append(dict(attrs)["href"] or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))


@pytest.fixture(scope="module")
def html() -> str:
    walked = visit()
    seen: list[int] = []
    materials, props = exhibits_of(walked, on_exhibit=seen.append)
    assert seen == [1, 2, 3]
    style = (assets_dir() / "scenes" / "gallery.css").read_text("utf-8")
    return page(walked, materials, props, style=style, file_of=lambda arrival: f"x/{arrival.ask.object}.bin")


@pytest.fixture(scope="module")
def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    assert reader.open == []
    return reader


def test_every_material_and_prop_has_its_pictures(read: Reader) -> None:
    named = [picture["alt"] or "" for picture in read.pictures]
    for prompt in ("moss <& stone>", "red brick"):
        # Lit, flat, a ball, and three maps.
        assert sum(prompt in name for name in named) == 6
    assert sum("oak door" in name for name in named) == 2
    assert all(name for name in named)


def test_the_page_needs_nothing_besides_itself(html: str, read: Reader) -> None:
    assert all((picture["src"] or "").startswith("data:image/jpeg;base64,") for picture in read.pictures)
    assert "http" not in re.sub(r"data:image/jpeg;base64,[A-Za-z0-9+/=]+", "", html)
    assert not re.search(r"<(script|link|iframe)|url\(|@import", html)


def test_what_came_from_outside_is_escaped(html: str, read: Reader) -> None:
    for text in (
        "Is <this> yours?",
        "a <mossy> wall",
        "moss <& stone>",
        "A walk & more",
        "painter <1>",
        "<slowly>",
    ):
        assert text in read.text
        assert text not in html
    assert "<b>it</b>" not in html


def test_an_answer_shows_words_mood_action_and_what_was_not_heard(html: str, read: Reader) -> None:
    assert "first word after 40 ms" in read.text
    assert "mood: joy" in read.text
    assert 'nod(how: "<slowly>")' in read.text
    assert 'Aye &lt;b<span class="unheard">&gt;it&lt;/b&gt; is.</span>' in html


def test_the_table_has_median_and_maximum_without_the_interrupted_material(read: Reader) -> None:
    table = read.text[read.text.index("How long it took On the player") :]
    assert "Materials 1 2.0 ms 2.0 ms 40 ms 40 ms 1.2 s 1.2 s" in table
    assert "100 s" not in table
    assert "A round trip to the server took 2.0 ms" in table


def test_cancelled_superseded_and_lost_are_told(read: Reader) -> None:
    for text in ("Superseded blue cloth", "Cancelled golden tiles", "Connection lost red brick"):
        assert text in read.text
    assert "after 1,000 of 4,000 bytes of base color" in read.text
    assert "The session went on where it was" in read.text


def test_links_lead_to_the_files_and_to_the_sections(html: str, read: Reader) -> None:
    assert {"x/wall.bin", "x/floor.bin", "x/door.bin"} <= set(read.links)
    for link in read.links:
        if link.startswith("#"):
            assert f'id="{link[1:]}"' in html
