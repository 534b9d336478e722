"""`ldznet bench` as a user runs it."""

import json

import pytest

STAGES = ["decode", "preprocess", "vae", "text", "unet", "znet", "resize", "write"]
SMALL = ["--size", "64", "--runs", "2", "--threads", "1"]


def measured(ldznet, *arguments) -> dict:
    run = ldznet("bench", *SMALL, "--json", *arguments)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def test_json_tells_every_stage(ldznet, zoo):
    told = measured(ldznet, zoo / "a.png", "--precision", "fp32")
    assert told["schema"] == "ldznet-bench/1"
    assert (told["device"], told["precision"], told["prompts"], told["runs"]) == ("cpu", "fp32", 1, 2)
    assert list(told["stages"]) == STAGES
    for stage in STAGES:
        assert told["stages"][stage]["ms"] >= 0 and told["stages"][stage]["first_ms"] > 0
    networks = [told["stages"][stage] for stage in ("vae", "text", "unet", "znet")]
    assert told["total"]["flop"] == sum(network["flop"] for network in networks)
    assert all(network["flop_per_s"] > 0 for network in networks)
    assert told["matrix_flop_per_s"] > 0
    assert told["peak_memory_bytes"] > 2**26  # the networks' weights alone
    assert ldznet.files() == ["zoo/a.png", "zoo/b.jpg", "zoo/deep/c.png"]  # what it writes goes with it


def test_what_further_prompts_cost(ldznet):
    one, three = measured(ldznet), measured(ldznet, "--prompts", "3", "--batch-size", "2")
    assert (three["prompts"], three["batch_size"]) == (3, 2)
    flop = {k: [told["stages"][k]["flop"] for told in (one, three)] for k in ("vae", "text", "unet", "znet")}
    assert flop["vae"][0] == flop["vae"][1] and flop["unet"][0] == flop["unet"][1]  # once a picture
    assert flop["text"][1] == 3 * flop["text"][0]
    assert 2 < flop["znet"][1] / flop["znet"][0] < 3  # what does not depend on the prompt is shared


def test_the_table_is_for_people(ldznet):
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
        (["nowhere.png"], 66, "nowhere.png"),
        (["text.png"], 65, "text.png"),
    ],
)
def test_mistakes_are_named(ldznet, arguments, code, said):
    (ldznet.folder / "text.png").write_text("not a picture")
    run = ldznet("bench", "--json", *arguments)
    assert (run.returncode, run.stdout) == (code, b"")
    assert said in run.stderr.decode()
