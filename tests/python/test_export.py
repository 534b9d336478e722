"""scripts/export.py as users run it: exit codes, messages, the comparison after writing, and the bundle."""

import json
import os
import pty
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import torch
from conftest import BINARY, ROOT
from published_pair import STAGES, listing, values, whole

import export
from ldznet_training.bundle import describe, load_weights, save_module
from ldznet_training.checkpoints import known_files
from ldznet_training.checkpoints.published import networks_from
from ldznet_training.verify import VerificationError, Walk, compare


@pytest.fixture
def run(monkeypatch, capsys, golden_files, tokenizer, tmp_path):
    """Runs the script in this process with the plain pair, or with other options; returns code, stdout and stderr."""

    def call(**changed):
        options = {"sd": golden_files / "sd.ckpt", "ldznet": golden_files / "ldznet.ckpt", "tokenizer": tokenizer,
                   "output": tmp_path / "bundle", **changed}  # fmt: skip
        given = [str(word) for name, value in options.items() if value is not None for word in (f"--{name}", value)]
        monkeypatch.setattr(sys, "argv", ["export.py", *(word for word in given if word != "")])
        try:
            code = export.main()
        except SystemExit as stop:
            code = stop.code
        return code, *capsys.readouterr()

    return call


def test_exit_codes_and_messages(run, tmp_path, golden_files):
    evil = tmp_path / "evil.ckpt"
    torch.save({"state_dict": {}, "x": print}, evil)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "keep.pt").write_text("mine")
    cases = [
        ({"sd": tmp_path / "none.ckpt"}, 66, "none.ckpt: no such file"),
        ({"tokenizer": tmp_path}, 66, "no tokenizer"),
        ({"tokenizer": None}, 64, "--tokenizer is needed"),
        ({"dtype": "int4"}, 64, "invalid choice"),
        ({"ldznet": evil}, 65, "'builtins.print'"),
        ({"sd": None}, 65, "--sd"),
        ({"ldznet": tmp_path}, 65, "folder"),
        ({"output": tmp_path / "full", "overwrite": ""}, 73, "keep.pt"),
        ({"output": golden_files, "overwrite": ""}, 73, "ckpt"),
    ]
    before = listing(tmp_path)
    for options, code, words in cases:
        got, out, err = run(**options)
        assert (got, out) == (code, ""), err
        assert words in err and err.splitlines()[-1].startswith("export.py: error: ") and "\x1b" not in err
    assert listing(tmp_path) == before
    assert sorted(os.listdir(golden_files)) == ["ldznet.ckpt", "sd.ckpt"]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (PermissionError(13, "Permission denied", "sd.ckpt"), 66),
        (MemoryError(), 75),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), 75),
        (KeyboardInterrupt(), 130),
    ],
)
def test_other_errors_are_one_line(run, monkeypatch, error, code):
    def fail(*arguments):
        raise error

    monkeypatch.setattr(export, "load_published", fail)
    got, out, err = run()
    assert (got, out, err.count("\n")) == (code, "", 1)
    monkeypatch.setattr(export, "load_published", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):  # a fault of the script shows where it is
        run()


@pytest.mark.parametrize("wrong", [0.5, float("nan")])
def test_a_network_that_computes_something_else_is_noticed(tmp_path, wrong):
    """The comparison after writing."""
    module = torch.nn.Conv2d(3, 8, 1)
    walk = Walk(1.0, 400, 77, 100, [])
    expected = walk.run("vae_encoder", module)
    save_module(module, tmp_path / "same.pt", "float16")
    assert compare("vae_encoder", tmp_path / "same.pt", walk, expected, "float16").startswith("vae_encoder max|diff| ")
    save_module(module.float(), tmp_path / "other.pt", "float32")
    with pytest.raises(VerificationError, match="vae_encoder"):
        compare("vae_encoder", tmp_path / "other.pt", walk, [expected[0] * wrong], "float16")


def test_a_value_beyond_half_precision_leaves_nothing(run, tensors, tmp_path):
    sd = values(tensors[0])
    sd["first_stage_model.quant_conv.bias"][0] = 1e5
    torch.save(sd, tmp_path / "sd.ckpt")
    code, _, err = run(sd=tmp_path / "sd.ckpt")
    assert code == 65 and "first_stage_model.quant_conv.bias" in err and "--dtype bfloat16" in err
    assert listing(tmp_path) == ["sd.ckpt"]


def test_known_files_are_recognised(tmp_path, monkeypatch):
    file = tmp_path / "copy.ckpt"
    file.write_bytes(b"weights")
    assert known_files.SourceFile(file).remark() is None
    monkeypatch.setitem(known_files.PUBLISHED, known_files.SourceFile(file).sha256, "sd-v1-4.ckpt")
    assert known_files.SourceFile(file).remark() == "copy.ckpt: this is sd-v1-4.ckpt as published"
    monkeypatch.setitem(known_files.SIZES, "other.ckpt", 5)
    (tmp_path / "other.ckpt").write_bytes(b"wrong")
    assert "another sha256" in known_files.SourceFile(tmp_path / "other.ckpt").remark()


