"""`ldznet bench`: its JSON, its table and its errors."""

import json

import pytest

STAGES = ["decode", "preprocess", "vae", "text", "unet", "znet", "resize", "write"]
SMALL = ["--size", "64", "--runs", "2", "--threads", "1"]


def measured(ldznet, *arguments) -> dict:
    run = ldznet("bench", *SMALL, "--json", *arguments)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def test_json_has_every_stage(ldznet, zoo):
    report = measured(ldznet, zoo / "a.png", "--precision", "fp32")
    assert report["schema"] == "ldznet-bench/1"
    assert (report["device"], report["precision"], report["prompts"], report["runs"]) == ("cpu", "fp32", 1, 2)
    assert list(report["stages"]) == STAGES
    for stage in STAGES:
        assert report["stages"][stage]["ms"] >= 0 and report["stages"][stage]["first_ms"] > 0
    networks = [report["stages"][stage] for stage in ("vae", "text", "unet", "znet")]
    assert report["total"]["flop"] == sum(network["flop"] for network in networks)
    assert all(network["flop_per_s"] > 0 for network in networks)
    assert report["matrix_flop_per_s"] > 0
    assert report["peak_memory_bytes"] > 2**26  # the networks' weights alone take more
    assert ldznet.files() == ["zoo/a.png", "zoo/b.jpg", "zoo/deep/c.png"]  # its own output is temporary


def test_cost_of_more_prompts(ldznet):
    one, three = measured(ldznet), measured(ldznet, "--prompts", "3", "--batch-size", "2")
    assert (three["prompts"], three["batch_size"]) == (3, 2)
    flop = {k: [report["stages"][k]["flop"] for report in (one, three)] for k in ("vae", "text", "unet", "znet")}
    assert flop["vae"][0] == flop["vae"][1] and flop["unet"][0] == flop["unet"][1]  # once per picture
    assert flop["text"][1] == 3 * flop["text"][0]
    assert 2 < flop["znet"][1] / flop["znet"][0] < 3  # the prompts share what does not depend on them


def test_method_and_samples(ldznet):
    plain, twice = measured(ldznet), measured(ldznet, "--samples", "2")
    ratio = twice["stages"]["unet"]["flop"] / plain["stages"]["unet"]["flop"]
    assert 1.5 < ratio < 2  # the draws share what does not depend on them
    assert measured(ldznet, "--method", "znet")["stages"]["unet"]["ms"] == 0


def test_table(ldznet):
    run = ldznet("bench", *SMALL)
    assert run.returncode == 0, run.stderr
    rows = [line.split()[0] for line in run.stdout.decode().splitlines() if line.strip()]
    start = rows.index("stage")
    assert rows[start + 1 : start + 2 + len(STAGES)] == ["load", *STAGES]
    assert b"peak memory: " in run.stdout and b"large matrix products: " in run.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--runs", "0"], 64, "--runs"),
        (["--prompts", "0"], 64, "--prompts"),
        (["--timestep", "1000"], 64, "1000"),
        (["--seed", "-1"], 64, "--seed"),
        (["nowhere.png"], 66, "nowhere.png"),
        (["text.png"], 65, "text.png"),
    ],
)
def test_errors(ldznet, arguments, code, said):
    (ldznet.folder / "text.png").write_text("not a picture")
    run = ldznet("bench", "--json", *arguments)
    assert (run.returncode, run.stdout) == (code, b"")
    assert said in run.stderr.decode()
