"""Compares a bundle's networks on CUDA with the CPU in fp32, stage by stage.

    .venv/bin/python scripts/check_cuda.py [--bundle models/ldznet-mini] [--device cuda] [--precision fp32,bf16,fp16]
    .venv/bin/python scripts/check_cuda.py --full-width     networks of the published width with random weights

Prints a table: largest difference, relative error |ours - reference| / |reference|, the median time of a call, and the
device's peak memory. `--json FILE` also writes it. Every stage gets the reference's inputs, so errors do not add up.
Exit codes: 0; 1 if a result is not finite or its relative error exceeds the limit of its precision; 69 without CUDA.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn

from ldznet_training.paths import MODELS
from ldznet_training.stages import Stages, bundle_stages, chain, flatten, relative_error
from ldznet_training.text_encoder import TextConfig, TextEncoder
from ldznet_training.unet import UNet, UNetConfig
from ldznet_training.vae import VAEConfig, VAEEncoder
from ldznet_training.znet import PUBLISHED_TAPS, LDZNet, ldznet_config

UNAVAILABLE = 69  # as the program's exit code for a device that is not available
PRECISIONS = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
LIMITS = {"fp32": 1e-2, "bf16": 1e-1, "fp16": 3e-2}  # of the relative error; TF32 convolutions count as fp32
PROMPTS = 2


def moved(value, device: torch.device, dtype: torch.dtype):
    """Tensors, or lists of them, on the device; floating ones in this type."""
    if isinstance(value, list):
        return [moved(part, device, dtype) for part in value]
    return value.to(device, dtype) if value.is_floating_point() else value.to(device)


def full_width_stages(side: int) -> tuple[Stages, dict[str, Tensor]]:
    """The published networks with random weights, on a picture of side x side pixels."""

    def make(build: Callable[[], nn.Module]) -> nn.Module:
        torch.manual_seed(4)
        return build().eval()

    config = UNetConfig()
    with torch.device("meta"):
        denoiser = UNet(config, list(PUBLISHED_TAPS))
    networks = {
        "vae_encoder": lambda: make(lambda: VAEEncoder(VAEConfig())),
        "text_encoder": lambda: make(lambda: TextEncoder(TextConfig())),
        "unet": lambda: make(lambda: UNet(config, list(PUBLISHED_TAPS))),
        "ldznet": lambda: make(lambda: LDZNet(ldznet_config(), denoiser.tap_widths())),
    }
    image = torch.rand(1, 3, side, side, generator=torch.Generator().manual_seed(1)) * 2 - 1
    ids = torch.randint(49408, (PROMPTS, 77), generator=torch.Generator().manual_seed(2))
    return chain(image, ids, 4, 400, networks, shared_inputs=True)


def milliseconds(call: Callable[[], object], device: torch.device, rounds: int) -> float:
    """The median time of a call: by CUDA events on CUDA, by the clock elsewhere."""
    times = []
    for _ in range(rounds):
        if device.type == "cuda":
            first, last = (torch.cuda.Event(enable_timing=True) for _ in range(2))
            first.record()
            call()
            last.record()
            last.synchronize()
            times.append(first.elapsed_time(last))
        else:
            begun = time.perf_counter()
            call()
            times.append(1e3 * (time.perf_counter() - begun))
    return statistics.median(times)


@torch.inference_mode()
def measure(stages: Stages, reference: dict[str, Tensor], device: torch.device, precision: str, rounds: int) -> list:
    """A row for each stage."""
    rows, dtype = [], PRECISIONS[precision]
    for name, (build, inputs) in stages.items():
        module = build().to(device, dtype)
        arguments = moved(list(inputs), device, dtype)
        if device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(device)
        ours = flatten(module(*arguments))
        difference = ours - reference[name]
        row = {
            "stage": name,
            "device": device.type,
            "precision": precision,
            "finite": bool(torch.isfinite(ours).all()),
            "max_difference": float(difference.abs().max()),
            "relative_error": relative_error(ours, reference[name]),
            "ms": milliseconds(lambda module=module, arguments=arguments: module(*arguments), device, rounds),
            "peak_mb": torch.cuda.max_memory_allocated(device) / 1e6 if device.type == "cuda" else None,
        }
        rows.append(row)
    return rows


def print_table(rows: list[dict]) -> None:
    print(f"{'stage':<14}{'device':<8}{'type':<6}{'max|diff|':>12}{'relative':>12}{'ms':>10}{'peak MB':>10}")
    for row in rows:
        memory = "-" if row["peak_mb"] is None else f"{row['peak_mb']:.0f}"
        print(f"{row['stage']:<14}{row['device']:<8}{row['precision']:<6}{row['max_difference']:>12.3g}"
              f"{row['relative_error']:>12.3g}{row['ms']:>10.2f}{memory:>10}")  # fmt: skip


def is_good(row: dict) -> bool:
    """Whether a result is finite and close to the reference."""
    return row["finite"] and row["relative_error"] <= LIMITS[row["precision"]]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", type=Path, default=MODELS / "ldznet-mini", help="(default: %(default)s)")
    parser.add_argument("--full-width", action="store_true", help="random weights of the published sizes instead")
    parser.add_argument("--side", type=int, default=384, help="of the full-width picture (default: %(default)s)")
    parser.add_argument("--device", default="cuda", help="cuda, cuda:N or cpu (default: %(default)s)")
    parser.add_argument("--precision", default="fp32,bf16,fp16", help="comma-separated list (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=20, help="timed calls (default: %(default)s)")
    parser.add_argument("--json", type=Path, help="file for the rows")
    options = parser.parse_args()
    precisions = options.precision.split(",")
    if unknown := [p for p in precisions if p not in PRECISIONS]:
        parser.error(f"unknown precision {unknown[0]!r}: choose from {', '.join(PRECISIONS)}")
    device = torch.device(options.device)
    if device.type == "cuda" and not torch.cuda.is_available():
        print("check_cuda.py: this PyTorch finds no CUDA device. --device cpu checks the CPU's other precisions.",
              file=sys.stderr)  # fmt: skip
        return UNAVAILABLE
    stages, reference = (
        full_width_stages(options.side) if options.full_width else bundle_stages(options.bundle, PROMPTS)
    )
    rows = [row for p in precisions for row in measure(stages, reference, device, p, options.rounds)]
    print_table(rows)
    if options.json is not None:
        options.json.write_text(json.dumps(rows, indent=1) + "\n")
    bad = [row for row in rows if not is_good(row)]
    for row in bad:
        print(f"check_cuda.py: {row['stage']} in {row['precision']} is too far from the CPU's fp32", file=sys.stderr)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
