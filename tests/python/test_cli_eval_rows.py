"""Several rows in the table of `ldznet eval`: heads, other systems' predictions, and the differences between rows."""

import hashlib
import json
import shutil

import numpy as np
import pytest
import torch
from conftest import MODEL
from data_sets import THRESHOLDS, drawing, phrasecut, random_set, read_manifest, write_gray, write_manifest
from PIL import Image
from scipy.integrate import simpson

DRAWS = 1000


def counts(probability: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """True and false positives at each threshold, and the positives: 3 x 49."""
    found = probability[None] > np.array(THRESHOLDS, np.float32)[:, None, None]
    tp, fp = (found & truth).sum((1, 2)), (found & ~truth).sum((1, 2))
    return np.array([tp, fp, np.full_like(tp, truth.sum())])


def miou_and_ap(samples: list[np.ndarray]) -> tuple[float, float]:
    """Mean IoU at threshold 0.3 and AP, from the samples' counts."""
    tp, fp, positives = np.stack(samples, 1)[..., 14]
    miou = np.mean(tp / (1 + fp + positives))
    tp, fp, positives = np.sum(samples, 0)
    points: dict[float, float] = {}
    for x, y in zip(tp / (1 + positives), tp / (1 + tp + fp), strict=True):
        points.setdefault(x, y)
    x = sorted(points)
    return float(miou), float(simpson([points[r] for r in x], x=x))


def expected_differences(rows: dict[str, list[np.ndarray]], images: list[list[int]]) -> dict[tuple[str, str], dict]:
    """Differences between rows with their intervals. `images` lists each image's samples that are not absent. The
    bootstrap draws as the program does: MT19937's 32 bits, seeded with 1, scaled to the number of images."""
    n = len(images)
    random = np.random.RandomState(1).randint(0, 2**32, (DRAWS, n), dtype=np.uint32)
    chosen = random.astype(np.uint64) * np.uint64(n) >> np.uint64(32)

    def of(samples: list[np.ndarray], draw) -> tuple[float, float]:
        return miou_and_ap([samples[s] for i in draw for s in images[int(i)]])

    whole = {name: of(samples, range(n)) for name, samples in rows.items()}
    drawn = {name: np.array([of(samples, draw) for draw in chosen]) for name, samples in rows.items()}
    names, wanted = list(rows), {}
    for b, second in enumerate(names):
        for first in names[:b]:
            differences = np.sort(drawn[second] - drawn[first], 0)
            wanted[first, second] = {
                what: (whole[second][k] - whole[first][k], *differences[[25, 974], k])
                for k, what in enumerate(("miou", "ap"))
            }
    return wanted


def differences_of(report: list[dict]) -> dict[tuple[str, str], dict]:
    return {
        (d["first"], d["second"]): {w: tuple(d[w][v] for v in ("value", "low", "high")) for w in ("miou", "ap")}
        for d in report
    }


def three_systems(folder) -> tuple[dict[str, list[np.ndarray]], list[np.ndarray]]:
    """Writes 20 images of three phrases, tagged odd and even, and the predictions of three systems, each better than
    the one before. Returns the probabilities and the ground truths."""
    _, truths = random_set(folder, count=60)
    rng = np.random.default_rng(8)
    rows = {}
    for name, contrast in (("poor", 0.2), ("fair", 0.3), ("good", 0.33)):
        rows[name] = []
        for i, truth in enumerate(truths):
            values = np.clip(rng.normal(0.35 + contrast * truth, 0.2), 0, 1)
            rows[name].append(write_gray(folder / name / f"{i}.png", np.rint(values * 65535)))
    write_manifest(folder, [line | {"kind": ("even", "odd")[i % 2]} for i, line in enumerate(read_manifest(folder))])
    return rows, truths


def test_differences_equal_an_independent_bootstrap(ldznet):
    rows, truths = three_systems(ldznet.folder / "set")
    folders = [word for name in rows for word in ("--predictions", f"set/{name}")]
    run = ldznet("eval", "set", *folders, "--by", "kind", "--json", "a.json")
    assert run.returncode == 0, run.stderr
    report = json.loads((ldznet.folder / "a.json").read_text())
    assert list(report["methods"]) == list(rows)
    counted = {name: [counts(p, t) for p, t in zip(row, truths, strict=True)] for name, row in rows.items()}
    parts = {"all": range(60), "even": range(0, 60, 2), "odd": range(1, 60, 2)}
    table = [line for line in run.stdout.decode().splitlines() if " against " in line]
    assert len(table) == 9
    for part, samples in parts.items():
        images = [[s for s in range(3 * i, 3 * i + 3) if s in samples and truths[s].any()] for i in range(20)]
        images = [image for image in images if image]
        said = report["differences"] if part == "all" else report["group_differences"][part]
        assert {d["images"] for d in said} == {len(images)} and (part != "even" or len(images) < 20)
        wanted = expected_differences(counted, images)
        assert list(wanted) == [("poor", "fair"), ("poor", "good"), ("fair", "good")]
        found = differences_of(said)
        for pair, figures in wanted.items():
            for what, values in figures.items():
                assert found[pair][what] == pytest.approx(values, abs=1e-9), (part, pair, what)
            value, low, high = (100 * v for v in figures["miou"])
            tail = "" if part == "all" else f", kind {part}"
            start = f"| {pair[1]} against {pair[0]}{tail} | {len(images)} | {value:+.1f} | {low:+.1f} to {high:+.1f} |"
            assert any(line.startswith(start) for line in table), (start, table)
    assert report["differences"][1]["miou"]["low"] > 0  # the interval excludes 0
    assert ldznet("eval", "set", *folders, "--by", "kind").stdout == run.stdout


def test_no_differences_without_objects_or_with_one_row(ldznet):
    random_set(ldznet.folder / "set")
    one = ldznet("eval", "set", "--predictions", "set/pred", "--json")
    assert json.loads(one.stdout)["differences"] == []
    assert b"against" not in ldznet("eval", "set", "--predictions", "set/pred").stdout
    folder = ldznet.folder / "set"
    write_manifest(folder, [line | {"mask": []} for line in read_manifest(folder)])
    two = ldznet("eval", "set", "--predictions", "a=set/pred", "--predictions", "b=set/pred", "--json")
    assert two.returncode == 0, two.stderr
    report = json.loads(two.stdout)
    assert report["differences"] == [] and report["methods"]["a"]["absent"] == 12


def test_names_of_rows(ldznet):
    random_set(ldznet.folder / "set")
    shutil.copytree(ldznet.folder / "set" / "pred", ldznet.folder / "a=b")
    given = ["set/pred", "set/pred/", 'Their "best", v2|x=set/pred', "./a=b"]
    run = ldznet("eval", "set", *(w for g in [given[0], *given[2:]] for w in ("--predictions", g)), "--json", "o.json",
                 "--csv", "o.csv")  # fmt: skip
    assert run.returncode == 0, run.stderr
    report = json.loads((ldznet.folder / "o.json").read_text())
    assert list(report["methods"]) == ["pred", 'Their "best", v2|x', "a=b"]
    assert report["predictions"] == {"pred": "set/pred", 'Their "best", v2|x': "set/pred", "a=b": "./a=b"}
    assert b'| Their "best", v2\\|x | 9 |' in run.stdout
    assert '"Their ""best"", v2|x",0.02,' in (ldznet.folder / "o.csv").read_text()
    twice = ldznet("eval", "set", "--predictions", given[0], "--predictions", given[1])
    assert twice.returncode == 64 and b"NAME=DIR" in twice.stderr
    assert ldznet("eval", "set", "--predictions", "=set/pred").returncode == 64
    assert ldznet("eval", "set", "--predictions", "x=").returncode == 64
    assert ldznet("eval", "set", "--predictions", "x=nowhere").returncode == 66


class Toy(torch.nn.Module):
    """A head whose logit is the picture's brightness times a gain."""

    def __init__(self, gain: float, upscale: bool):
        super().__init__()
        self.gain, self.upscale = torch.nn.Parameter(torch.tensor(gain)), upscale

    def forward(self, x: torch.Tensor, context: torch.Tensor) -> torch.Tensor:
        y = x.mean(1, keepdim=True) * self.gain + context.mean() * 0
        if self.upscale:
            y = torch.nn.functional.interpolate(y, scale_factor=8.0)
        return y.expand(context.size(0), -1, -1, -1)


@pytest.fixture
def bundle(ldznet):
    """The shipped bundle with toy heads for znet and rgbnet."""
    folder = ldznet.folder / "bundle"
    shutil.copytree(MODEL, folder)
    manifest = json.loads((folder / "model.json").read_text())
    for method, head in (("rgbnet", Toy(2.0, False)), ("znet", Toy(-1.0, True))):
        torch.jit.script(head.half()).save(folder / f"{method}.pt")
        data = (folder / f"{method}.pt").read_bytes()
        manifest["methods"][method] = {"file": f"{method}.pt"}
        manifest["files"][f"{method}.pt"] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    (folder / "model.json").write_text(json.dumps(manifest))
    return folder


def test_heads_of_two_bundles_in_one_table(ldznet, bundle):
    random_set(ldznet.folder / "set", picture=drawing)
    first = ldznet(
        "eval", "set", "-m", "bundle", "--methods", "rgbnet,znet,ldznet", "--save-predictions", "p", "--json"
    )
    assert first.returncode == 0, first.stderr
    one = json.loads(first.stdout)
    assert [(d["first"], d["second"]) for d in one["differences"]] == [
        ("rgbnet", "znet"), ("rgbnet", "ldznet"), ("znet", "ldznet")]  # fmt: skip
    assert ldznet.files("p") == sorted(f"{m}/{i}.png" for m in one["methods"] for i in range(12))
    rows = ["--predictions", "p/rgbnet", "--predictions", "p/znet", "--predictions", "published=p/ldznet"]
    second = ldznet("eval", "set", *rows, "--methods", "ldznet", "--save-predictions", "q", "--json")
    assert second.returncode == 0, second.stderr
    two = json.loads(second.stdout)
    assert list(two["methods"]) == ["rgbnet", "znet", "published", "ldznet"] and two["model"]["name"] == "ldznet-mini"
    assert len(two["differences"]) == 6 and ldznet.files("q") == sorted(f"{i}.png" for i in range(12))
    saved = differences_of(two["differences"])
    for pair, figures in differences_of(one["differences"]).items():
        again = saved[pair[0], pair[1].replace("ldznet", "published")]
        for what, values in figures.items():
            assert again[what] == pytest.approx(values, abs=2e-3)  # 16 bits of probability
    assert saved["published", "ldznet"]["ap"] == pytest.approx((0, 0, 0), abs=2e-3)
    alone = json.loads(ldznet("eval", "set", "-m", "bundle", "--methods", "ldznet", "--json").stdout)
    assert alone["methods"]["ldznet"] == one["methods"]["ldznet"] == two["methods"]["ldznet"]
    same = ldznet("eval", "set", "--predictions", "p/ldznet", "--methods", "ldznet")
    assert same.returncode == 64 and b"ldznet" in same.stderr


def test_phrasecut_predictions_as_masks_and_as_probabilities(ldznet):
    phrasecut(ldznet.folder / "VGPhraseCut_v0")
    base = ["eval", "VGPhraseCut_v0", "--json"]
    ours = json.loads(ldznet(*base, "--save-predictions", "masks").stdout)["methods"]["ldznet"]
    assert ldznet(*base, "--save-predictions", "maps", "--save-as", "probability").returncode == 0
    assert ldznet.files("masks") == ldznet.files("maps") == ["11__1.png", "11__2.png", "12__1.png"]
    for name in ldznet.files("masks"):
        mask, values = (np.asarray(Image.open(ldznet.folder / f / name)) for f in ("masks", "maps"))
        assert mask.dtype == np.uint8 and set(np.unique(mask)) <= {0, 255} and values.max() > 255
        assert np.array_equal(mask > 0, values > 32767)
    both = ldznet(*base, "--predictions", "masks", "--predictions", "maps")
    again = json.loads(both.stdout)["methods"]
    assert again["maps"]["ap"] == pytest.approx(ours["ap"], abs=2e-3)
    assert (
        again["masks"]["at_0.5"] == pytest.approx(again["maps"]["at_0.5"])
        and again["masks"]["ap"] != again["maps"]["ap"]
    )


@pytest.mark.parametrize("options", [
    ["--predictions", "set/pred", "--save-predictions", "x"],
    ["--save-as", "mask"],
    ["--save-predictions", "x", "--save-as", "jpeg"],
])  # fmt: skip
def test_options_that_exclude_each_other(ldznet, options):
    random_set(ldznet.folder / "set", count=3)
    run = ldznet("eval", "set", *options)
    assert run.returncode == 64 and b"--" in run.stderr and run.stdout == b""
    assert not (ldznet.folder / "x").exists()


def test_published_figures_in_the_table_of_aigi(ldznet):
    """A part of the data set is not compared with all of it."""
    random_set(ldznet.folder / "AIGI", count=3)
    table = ldznet("eval", "AIGI", "--predictions", "AIGI/pred", "--report", "r.html").stdout.decode()
    note = "| not these samples, but all of AIGI |"
    assert f"| published: SEEM | 214 | 57.4 | - | 70.0 |  |  |  |  {note}" in table
    assert "| absent accuracy | about |" in table
    report = (ldznet.folder / "r.html").read_text()
    assert (
        "<td>published: LD-ZNet</td><td>214</td><td>74.1</td><td>-</td><td>89.6</td>" in report and "| --" not in report
    )
    (ldznet.folder / "AIGI").rename(ldznet.folder / "other")
    assert "published" not in ldznet("eval", "other", "--predictions", "other/pred").stdout.decode()
