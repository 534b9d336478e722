"""`ldznet eval`: its figures against an independent computation, its data sets, and its errors."""

import html
import json
import re

import numpy as np
import pytest
from conftest import picture
from data_sets import THRESHOLDS, drawing, phrasecut, random_set, read_manifest, write_gray, write_manifest
from scipy.integrate import simpson


def expected(probabilities: list[np.ndarray], truths: list[np.ndarray]) -> dict:
    """The metrics, counted threshold by threshold."""
    pairs = [(p, t) for p, t in zip(probabilities, truths, strict=True) if t.any()]
    absent = [p for p, t in zip(probabilities, truths, strict=True) if not t.any()]
    miou, iou_fg, points = [], [], {}
    for threshold in THRESHOLDS:
        found = [p > np.float32(threshold) for p, _ in pairs]
        tp = np.array([(f & t).sum() for f, (_, t) in zip(found, pairs, strict=True)])
        fp = np.array([(f & ~t).sum() for f, (_, t) in zip(found, pairs, strict=True)])
        fn = np.array([(~f & t).sum() for f, (_, t) in zip(found, pairs, strict=True)])
        miou.append(np.mean(tp / (1 + tp + fp + fn)))
        iou_fg.append(tp.sum() / (1 + tp.sum() + fp.sum() + fn.sum()))
        points.setdefault(tp.sum() / (1 + tp.sum() + fn.sum()), tp.sum() / (1 + tp.sum() + fp.sum()))
    x = sorted(points)
    quiet = [(p > np.float32(0.5)).mean() < 0.001 for p in absent]
    return {
        "miou": miou[14],
        "iou_fg": iou_fg[14],
        "ap": float(simpson([points[r] for r in x], x=x)),
        "at_0.5": (miou[24], iou_fg[24]),
        "best": max(miou),
        "absent_accuracy": float(np.mean(quiet)) if quiet else None,
    }


def test_figures_equal_an_independent_computation(ldznet):
    probabilities, truths = random_set(ldznet.folder / "set")
    run = ldznet("eval", "set", "--predictions", "set/pred", "--json")
    assert run.returncode == 0, run.stderr
    report = json.loads(run.stdout)
    figures = report["methods"]["pred"]
    want = expected(probabilities, truths)
    for name in ("miou", "iou_fg", "ap", "absent_accuracy"):
        assert figures[name] == pytest.approx(want[name], abs=1e-6), name
    assert (figures["at_0.5"]["miou"], figures["at_0.5"]["iou_fg"]) == pytest.approx(want["at_0.5"], abs=1e-6)
    assert figures["at_best"]["miou"] == pytest.approx(want["best"], abs=1e-6)
    assert (figures["samples"], figures["absent"]) == (9, 3)
    assert 0 < figures["ap"] < 1 and 0 < figures["absent_accuracy"] < 1  # not constants
    assert [s["id"] for s in report["samples"]] == [str(i) for i in range(12)]


def test_predictions_are_resized_to_the_ground_truth(ldznet):
    probabilities, _ = random_set(ldznet.folder / "set", count=4)
    for i in range(4):  # twice the size with repeated pixels: bilinear with half-pixel centres restores the values
        values = np.rint(probabilities[i] * 65535).repeat(2, 0).repeat(2, 1)
        write_gray(ldznet.folder / "big" / f"{i}.png", values)
    one = json.loads(ldznet("eval", "set", "--predictions", "set/pred", "--json").stdout)["methods"]["pred"]
    two = json.loads(ldznet("eval", "set", "--predictions", "big", "--json").stdout)["methods"]["big"]
    assert two["miou"] == pytest.approx(one["miou"], abs=1e-6) and two["ap"] == pytest.approx(one["ap"], abs=1e-6)


def test_phrasecut(ldznet):
    truths = phrasecut(ldznet.folder / "VGPhraseCut_v0")
    del truths["61564__1"]
    rng = np.random.default_rng(3)
    probabilities = [
        write_gray(ldznet.folder / "other" / f"{task}.png", rng.integers(0, 65536, t.shape))
        for task, t in truths.items()
    ]
    run = ldznet("eval", "VGPhraseCut_v0", "--predictions", "other", "--json", "out.json", "--csv", "out.csv")
    assert run.returncode == 0, run.stderr
    assert b"1 samples are left out" in run.stderr
    report = json.loads((ldznet.folder / "out.json").read_text())
    want = expected(probabilities, list(truths.values()))
    assert report["dataset"]["name"] == "PhraseCut" and report["dataset"]["left_out"] == 1
    assert report["methods"]["other"]["samples"] == 3
    # OpenCV and Pillow rasterize some slanted edges one pixel apart.
    assert report["methods"]["other"]["miou"] == pytest.approx(want["miou"], rel=0.02)
    assert b"LD-ZNet | 14354 | 52.7 | 60.0 | 78.9" in b" ".join(run.stdout.split())
    lines = (ldznet.folder / "out.csv").read_text().splitlines()
    assert len(lines) == 50 and lines[0].startswith("method,threshold,")


