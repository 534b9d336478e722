"""`segment --report`: the HTML page, parsed and in a browser."""

import base64
import html
import io
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser

import numpy as np
import pytest
from conftest import make_zoo, picture
from PIL import Image
from pycocotools import mask as coco

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
HOSTILE = '<img src=x onerror="alert`1`">&amp;'


class Page(HTMLParser):
    """The elements of a page, in order: (tag, attributes, text after the start tag)."""

    def __init__(self, text: str):
        super().__init__()
        self.elements: list[list] = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.elements.append([tag, dict(attributes), ""])

    def handle_data(self, text):
        if self.elements:
            self.elements[-1][2] += text

    def all(self, tag, **wanted):
        return [e for e in self.elements if e[0] == tag and all(e[1].get(k) == v for k, v in wanted.items())]


def image(element) -> Image.Image:
    kind, data = re.fullmatch(r"data:image/(\w+);base64,(\S+)", element[1]["src"]).groups()
    opened = Image.open(io.BytesIO(base64.b64decode(data, validate=True)))
    assert opened.format.lower() == kind
    return opened


@pytest.fixture(scope="module")
def made(shared):
    """A report of valid pictures (one with a hostile name, one large) and a broken one, and the run's JSON lines."""
    zoo = make_zoo(shared)
    (zoo / "bad.png").write_text("no picture")
    picture(4).save(zoo / "<b>'x'&.png")
    picture(5, 900, 600).save(zoo / "large.png")
    result = shared("segment", "zoo", "-p", f"sky|grass|{HOSTILE}", "-t", "0.15", "--report", "page.html", "--json")
    assert result.returncode == 1
    return (shared.folder / "page.html").read_text(), [json.loads(line) for line in result.stdout.splitlines()]


def test_it_shows_what_the_json_says(shared, made):
    text, lines = made
    page = Page(text)
    assert [e[1]["data-name"] for e in page.all("article")] == [line["image"] for line in lines]
    good = [line for line in lines if "results" in line]
    pictures = [e for e in page.all("img") if e[1].get("class") != "mask"]
    assert len(pictures) == len(good) == 4 and len(lines) == 5
    for element, line in zip(pictures, good, strict=True):
        longest = max(line["width"], line["height"])
        scale = min(1, 320 / longest)
        assert image(element).size == (round(line["width"] * scale), round(line["height"] * scale))
    rows = page.all("li")
    results = [r for line in good for r in line["results"]]
    assert [r[1]["data-text"] for r in rows] == [r["prompt"] for r in results]
    for row, result in zip(rows, results, strict=True):
        assert float(row[1]["data-score"]) == pytest.approx(result["score"], abs=1e-6)
        assert int(row[1]["data-area"]) == result["area"]
    masks = [image(e) for e in page.all("img", **{"class": "mask"})]
    found = [r for r in results if r["present"]]
    assert len(masks) == len(found) > 0
    for small, result in zip(masks, found, strict=True):
        whole = Image.fromarray(coco.decode(result["segmentation"]) * 255).resize(small.size, Image.Resampling.BOX)
        alpha = np.asarray(small.convert("RGBA"))[..., 3] / 255 / 0.62
        assert np.abs(alpha - np.asarray(whole) / 255).max() < 0.05
    assert "bad.png" in page.all("p", **{"class": "error"})[0][2]
    assert shared.files() == sorted(["page.html", *(f for f in shared.files() if f.startswith("zoo"))])


def test_it_is_self_contained_and_escapes_names(made):
    text, _ = made
    assert not re.search(r"https?:|//[a-z]|@import|url\(", re.sub(r"base64,[A-Za-z0-9+/=]+", "", text))
    page = Page(text)
    assert not any("onerror" in e[1] or e[1].get("src") == "x" for e in page.elements)
    assert "zoo/<b>'x'&.png" in [e[1]["data-name"] for e in page.all("article")] and not page.all("b")
    assert text.count("<script>") == text.count("</script>") == 1


def test_it_is_not_replaced_and_resume_writes_it_again(ldznet, zoo):
    command = ["segment", "zoo", "-p", "sky", "--report", "out/page.html", "--save", "mask", "-o", "out"]
    assert ldznet(*command).returncode == 0
    first = (ldznet.folder / "out/page.html").read_text()
    again = ldznet(*command)
    assert again.returncode == 73 and b"exists" in again.stderr
    resumed = ldznet(*command, "--resume")
    assert resumed.returncode == 0 and b"2 already done" in resumed.stderr
    assert (ldznet.folder / "out/page.html").read_text() == first
    assert ldznet.files("out") == ["page.html", "zoo/a.png.sky.mask.png", "zoo/b.jpg.sky.mask.png"]


def test_a_report_that_cannot_be_written(ldznet, zoo):
    (ldznet.folder / "file").write_text("")
    result = ldznet("segment", "zoo", "-p", "sky", "--report", "file/page.html")
    assert result.returncode == 73 and b"file" in result.stderr and result.stdout == b""


@pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed")
def test_a_browser_toggles_masks_and_filters(ldznet, made, tmp_path):
    steps = """<script>
    const said = [];
    const shows = () => ({
      articles: articles.filter(a => !a.hidden).map(a => a.dataset.name),
      masks: document.querySelectorAll(".mask:not([hidden])").length});
    const change = (element, act) => { act(element); element.dispatchEvent(new Event("input", {bubbles: true})); };
    said.push(shows());
    change(document.querySelector("li:not([hidden]) input"), e => e.checked = false); said.push(shows());
    change(document.querySelector("form [data-box='0']"), e => e.checked = false); said.push(shows());
    change(words, e => e.value = "LARGE"); said.push(shows());
    change(score, e => e.value = "1"); said.push(shows());
    document.body.textContent = "said " + JSON.stringify(said) + " end";
    </script>"""
    (tmp_path / "steps.html").write_text(made[0].replace("</html>", steps + "</html>"))
    command = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}",
               "--dump-dom", f"file://{tmp_path / 'steps.html'}"]  # fmt: skip
    dom = subprocess.run(command, capture_output=True, text=True, timeout=120).stdout
    said = json.loads(html.unescape(re.search(r"said (.*) end", dom).group(1)))
    lines = made[1]
    masks = [[r["prompt"] for r in line.get("results", []) if r["present"]] for line in lines]
    total = sum(map(len, masks))
    first = lines[0]["results"][0]
    assert said[0] == {"articles": [line["image"] for line in lines], "masks": total}
    assert said[1]["masks"] == total - int(first["present"])
    assert said[2]["masks"] == total - sum("sky" in m for m in masks)
    large = [k for k, line in enumerate(lines) if line["image"].endswith("large.png")]
    assert said[3] == {"articles": ["zoo/large.png"], "masks": sum(p != "sky" for p in masks[large[0]])}
    assert said[4] == {"articles": [], "masks": 0}
