"""`ldznet probe`: AP of a linear probe per UNet block and timestep, as a table, JSON and a heat map."""

import json
import re
import shutil

import numpy as np
import pytest
from conftest import MODEL, ROOT
from data_sets import read_manifest, write_manifest
from PIL import Image

SET = ROOT / "tests" / "data" / "mini-set" / "trained"
BLOCKS = "output_blocks.1.1,output_blocks.5.0"


def probe(ldznet, *arguments, code=0):
    result = ldznet("probe", *arguments)
    assert result.returncode == code, result.stderr.decode()
    return result


def table_of(result) -> dict[str, list[float]]:
    lines = [line.split("\t") for line in result.stdout.decode().splitlines()]
    return {row[0]: [float(value) for value in row[1:]] for row in lines[1:]}


def test_table_json_and_heat_map_agree(ldznet):
    arguments = (SET, "--timesteps", "50,600", "--taps", BLOCKS)
    run = probe(ldznet, *arguments, "-o", "map.png", "--json", "a.json")
    assert run.stdout.decode().splitlines()[0] == "block\tt=50\tt=600"
    said = json.loads((ldznet.folder / "a.json").read_text())
    assert said["schema"] == "ldznet-probe/1" and said["timesteps"] == [50, 600]
    assert [f["name"] for f in said["features"]] == BLOCKS.split(",")
    table = table_of(run)
    for feature in said["features"]:
        assert [f"{100 * ap:.1f}" for ap in feature["ap"]] == [f"{v:.1f}" for v in table[feature["name"]]]
    assert said["images"] == {"fitted": 2, "tested": 2} and said["samples"]["tested"] > 4
    picture = np.asarray(Image.open(ldznet.folder / "map.png"))
    assert picture.ndim == 3 and len(np.unique(picture.reshape(-1, 3), axis=0)) > 50
    again = probe(ldznet, *arguments, "-o", "again.png", "--json")
    assert again.stdout == (ldznet.folder / "a.json").read_bytes()
    assert (ldznet.folder / "again.png").read_bytes() == (ldznet.folder / "map.png").read_bytes()


def test_features_are_better_than_chance(ldznet):
    """Shuffled masks lower the AP."""
    shuffled = ldznet.folder / "shuffled"
    shutil.copytree(SET, shuffled)
    lines = read_manifest(SET)
    masks = [line["mask"] for line in lines]
    for line, mask in zip(lines, masks[7:] + masks[:7], strict=True):
        line["mask"] = mask
    write_manifest(shuffled, lines)
    arguments = ("--timesteps", "100", "--taps", BLOCKS)
    right = table_of(probe(ldznet, SET, *arguments))
    wrong = table_of(probe(ldznet, shuffled, *arguments))
    assert max(right["output_blocks.5.0"]) > max(wrong["output_blocks.5.0"]) + 5


def test_defaults(ldznet):
    run = probe(ldznet, SET, "--limit", "24")
    header = run.stdout.decode().splitlines()[0].split("\t")
    assert header == ["block", *(f"t={t}" for t in range(50, 1000, 100))]
    info = json.loads(ldznet("info", "--json").stdout)
    assert list(table_of(run)) == info["bundle"]["features"]
    assert ldznet.files() == ["ldznet-out/trained.probe.png"]
    assert probe(ldznet, SET, "--limit", "24", code=73).stdout == b""


ONE_BLOCK = (SET, "--timesteps", "600", "--taps", "output_blocks.1.1")


@pytest.fixture(scope="module")
def plain_ap(shared) -> list[float]:
    """AP of one block without further options."""
    return json.loads(probe(shared, *ONE_BLOCK, "--json").stdout)["features"][0]["ap"]


@pytest.mark.parametrize("option", ["--seed=5", "--size=128", "--train-share=0.25", "--limit=20", "--precision=bf16"])
def test_options_that_change_the_figures(ldznet, plain_ap, option):
    result = ldznet("probe", *ONE_BLOCK, "--json", option)
    if option == "--precision=bf16" and result.returncode == 69:
        pytest.skip("this machine has no bf16")
    assert result.returncode == 0, result.stderr.decode()
    assert json.loads(result.stdout)["features"][0]["ap"] != plain_ap


def test_other_options(ldznet):
    arguments = (SET, "--timesteps", "100", "--taps", "output_blocks.1.1", "--limit", "20")
    shutil.copytree(MODEL, ldznet.folder / "bundle")
    (ldznet.folder / "c.toml").write_text("[probe]\nthreads = 1\n")
    first = probe(ldznet, *arguments, "-o", "a", "-m", "bundle", "--config", "c.toml", "--device", "cpu", "-v")
    second = probe(ldznet, *arguments, "-o", "a", "--overwrite", "-q", "--no-progress", "--threads", "1")
    assert first.stdout == second.stdout and second.stderr == b""
    assert ldznet.files("a") == ["trained.probe.png"]


@pytest.mark.parametrize("arguments, code, expected", [
    ([], 64, "DATASET"),
    ([""], 64, "data set"),
    ([SET, "--train-share", "0"], 64, "--train-share"),
    ([SET, "--train-share", "1"], 64, "--train-share"),
    ([SET, "--split", "val"], 64, "--split"),
    ([SET, "--timesteps", "1000"], 64, "1000"),
    ([SET, "--timesteps", "x"], 64, "--timesteps"),
    ([SET, "--taps", "nothing.1"], 64, "nothing.1"),
    ([SET, "--limit", "1"], 65, "two or more"),
    (["nowhere"], 66, "nowhere"),
    ([SET, "-o", "/dev/null/x"], 73, "/dev/null"),
    ([SET, "-m", "nowhere"], 66, "nowhere"),
])  # fmt: skip
def test_errors(ldznet, arguments, code, expected):
    result = ldznet("probe", *arguments)
    assert result.returncode == code, result.stderr.decode()
    assert re.search(re.escape(expected), result.stderr.decode())
    assert ldznet.files() == [] and result.stdout == b""
