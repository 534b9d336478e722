"""The options that the commands share: each command reads its configuration and passes on bundle, device and precision."""

import json

import pytest
from conftest import MODEL, ROOT, failed, good, picture

SET = ROOT / "tests" / "data" / "mini-set" / "trained"
COMMANDS = {
    "segment": ["a.png", "-p", "sky", "--json"],
    "worker": [],
    "eval": [SET, "--limit", "2"],
    "features": ["a.png"],
    "probe": [SET, "--limit", "12", "--timesteps", "100", "--taps", "output_blocks.1.1"],
    "bench": ["a.png", "--runs", "1"],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_shared_options(ldznet, command):
    picture(1).save(ldznet.folder / "a.png")
    bundle = ldznet.folder / "bundle"  # with another vocab.json than its manifest says
    bundle.mkdir()
    for file in MODEL.iterdir():
        if file.name != "vocab.json":
            (bundle / file.name).symlink_to(file)
    (bundle / "vocab.json").write_text((MODEL / "vocab.json").read_text() + " ")
    (ldznet.folder / "wrong.toml").write_text(f"[{command}]\nthreads = 0\n")
    (ldznet.folder / "right.toml").write_text(f'[{command}]\nmodel = "bundle"\ndevice = "cpu"\n')
    request = json.dumps({"image": "a.png", "prompts": ["sky"]}) + "\n"

    def run(*options):
        return ldznet(command, *COMMANDS[command], "--size", "64", *options, stdin=request)

    failed(run("--config", "wrong.toml"), 78, "wrong.toml")
    failed(run("-m", "bundle", "-v"), 78, "vocab.json")
    failed(run("--device", "cuda:99", "--verbose"), 69, "cuda:99")
    failed(run("--precision", "fp16", "--device", "cpu", "--quiet"), 69, "fp16")
    done = run("--config", "right.toml", "--trust-unverified", "--precision", "fp32", "--batch-size", "2", "--threads", "1", "-q")  # fmt: skip
    assert good(done) and all("vocab.json" in line for line in done.stderr.decode().splitlines())
