"""scripts/gpu_check.sh and scripts/gpu_report.py, as far as they can be tested without building the programs again."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from conftest import MODEL, ROOT

import gpu_report

SCRIPT = ROOT / "scripts" / "gpu_check.sh"
STAGES = ("vae", "text", "unet", "znet")
GOLDEN = """\
tap middle_block.1     max|diff| 0.5 of a range of 20
logits                 max|diff| 1 of a range of 10
logits                 max|diff| 0.2 of a range of 10
end to end             mean|diff| 0.3
"""


def program(path: Path, text: str, code: int = 0) -> Path:
    """A program that prints its arguments' last part and a text."""
    path.write_text(f"#!/bin/sh\ncat <<'END'\n{text}END\nexit {code}\n")
    path.chmod(0o755)
    return path


def line(prompts: int) -> str:
    """What tests/gpu/pipeline_bench.cpp prints."""
    runs = [dict.fromkeys(STAGES, float(ms)) for ms in (10, 1, 3)]
    return json.dumps({"device": "cpu", "precision": "fp32", "prompts": prompts, "load_ms": 1.0, "runs_ms": runs,
                       "flop": dict.fromkeys(STAGES, 3e9), "matrix_flop_per_s": 4e12, "peak_memory_bytes": 5e9})  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "said"), [([], "--output is missing"), (["--output", "x", "--fast"], "unknown argument '--fast'")]
)
def test_mistakes_in_the_command_line(arguments, said):
    run = subprocess.run([SCRIPT, *arguments], capture_output=True, text=True)
    assert run.returncode == 64 and said in run.stderr


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_without_cuda_it_says_so(tmp_path):
    folders = [part for name in ("programs", "golden", "bundle", "output") for part in (f"--{name}", tmp_path)]
    run = subprocess.run([sys.executable, ROOT / "scripts/gpu_report.py", *folders], capture_output=True, text=True)
    assert run.returncode == 69 and "no CUDA device" in run.stderr and not list(tmp_path.iterdir())


def test_golden_results_are_read(tmp_path):
    good = gpu_report.parity(program(tmp_path / "good", GOLDEN), tmp_path, "cpu", "bf16")
    assert good == {"precision": "bf16", "passed": True, "failures": "",
                    "share_of_range": {"tap middle_block.1": 0.025, "logits": 0.1}}  # fmt: skip
    bad = gpu_report.parity(program(tmp_path / "bad", GOLDEN, 1), tmp_path, "cpu", "bf16")
    assert not bad["passed"] and "logits" in bad["failures"]
    asked = program(tmp_path / "asks", "")
    asked.write_text('#!/bin/sh\necho "$LDZNET_GOLDEN_DEVICE $LDZNET_GOLDEN_PRECISION $LDZNET_GOLDEN"\nexit 1\n')
    assert gpu_report.parity(asked, tmp_path, "cuda:1", "fp16")["failures"] == f"cuda:1 fp16 {tmp_path}\n"


def test_times_are_summed_up(tmp_path):
    bench = program(tmp_path / "bench", line(1) + "\n" + line(8) + "\n")
    one, eight = gpu_report.pipeline_rows(bench, MODEL, "cpu", "fp32", 3, [1, 8])
    assert (one["prompts"], eight["prompts"]) == (1, 8)
    assert one["ms"] == {"vae": 3.0, "unet": 3.0, "znet": 3.0}
    assert one["flop_per_s"] == pytest.approx(1e12) and one["of_peak"] == pytest.approx(0.25)
    with pytest.raises(RuntimeError, match="code 7"):
        gpu_report.pipeline_rows(program(tmp_path / "fails", "", 7), MODEL, "cpu", "fp32", 3, [1])


def test_the_page_has_every_result():
    network = {"stage": "unet", "precision": "fp16", "relative_error": 0.002, "ms": 1.5, "peak_mb": 2000.0}
    report = {
        "device": {"torch": "2.11.0", "device": "cuda", "name": "A card", "cuda": "13.0"},
        "bundle": "full",
        "golden": [
            {"precision": "fp16", "passed": False, "share_of_range": {"logits": 0.1, "z": 0.05}, "failures": "x"}
        ],
        "networks": [network, {**network, "stage": "vae_encoder", "peak_mb": None}],
        "pipeline": [gpu_report.summary(json.loads(line(16)))],
        "failures": ["pipeline: it broke"],
    }
    page = gpu_report.markdown(report)
    assert page.startswith("# A card\n\nPyTorch 2.11.0, CUDA 13.0; bundle: full.\n")
    assert "| fp16 | NO | 0.1 | logits |" in page
    assert "| fp16 | unet | 0.002 | 1.50 | 2000 |" in page and "| fp16 | vae_encoder | 0.002 | 1.50 | - |" in page
    assert "| fp32 | 16 | 3.0 | 3.0 | 3.0 | 1.0 | 25 % | 5.00 |" in page
    assert "pipeline: it broke" in page and "What failed" not in gpu_report.markdown({**report, "failures": []})


def test_a_part_that_fails_does_not_cost_the_others(tmp_path, monkeypatch, capsys):
    """The bench fails; the golden tests' result and the networks' are there."""
    for name, output, code in (("ldznet_golden_tests", GOLDEN, 0), ("ldznet_pipeline_bench", "no such device\n", 3)):
        program(tmp_path / name, output, code)
    folders = {"programs": tmp_path, "golden": tmp_path, "bundle": MODEL, "output": tmp_path / "out"}
    arguments = [str(part) for name, folder in folders.items() for part in (f"--{name}", folder)]
    monkeypatch.setattr(sys, "argv", ["gpu_report.py", *arguments, "--device", "cpu", "--runs", "1"])
    assert gpu_report.main() == 1
    report = json.loads((tmp_path / "out" / "gpu.json").read_text())
    assert [row["passed"] for row in report["golden"]] == [True, True] and len(report["networks"]) == 8
    assert len(report["failures"]) == 2 and all("pipeline_bench" in text for text in report["failures"])
    assert (tmp_path / "out" / "gpu.md").read_text() + "\n" == capsys.readouterr().out
