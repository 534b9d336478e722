"""Runs what scripts/gpu_check.sh has built, and writes the results as JSON and as Markdown.

    .venv/bin/python scripts/gpu_report.py --programs build/gpu --golden build/gpu/golden \\
        --bundle build/gpu/full/bundle --output FOLDER [--device cuda]

Three parts: the golden tests in C++ on the device in every precision; the pipeline's times, memory and share of the
device's peak; and scripts/check_cuda.py's comparison of the bundle's networks with the CPU in fp32.
A part that fails does not keep the others from running; the report is written after every part.
Exit codes: 0; 1 if a golden test or a part fails or a network is too far from the CPU's; 69 without the device.
"""

import argparse
import functools
import json
import os
import platform
import re
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import torch

from check_cuda import UNAVAILABLE, is_good, measure
from ldznet_training.stages import bundle_stages

PATIENCE = 240  # seconds that one program may take
STAGES = ("vae", "unet", "znet")
DIFFERENCE = re.compile(r"^(.*?) +max\|diff\| (\S+) of a range of (\S+)$", re.M)


def device_facts(device: torch.device) -> dict:
    """What the figures depend on."""
    facts = {"torch": torch.__version__, "device": device.type, "name": platform.processor() or platform.machine()}
    if device.type == "cuda":
        facts |= {"name": torch.cuda.get_device_name(device), "cuda": torch.version.cuda}
    elif (cpus := Path("/proc/cpuinfo")).is_file():
        facts["name"] = re.search(r"model name\s*: (.*)", cpus.read_text())[1]
    return facts


def parity(program: Path, golden: Path, device: str, precision: str) -> dict:
    """The golden tests' result, and of each stage the largest difference as a share of the range."""
    variables = {"GOLDEN": golden.resolve(), "GOLDEN_DEVICE": device, "GOLDEN_PRECISION": precision}
    environment = {**os.environ, **{f"LDZNET_{name}": str(value) for name, value in variables.items()}}
    run = subprocess.run([program, "--gtest_brief=1"], env=environment, capture_output=True, text=True,
                         timeout=PATIENCE)  # fmt: skip
    worst: dict[str, float] = {}
    for stage, difference, extent in DIFFERENCE.findall(run.stdout):
        worst[stage] = max(worst.get(stage, 0.0), float(difference) / float(extent))
    return {"precision": precision, "passed": run.returncode == 0, "share_of_range": worst,
            "failures": "" if run.returncode == 0 else run.stdout + run.stderr}  # fmt: skip


def pipeline_rows(
    program: Path, bundle: Path, device: str, precision: str, runs: int, prompts: list[int]
) -> list[dict]:
    """Times of the pipeline: a row for each number of prompts."""
    command = [program, bundle, device, precision, runs, *prompts]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=PATIENCE)
    if done.returncode != 0:
        raise RuntimeError(f"{program.name} failed with code {done.returncode}: {done.stderr}")
    return [summary(json.loads(line)) for line in done.stdout.splitlines()]


def summary(line: dict) -> dict:
    """A line of tests/gpu/pipeline_bench.cpp with each stage's median, and the share of the peak of all networks."""
    ms = {stage: statistics.median(run[stage] for run in line["runs_ms"]) for stage in STAGES}
    flop = sum(line["flop"][stage] for stage in STAGES)
    rate = 1e3 * flop / sum(ms.values())
    return {**line, "ms": ms, "flop_per_s": rate, "of_peak": rate / line["matrix_flop_per_s"]}


