"""scripts/check_cuda.py, as far as it can be tested on a CPU."""

import json
import subprocess
import sys

import pytest
import torch
from conftest import MODEL, ROOT

import check_cuda

SCRIPT = ROOT / "scripts" / "check_cuda.py"
STAGES = ["vae_encoder", "text_encoder", "unet", "ldznet"]


def check(*options):
    return subprocess.run([sys.executable, SCRIPT, *options], capture_output=True, text=True)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_without_cuda_it_says_so():
    result = check()
    assert result.returncode == 69 and "no CUDA device" in result.stderr and result.stdout == ""


def test_precisions_are_checked():
    result = check("--precision", "fp32,fp8")
    assert result.returncode == 2 and "fp8" in result.stderr


def test_the_cpu_in_bfloat16_is_near_its_fp32(tmp_path):
    file = tmp_path / "rows.json"
    result = check("--bundle", MODEL, "--device", "cpu", "--precision", "fp32,bf16", "--rounds", "1", "--json", file)
    assert result.returncode == 0, result.stderr
    rows = json.loads(file.read_text())
    assert [row["stage"] for row in rows] == STAGES * 2
    for row in rows:
        assert (row["relative_error"] < 1e-5) == (row["precision"] == "fp32")
        assert row["stage"] in result.stdout and row["ms"] > 0


def test_a_wrong_result_is_noticed():
    row = {"finite": True, "relative_error": 0.05, "precision": "bf16"}
    assert check_cuda.is_good(row)
    assert not check_cuda.is_good({**row, "precision": "fp32"})
    assert not check_cuda.is_good({**row, "finite": False}) and not check_cuda.is_good(
        {**row, "relative_error": float("nan")}
    )