def test_a_bundle_from_one_file_and_tokenizer_json(tensors, expected, tokenizer_json, tmp_path):
    """As a user runs it, on a terminal, from a training checkpoint alone."""
    torch.save({"state_dict": {n: t.half() for n, t in values(whole(tensors)).items()}}, tmp_path / "ldznet.ckpt")
    terminal, end = pty.openpty()
    result = subprocess.run(
        [sys.executable, ROOT / "scripts/export.py", "--ldznet", tmp_path / "ldznet.ckpt", "--tokenizer", tokenizer_json,
         "--output", tmp_path / "bundle", "--name", "whole"],
        stdout=subprocess.PIPE, stderr=end, text=True,
    )  # fmt: skip
    os.close(end)
    shown = os.read(terminal, 1 << 16).decode()
    assert result.returncode == 0, shown
    lines = result.stdout.splitlines()
    assert [line.split()[:3] for line in lines[:4]] == [["verified:", stage, "max|diff|"] for stage in STAGES]
    assert all(float(line.split()[3]) < 1e-3 for line in lines[:4])  # both have the same float16 weights
    assert "unet: reading" in shown and "GB" in shown
    manifest = json.loads((tmp_path / "bundle" / "model.json").read_text())
    assert manifest["name"] == "whole" and manifest["dtype"] == "float16"
    assert listing(tmp_path / "bundle") == sorted([*manifest["files"], "MODEL_CARD.md", "model.json"])
    for stage in STAGES:
        stored = torch.jit.load(tmp_path / "bundle" / f"{stage}.pt").state_dict()
        for name, tensor in stored.items():
            assert torch.equal(tensor, expected[f"{stage}.{name}"].half()), name
    assert listing(tmp_path)[0] == "bundle" and listing(tmp_path)[-1] == "ldznet.ckpt"


def test_a_network_tells_nothing_about_the_machine_that_wrote_it(tmp_path):
    """No paths; and the bytes are the same each time."""
    files = [tmp_path / name / "unet.pt" for name in ("first", "second")]
    for file in files:
        file.parent.mkdir()
        torch.manual_seed(1)
        save_module(torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3), torch.nn.SiLU()), file, "bfloat16")
        assert listing(file.parent) == ["unet.pt"]
    assert files[0].read_bytes() == files[1].read_bytes()
    with zipfile.ZipFile(files[0]) as archive:
        records = {name: archive.read(name) for name in archive.namelist()}
    for path in (ROOT, Path(torch.__file__).parent):
        assert not [name for name, record in records.items() if str(path).encode() in record]
    assert "unet/data/0" in records and not [name for name in records if name.endswith(".debug_pkl")]


NO_SPACE = """
import resource, sys
from pathlib import Path
import torch
from ldznet_training import bundle
module, path = torch.nn.Linear(400, 400), Path(sys.argv[1])
bundle.save_module(module, path, "float32")
try:
    bundle._copy_without_debug_records(path, Path("/dev/full"))
except RuntimeError:
    print("the copy fails")
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
try:
    bundle.save_module(module, path.with_name("other.pt"), "float32")
except bundle.OutputError as error:
    print(error)
"""


def test_without_space_on_the_disk_a_network_is_an_error(tmp_path):
    """PyTorch's own functions end the process."""
    command = [sys.executable, "-c", NO_SPACE, tmp_path / "one.pt"]
    result = subprocess.run(command, cwd=ROOT / "scripts", capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    first, second = result.stdout.splitlines()
    assert first == "the copy fails" and second.startswith(f"{tmp_path / 'other.pt'}: cannot be written (")
    assert listing(tmp_path) == ["one.pt"]


def test_weights_as_8_bit_integers(run, tensors, expected, tmp_path):
    """The program computes with them what it computes with the values that they stand for."""
    code, out, err = run(dtype="int8")
    assert code == 0 and out.count("verified: ") == len(STAGES), err
    bundle, twin = tmp_path / "bundle", tmp_path / "twin"
    shutil.copytree(bundle, twin)
    networks = networks_from(*tensors, "sd", "ldznet")
    integers = 0
    for stage in STAGES:
        stored = load_weights(bundle / f"{stage}.pt")
        for name, weight in stored.items():
            wanted = expected[f"{stage}.{name}"]
            if weight.dim() > 1:
                integers += weight.numel()
                step = wanted.flatten(1).abs().amax(1).view(-1, *(1 for _ in weight.shape[1:])) / 127
                assert ((weight - wanted).abs() <= 0.51 * step + 1e-6).all(), name
        module = getattr(networks, stage).module
        module.load_state_dict(stored, assign=True)
        save_module(module, twin / f"{stage}.pt", "float32")
    manifest = json.loads((bundle / "model.json").read_text())
    assert manifest["dtype"] == "int8"
    assert sum(path.stat().st_size for path in bundle.glob("*.pt")) < 1.5 * integers
    files = {name: describe(twin / name) for name in manifest["files"]}
    (twin / "model.json").write_text(json.dumps({**manifest, "dtype": "float32", "files": files}))
    found = []
    for folder in (bundle, twin):
        command = [BINARY, "segment", ROOT / "examples/zoo.png", "-p", "panda", "--json", "--size", "64", "-m", folder]
        command += ["--precision", "fp32"]
        result = subprocess.run(command, check=True, capture_output=True)
        found.append(json.loads(result.stdout)["results"][0]["max_probability"])
    assert abs(found[0] - found[1]) < 1e-5