def table(headings: list[str], rows: list[list[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def markdown(report: dict) -> str:
    """The report as a page."""
    facts = report["device"]
    golden = [
        [row["precision"], "yes" if row["passed"] else "NO", f"{max(row['share_of_range'].values(), default=0):.2g}",
         max(row["share_of_range"], key=row["share_of_range"].get, default="-")]
        for row in report["golden"]
    ]  # fmt: skip
    networks = [
        [row["precision"], row["stage"], f"{row['relative_error']:.2g}", f"{row['ms']:.2f}",
         "-" if row["peak_mb"] is None else f"{row['peak_mb']:.0f}"]
        for row in report["networks"]
    ]  # fmt: skip
    times = [
        [row["precision"], str(row["prompts"]), *(f"{row['ms'][stage]:.1f}" for stage in STAGES),
         f"{row['flop_per_s'] / 1e12:.1f}", f"{100 * row['of_peak']:.0f} %", f"{row['peak_memory_bytes'] / 1e9:.2f}"]
        for row in report["pipeline"]
    ]  # fmt: skip
    failed = "".join(f"```\n{text}\n```\n" for text in report["failures"])
    failures = f"\n## What failed\n\n{failed}" if failed else ""
    return f"""# {facts["name"]}

PyTorch {facts["torch"]}{f", CUDA {facts['cuda']}" if "cuda" in facts else ""}; bundle: {report["bundle"]}.

## Golden tests

The networks in C++ against the published modules: the largest difference as a share of a tensor's range.

{table(["precision", "passed", "largest", "of"], golden)}

## Networks in PyTorch, against the CPU in fp32

{table(["precision", "network", "relative error", "ms", "peak MB"], networks)}

## The pipeline in C++

Medians in milliseconds; the rate of the three networks, and its share of that of large matrix products; the device's
peak memory with all weights. The program does not use CUDA graphs, so there is no column with them.

{table(["precision", "prompts", *STAGES, "TFLOP/s", "of peak", "GB"], times)}
{failures}"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("programs", "golden", "bundle", "output"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--device", default="cuda", help="(default: %(default)s)")
    parser.add_argument("--prompts", default="1,8,16", help="(default: %(default)s)")
    parser.add_argument("--runs", type=int, default=5, help="timed runs of each measurement (default: %(default)s)")
    options = parser.parse_args()
    device = torch.device(options.device)
    if device.type == "cuda" and not torch.cuda.is_available():
        print("gpu_report.py: this PyTorch finds no CUDA device; --device cpu rehearses", file=sys.stderr)
        return UNAVAILABLE
    precisions = ["fp32", "bf16", "fp16"] if device.type == "cuda" else ["fp32", "bf16"]  # the program's own
    bench = options.programs / "ldznet_pipeline_bench"
    prompts = [int(count) for count in options.prompts.split(",")]
    name = options.device
    report = {
        "device": device_facts(device),
        "bundle": json.loads((options.bundle / "model.json").read_text())["name"],
        "golden": [],
        "networks": [],
        "pipeline": [],
        "failures": [],
    }

    def add(part: str, rows: Callable[[], list]) -> None:
        """Adds the rows of a part, or why there are none, and writes what there is: the machine may go away."""
        try:
            found = rows()
            report[part] += found
            report["failures"] += [text for row in found if (text := trouble(part, row))]
        except Exception as error:  # one part that fails must not cost the others
            report["failures"].append(f"{part}: {type(error).__name__}: {error}")
        write(report, options.output)

    for p in precisions:
        add("golden", lambda p=p: [parity(options.programs / "ldznet_golden_tests", options.golden, name, p)])
    for p in precisions:
        add("pipeline", lambda p=p: pipeline_rows(bench, options.bundle, name, p, options.runs, prompts))
    networks = functools.cache(lambda: bundle_stages(options.bundle, prompts=2))
    for p in precisions:
        add("networks", lambda p=p: measure(*networks(), device, p, options.runs))
    print(markdown(report))
    return 1 if report["failures"] else 0


def trouble(part: str, row: dict) -> str:
    """What is wrong with a row, if anything."""
    if part == "golden" and not row["passed"]:
        return row["failures"] or f"the golden tests in {row['precision']} failed without a word"
    if part == "networks" and not is_good(row):
        return f"{row['stage']} in {row['precision']} is too far from the CPU"
    return ""


def write(report: dict, folder: Path) -> None:
    """Writes the report, with all that is wrong."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "gpu.json").write_text(json.dumps(report, indent=1) + "\n")
    (folder / "gpu.md").write_text(markdown(report))


if __name__ == "__main__":
    sys.exit(main())
