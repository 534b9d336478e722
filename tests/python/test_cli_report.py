"""`segment --report`: the HTML page, parsed and in a browser."""

import base64
import hashlib
import html
import io
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser

import numpy as np
import pytest
from conftest import ROOT, failed, make_zoo, picture
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


def cover(thumbnail):
    """The share of each pixel that a mask covers; the lines around the mask are white and black."""
    pixels = np.asarray(thumbnail.convert("RGBA"))
    return np.where(np.ptp(pixels[..., :3], axis=-1) > 0, pixels[..., 3] / 255 / 0.62, 0)


@pytest.fixture(scope="module")
def made(shared):
    """A report of valid pictures (one with a hostile name, one large) and a broken one, and the run's JSON lines."""
    zoo = make_zoo(shared)
    (zoo / "bad.png").write_text("no picture")
    picture(4).save(zoo / "<b>'x'&.png")
    shutil.copy(ROOT / "examples/zoo.png", zoo / "large.png")
    result = shared("segment", "zoo", "-p", f"sky|grass|{HOSTILE}", "-t", "0.15", "--report", "page.html", "--json")
    assert result.returncode == 1
    return (shared.folder / "page.html").read_text(), [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture(scope="module")
def compared(shared, made):
    """A report that compares a second run, of fewer pictures and other prompts, with the first; its JSON lines."""
    (shared.folder / "first.jsonl").write_text("".join(json.dumps(line) + "\n" for line in made[1]))
    picture(6).save(shared.folder / "zoo/new.png")
    (shared.folder / "zoo/a.png").rename(shared.folder / "zoo/old.png")
    result = shared("segment", "zoo", "-p", "sky|grass|panda", "-t", "0.1", "--report", "both.html", "--json",
                    "--compare", "first.jsonl", "--save", "probability", "-o", "saved")  # fmt: skip
    assert result.returncode == 1 and re.search(rb"both\.html: 6 pictures, \d+\.\d MB", result.stderr)
    return (shared.folder / "both.html").read_text(), [json.loads(line) for line in result.stdout.splitlines()]


def browse(text: str, steps: str, folder):
    """What the JavaScript `steps`, added to the page, puts into the list `said`."""
    script = f'const said = [];{steps}\ndocument.body.textContent = "said " + JSON.stringify(said) + " end";'
    allowed = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    text = text.replace("script-src '", f"script-src 'sha256-{allowed}' '", 1)
    (folder / "steps.html").write_text(text.replace("</html>", f"<script>{script}</script></html>"))
    command = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'profile'}",
               "--dump-dom", f"file://{folder / 'steps.html'}"]  # fmt: skip
    dom = subprocess.run(command, capture_output=True, text=True, timeout=120).stdout
    return json.loads(html.unescape(re.search(r"said (.*) end", dom).group(1)))


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
        alpha = cover(small)
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
    policy = page.all("meta", **{"http-equiv": "Content-Security-Policy"})[0][1]["content"]
    script = text.split("<script>")[1].split("</script>")[0]
    allowed = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert "default-src 'none'" in policy and f"script-src 'sha256-{allowed}'" in policy


def test_it_is_not_replaced_and_resume_writes_it_again(ldznet, zoo):
    command = ["segment", "zoo", "-p", "sky", "--report", "out/page.html", "--save", "mask,probability", "-o", "out"]
    assert ldznet(*command).returncode == 0
    first = (ldznet.folder / "out/page.html").read_text()
    again = ldznet(*command)
    assert again.returncode == 73 and b"exists" in again.stderr
    resumed = ldznet(*command, "--resume")
    assert resumed.returncode == 0 and b"2 already done" in resumed.stderr
    assert (ldznet.folder / "out/page.html").read_text() == first and first.count('class="probability"') == 2
    assert [name for name in ldznet.files("out") if "probability" not in name] == [
        "page.html", "zoo/a.png.sky.mask.png", "zoo/b.jpg.sky.mask.png"]  # fmt: skip


def test_a_report_that_cannot_be_written(ldznet, zoo):
    (ldznet.folder / "file").write_text("")
    result = ldznet("segment", "zoo", "-p", "sky", "--report", "file/page.html")
    assert result.returncode == 73 and b"file" in result.stderr and result.stdout == b""