def test_phrasecut_splits(ldznet):
    folder = ldznet.folder / "cut"
    tasks = list(phrasecut(folder))
    (folder / "refer_val.json").write_text(json.dumps(json.loads((folder / "refer_test.json").read_text())[:1]))
    (folder / "pred").mkdir()
    picture(1).convert("L").save(folder / "pred" / f"{tasks[0]}.png")
    run = ldznet("eval", "cut", "--split", "val", "--predictions", "cut/pred", "--json")
    assert run.returncode == 0, run.stderr
    assert [sample["id"] for sample in json.loads(run.stdout)["samples"]] == tasks[:1]


def test_sampling_options(ldznet):
    random_set(ldznet.folder / "set", count=3, picture=drawing)
    options = ["--timestep", "60", "--seed", "7", "--samples", "2", "--threads", "1", "--json"]
    small, large = (json.loads(ldznet("eval", "set", *options, "--size", size).stdout) for size in ("64", "96"))
    assert (small["timestep"], small["seed"], small["draws"]) == (60, 7, 2)
    assert small["methods"]["ldznet"]["curve"] != large["methods"]["ldznet"]["curve"]


def test_masks_as_run_lengths_and_polygons(ldznet):
    folder = ldznet.folder / "set"
    folder.mkdir()
    picture(0, 6, 4).save(folder / "a.png")
    lines = [
        {"id": "runs", "image": "a.png", "phrase": "x", "mask": {"size": [4, 6], "counts": "888"}},  # two columns
        {"id": "polygon", "image": "a.png", "phrase": "y", "mask": [[2, 0, 3, 0, 3, 3, 2, 3]]},
        {"id": "none", "image": "a.png", "phrase": "z", "mask": []},
    ]
    (folder / "manifest.jsonl").write_text("".join(json.dumps(line) + "\n\n" for line in lines))
    truth = np.zeros((4, 6), bool)
    truth[:, 2:4] = True
    for name in ("runs", "polygon", "none"):
        write_gray(folder / "pred" / f"{name}.png", truth * 65535 * (name != "none"))
    report = json.loads(ldznet("eval", "set", "--predictions", "set/pred", "--json").stdout)
    by_id = {sample["id"]: sample for sample in report["samples"]}
    assert by_id["runs"]["iou"] == by_id["polygon"]["iou"] == [pytest.approx(8 / 9)]
    assert by_id["none"]["absent"] and by_id["none"]["finds_nothing"] == [True]


def test_saved_predictions_give_the_same_figures(ldznet):
    random_set(ldznet.folder / "set", count=6)
    ours = ldznet("eval", "set", "--save-predictions", "mine", "--json", "--threads", "1")
    assert ours.returncode == 0, ours.stderr
    again = ldznet("eval", "set", "--predictions", "mine", "--json")
    a = json.loads(ours.stdout)["methods"]
    assert list(a) == ["ldznet"]
    b = json.loads(again.stdout)["methods"]["mine"]
    assert a["ldznet"]["miou"] == pytest.approx(b["miou"], abs=2e-3)  # 16 bits of probability
    assert json.loads(ours.stdout)["model"]["name"] == "ldznet-mini"
    once_more = ldznet("eval", "set", "--save-predictions", "mine", "--json")
    assert once_more.returncode == 73 and b"--overwrite" in once_more.stderr


def test_shards_make_the_whole(ldznet):
    random_set(ldznet.folder / "set")
    whole = json.loads(ldznet("eval", "set", "--predictions", "set/pred", "--json").stdout)
    parts = []
    for index in ("1", "2", "3"):
        run = ldznet("eval", "set", "--predictions", "set/pred", "--json", "--shard", f"{index}/3")
        parts.append(json.loads(run.stdout))
        assert parts[-1]["dataset"]["part"] == f"{index}-of-3"
    assert "part" not in whole["dataset"]
    assert sorted(int(s["id"]) for part in parts for s in part["samples"]) == list(range(12))
    images = [{s["image"] for s in part["samples"]} for part in parts]
    assert not images[0] & images[1] and not images[1] & images[2] and not images[0] & images[2]
    figures = [part["methods"]["pred"] for part in parts]
    mean = sum(f["miou"] * f["samples"] for f in figures) / sum(f["samples"] for f in figures)
    assert mean == pytest.approx(whole["methods"]["pred"]["miou"])
    assert ldznet("eval", "set", "--shard", "4/3").returncode == 64
    for option in (["--by", "knid"], ["--split", "val"]):
        wrong = ldznet("eval", "set", *option)
        assert wrong.returncode == 64 and " ".join(option).encode() in wrong.stderr