def iou(a, b):
    a, b = (coco.decode(x["segmentation"]).astype(bool) for x in (a, b))
    return (a & b).sum() / (a | b).sum() if (a | b).any() else None


def test_it_compares_two_runs(made, compared):
    page, (first, second) = Page(compared[0]), (made[1], compared[1])
    others = {line["image"]: {r["prompt"]: r for r in line.get("results", [])} for line in first}
    expected = []  # (prompt, IoU) by picture, this run's prompts first
    for line in second:
        other = others.get(line["image"], {})
        for result in line.get("results", []):
            theirs = other.get(result["prompt"])
            value = iou(result, theirs) if theirs else "none"
            expected.append((result["prompt"], "same" if value is None else value))
        ours = {r["prompt"] for r in line.get("results", [])}
        expected += [(prompt, "none") for prompt in other if prompt not in ours]
    rows = page.all("li")
    assert [r[1]["data-text"] for r in rows if "data-text" in r[1]] == [prompt for prompt, _ in expected]
    for row, (_, value) in zip(rows, expected, strict=False):
        shown = row[1]["data-iou"]
        assert shown == value if isinstance(value, str) else float(shown) == pytest.approx(value, abs=1e-4)
    numbers = [value for _, value in expected if not isinstance(value, str)]
    assert len(numbers) >= 3 and min(numbers) < max(numbers) > 0 and any(value == "none" for _, value in expected)
    found = [r for line in second for r in others.get(line["image"], {}).values() if r["present"]]
    masks = page.all("img", **{"class": "other"})
    assert len(masks) == len(found)
    for small, result in zip(masks, found, strict=True):
        alpha = cover(image(small))
        assert alpha.mean() == pytest.approx(result["area"] / np.prod(result["segmentation"]["size"]), abs=0.02)
    assert len(page.all("img", **{"class": "difference"})) > len(numbers)
    text = html.unescape(compared[0])
    assert "Not in this run: 1 picture of first.jsonl" in text and "<li>zoo/a.png: sky " in text
    assert text.count("not in the other run") == 2 and "failed in the other run, too" in text


def test_what_cannot_be_compared(ldznet, zoo):
    (ldznet.folder / "bad.jsonl").write_text('{"image": "a.png"}\n')
    command = ["segment", "zoo", "-p", "sky", "--report", "page.html", "--compare"]
    for more, code, words in (
        (["missing.jsonl"], 66, "missing.jsonl"),
        (["bad.jsonl"], 78, "bad.jsonl, line 1, is not a line of --json"),
        (["bad.jsonl", "--instances"], 64, "--instances"),
        (["-", "--list", "-"], 64, "stdin"),
    ):
        failed(ldznet(*command, *more), code, words)
    failed(ldznet("segment", "zoo", "-p", "sky", "--compare", "bad.jsonl"), 64, "--compare needs --report")
    assert not (ldznet.folder / "page.html").exists()


@pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed")
def test_a_browser_toggles_masks_and_filters(made, tmp_path):
    steps = """
    const shows = () => ({
      articles: articles.filter(a => !a.hidden).map(a => a.dataset.name),
      masks: document.querySelectorAll(".mask:not([hidden])").length});
    const change = (element, act) => { act(element); element.dispatchEvent(new Event("input", {bubbles: true})); };
    said.push(shows());
    change(document.querySelector("li:not([hidden]) input"), e => e.checked = false); said.push(shows());
    change(document.querySelector("form [data-box='0']"), e => e.checked = false); said.push(shows());
    change(words, e => e.value = "LARGE"); said.push(shows());
    change(score, e => e.value = "1"); said.push(shows());
    """
    said = browse(made[0], steps, tmp_path)
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


@pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed")
def test_a_browser_compares_runs_with_keys_and_a_slider(shared, compared, tmp_path):
    steps = """
    const key = name => (document.activeElement || page).dispatchEvent(new KeyboardEvent("keydown", {key: name, bubbles: true}));
    const current = () => { const a = document.querySelector("article.current"); return a && a.dataset.name; };
    const seen = query => [...document.querySelectorAll(query)].filter(e => e.checkVisibility()).length;
    const change = (element, value) => { element.value = value; element.dispatchEvent(new Event("input", {bubbles: true})); };
    for (const a of articles) a.style.contentVisibility = "visible";
    const names = [];
    for (const name of ["n", "ArrowRight", "p", "n", "n", "n", "n", "n", "n", "ArrowLeft"]) { key(name); names.push(current()); }
    words.focus(); key("p"); names.push(current()); words.blur();
    said.push(names, articles.map(a => a.dataset.name));

    dispatchEvent(new Event("beforeprint"));  // copies all pictures
    const views = [];
    const view_of = () => [seen(".mask"), seen(".second .other"), seen(".difference"), seen(".picture > img:not([class])")];
    for (const name of ["v", "v", "v", "v", "m", "m"]) { views.push(view_of()); key(name); }
    said.push(views, [".mask", ".other", ".difference", ".first > img:not([class])"].map(q => document.querySelectorAll(q).length));

    const rows = () => [...document.querySelectorAll("li[data-iou]:not([hidden])")].map(row => row.dataset.iou);
    said.push(shown.textContent, rows());
    change(agreement, "0.8"); said.push(rows()); change(agreement, "1");
    change(order, "iou");
    said.push([...articles].sort((a, b) => a.style.order - b.style.order).map(a => a.dataset.name)[0]);

    const small = document.querySelector('article[data-name="zoo/b.jpg"] .probability');
    const canvas = document.createElement("canvas");
    canvas.width = small.naturalWidth; canvas.height = small.naturalHeight;
    const area = () => {
      const paper = canvas.getContext("2d");
      paper.clearRect(0, 0, canvas.width, canvas.height);
      paper.filter = getComputedStyle(small).filter.replace(/"/g, "");
      paper.drawImage(small, 0, 0);
      const inside = Math.round(255 * 0.62);  // lines around it are less transparent
      return paper.getImageData(0, 0, canvas.width, canvas.height).data.filter((value, k) => k % 4 === 3 && Math.abs(value - inside) < 3).length;
    };
    const cuts = [];
    for (const value of ["0.1", "0.3", "0.05", "0.1"]) { change(threshold, value); cuts.push([value, seen(".mask"), seen(".probability"), area()]); }
    said.push(cuts, byId("cut").textContent, document.title);
    """
    hostile = "<script>document.title = 'hostile'</script><img src=x onerror='document.title = 1'></body>"
    said = browse(compared[0].replace("</body>", hostile), steps, tmp_path)
    moved, names, views, layers, shown, ious, differing, first, cuts, value, title = said
    assert moved == [names[k] for k in (0, 1, 0, 1, 2, 3, 4, 5, 5, 4, 4)]
    masks, others, differences, photos = layers
    assert views == [[masks, 0, 0, photos], [0, others, 0, photos], [masks, others, 0, 2 * photos],
                     [0, 0, differences, photos], [masks, 0, 0, photos], [0, 0, 0, photos]]  # fmt: skip
    numbers = {name: float(name) for name in ious if name not in ("same", "none")}
    assert (
        shown == f"6 of 6 pictures, IoU of both runs {np.mean([float(n) for n in ious if n in numbers]):.3f} on average"
    )
    assert differing == [name for name in ious if numbers.get(name, 1) <= 0.8] != ious
    worst = [e for e in re.split("<article", compared[0])[1:] if f'data-iou="{min(numbers, key=numbers.get)}"' in e]
    assert f'data-name="{first}"' in html.unescape(worst[0])
    thumbnail = image(Page(compared[0].split('data-name="zoo/b.jpg"')[1]).all("img", **{"class": "probability"})[0])
    levels = np.asarray(thumbnail) / 255
    saved = np.asarray(Image.open(shared.folder / "saved/zoo/b.jpg.sky.probability.png")) / 65535
    assert np.abs(levels - saved).max() < 0.003
    for cut, seen_masks, seen_probabilities, area in cuts:
        assert (seen_masks, seen_probabilities) == ((masks, 0) if cut == "0.1" else (0, 15)), cut
        assert area == (levels >= float(cut) - 1e-9).sum()
    assert value == "0.10" and title.startswith("ldznet")