def test_the_report_shows_the_worst_the_best_and_absent_objects(ldznet):
    random_set(ldznet.folder / "set")
    lines = (ldznet.folder / "set" / "manifest.jsonl").read_text().replace("thing 1", "<b>thing</b> 1")
    (ldznet.folder / "set" / "manifest.jsonl").write_text(lines)
    command = ["eval", "set", "--predictions", "set/pred", "--report", "page.html", "--json"]
    run = ldznet(*command)
    assert run.returncode == 0, run.stderr
    samples = {s["id"]: s for s in json.loads(run.stdout)["samples"]}
    text = (ldznet.folder / "page.html").read_text()
    sections = re.split(r'<h2 class="wide">([^<]+)</h2>', text)
    shown = {
        name: [html.unescape(found) for found in re.findall(r'<article data-name="([^"]*)"', articles)]
        for name, articles in zip(sections[1::2], sections[2::2], strict=True)
    }
    ious = {s["id"]: s["iou_0.5"][0] for s in samples.values() if not s["absent"]}
    assert list(shown) == ["All, worst first", "Absent but found"]
    assert [name.split()[0] for name in shown["All, worst first"]] == sorted(ious, key=lambda i: ious[i])
    assert {name.split()[0] for name in shown["Absent but found"]} == {"0", "4"}  # the mask of 8 is empty
    assert "<b>" not in text and any(name.startswith("1 <b>thing</b> 1, 0.png") for name in shown["All, worst first"])
    assert text.count('src="data:image/jpeg') == sum(map(len, shown.values()))
    assert run.stdout and "<td>pred</td><td>9</td>" in text
    assert ldznet(*command).returncode == 73


def test_groups_by_members(ldznet):
    random_set(ldznet.folder / "set")
    lines = read_manifest(ldznet.folder / "set")
    more = [{"kind": "odd" if i % 2 else "even", "half": "ab"[i // 6]} for i in range(len(lines))]
    write_manifest(ldznet.folder / "set", [line | members for line, members in zip(lines, more, strict=True)])
    report = json.loads(ldznet("eval", "set", "--predictions", "set/pred", "--by", "kind", "--json").stdout)
    groups = {value: methods["pred"] for value, methods in report["groups"].items()}
    assert {value: (g["samples"], g["absent"]) for value, g in groups.items()} == {"even": (3, 3), "odd": (6, 0)}
    mean = (3 * groups["even"]["miou"] + 6 * groups["odd"]["miou"]) / 9
    assert report["methods"]["pred"]["miou"] == pytest.approx(mean)
    both = json.loads(ldznet("eval", "set", "--predictions", "set/pred", "--by", "half,kind", "--json").stdout)
    assert list(both["groups"]) == ["a, even", "a, odd", "b, even", "b, odd"]


def test_limit_and_markdown(ldznet):
    random_set(ldznet.folder / "set")
    run = ldznet("eval", "set", "--predictions", "set/pred", "--limit", "5", "--markdown", "table.md")
    assert run.returncode == 0
    assert (ldznet.folder / "table.md").read_bytes() == run.stdout
    assert run.stdout.splitlines()[2].split(b"|")[2].strip() == b"3"  # two of five samples are absent


def test_failed_pictures_are_reported_and_not_counted(ldznet):
    random_set(ldznet.folder / "set")
    (ldznet.folder / "set" / "pred" / "4.png").write_text("no picture")
    run = ldznet("eval", "set", "--predictions", "set/pred", "--json")
    assert run.returncode == 1
    report = json.loads(run.stdout)
    assert len(report["failures"]) == 1 and "4.png" in report["failures"][0]["message"]
    assert len(report["samples"]) == 9


@pytest.mark.parametrize(
    ("line", "expected_text"),
    [
        ("{", "not JSON"),
        ('{"image": "a.png", "phrase": "x"}', "mask"),
        ('{"image": "a.png", "phrase": "", "mask": "m.png"}', "phrase"),
        ('{"image": "a.png", "phrase": "x", "mask": [[1, 2]]}', "polygon"),
        ('{"image": "a.png", "phrase": "x", "mask": {"counts": "1"}}', "size"),
        ('{"image": "a.png", "phrase": "x", "mask": "m.png", "id": "../up"}', "id"),
    ],
)
def test_bad_manifest_lines(ldznet, line, expected_text):
    (ldznet.folder / "manifest.jsonl").write_text(line + "\n")
    run = ldznet("eval", ".", "--predictions", ".")
    assert run.returncode == 65 and expected_text in run.stderr.decode(), run.stderr


def test_no_data_set(ldznet):
    run = ldznet("eval", ".")
    assert run.returncode == 66 and b"manifest.jsonl" in run.stderr
    run = ldznet("eval")
    assert run.returncode == 64
