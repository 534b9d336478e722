"""Compares the program's speed with that of the bundle's networks in plain PyTorch.

    .venv/bin/python scripts/benchmark.py [--model models/ldznet-mini] [--binary build/release/ldznet] [--rounds 5]

Both stay loaded and take turns on the same picture and prompt, new ones in each round, so that other load on the
machine affects both. "plain" runs the bundle's modules like the published code: PyTorch's own operators in fp32, one
prompt at a time, image -> z -> the whole UNet -> head. Times are in wall-clock seconds, from file to mask.

Prints every round, the medians and their ratio, the time of several prompts as a multiple of one, and the IoU of both
masks of one picture, at the median probability as threshold, where a small difference has the largest effect.

With --peers it compares the VAE encoder, the UNet up to its last tap and the mask head, one by one, with OpenVINO (in
bf16 and fp32) and ONNX Runtime (in fp32) on the same networks, for one prompt and several. Needs what is listed in
scripts/requirements-peers.txt.

tests/support/full_width.py makes a bundle of the published width with random weights.
"""

import argparse
import base64
import io
import itertools
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # idle threads leave the cores to the other side

import numpy as np
import torch
from PIL import Image
from pycocotools import mask as coco

from ldznet_training.bundle import load_network
from ldznet_training.errors import UserError
from ldznet_training.noise_schedule import add_noise, alphas_cumprod
from ldznet_training.paths import BINARY, MODELS
from ldznet_training.peers.comparison import compare, milliseconds, table_head, table_row
from ldznet_training.peers.runtimes import RUNTIMES, check_installed, has_bf16
from ldznet_training.stages import Shared
from ldznet_training.tokenizer import Tokenizer


def picture(seed: int, side: int) -> Image.Image:
    """Coarse coloured noise of side x side pixels. At the bundle's working size neither side has to resize it."""
    coarse = np.random.default_rng(seed).integers(0, 256, (9, 9, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((side, side), Image.Resampling.BICUBIC)


def png(image: Image.Image) -> bytes:
    """The image as a PNG file."""
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


class Plain:
    """A bundle's modules, run one after the other in PyTorch."""

    def __init__(self, bundle: Path):
        self.manifest = json.loads((bundle / "model.json").read_text())
        self.tokenizer = Tokenizer.load(bundle)
        self.abar = alphas_cumprod(self.manifest["noise_schedule"]["steps"])
        names = ("vae_encoder", "text_encoder", "unet", "ldznet")
        self.vae, self.text, self.unet, self.head = (load_network(bundle / f"{name}.pt") for name in names)
        self.taps = [self.manifest["features"].index(tap) for tap in self.manifest["taps"]]

    def context(self, prompt: str) -> torch.Tensor:
        """The text encoder's context (1,L,D)."""
        return self.text(torch.tensor([self.tokenizer.encode(prompt, self.manifest["text"]["length"])]))

    @torch.inference_mode()
    @torch.jit.optimized_execution(False)  # operators as written, as in eager mode
    def probability(self, file: bytes, prompt: str) -> np.ndarray:
        """The probability (H,W) of a prompt in an encoded picture."""
        rgb = np.asarray(Image.open(io.BytesIO(file)).convert("RGB"), dtype=np.float32)
        x = torch.from_numpy(rgb).permute(2, 0, 1)[None] / 127.5 - 1
        latent = self.manifest["latent"]
        z = latent["scale"] * self.vae(x)[:, : latent["channels"]]
        noise = torch.randn(z.shape, generator=torch.Generator().manual_seed(0))
        timestep = torch.tensor([self.manifest["timestep"]["default"]])
        context = self.context(prompt)
        unet_context = self.context("") if self.manifest["unet_context"] == "empty" else context
        _, features = self.unet.predict_noise(add_noise(z, noise, timestep, self.abar), timestep, unet_context)
        logits = self.head(z, context, [features[tap] for tap in self.taps])
        return logits.sigmoid()[0, 0].numpy()


class Program:
    """A running `ldznet worker`."""

    def __init__(self, binary: Path, bundle: Path, precision: str):
        command = [binary, "worker", "--model", bundle, "--precision", precision, "--method", "ldznet", "--quiet"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if not self.process.stdout.readline():
            raise SystemExit(f"{binary} does not run; build it with scripts/demo.sh, or set --binary")

    def answer(self, file: bytes, prompts: list[str], threshold: float = 0.5) -> dict:
        """The worker's response to an encoded picture and its prompts."""
        request = {"image_b64": base64.b64encode(file).decode(), "prompts": prompts, "threshold": threshold}
        try:
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise SystemExit(
                f"the program ended with code {self.process.wait()}; -9: it was killed, for lack of memory?"
            )
        answer = json.loads(line)
        if "error" in answer:
            raise SystemExit(f"the program failed: {answer['error']['message']}")
        return answer

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()


def timed(work, *arguments) -> float:
    """The wall-clock seconds of a call."""
    return milliseconds(lambda: work(*arguments)) / 1e3


def mask_iou(plain: Plain, program: Program, file: bytes, prompt: str) -> float:
    """Intersection over union of both masks, with the median of the plain probabilities as threshold."""
    probability = plain.probability(file, prompt)
    threshold = float(np.median(probability))
    answer = program.answer(file, [prompt], threshold)
    ours, theirs = coco.decode(answer["results"][0]["segmentation"]) > 0, probability >= np.float32(threshold)
    return (ours & theirs).sum() / (ours | theirs).sum()


def compare_with_plain(options: argparse.Namespace) -> None:
    """The whole command against plain PyTorch."""
    plain = Plain(options.model)
    program = Program(options.binary.resolve(), options.model.resolve(), options.precision)
    side = round(plain.manifest["image"]["area"] ** 0.5)
    files = [png(picture(seed, side)) for seed in range(2 * options.rounds + 1)]
    iou = mask_iou(plain, program, files[-1], "thing")
    rows = []
    sides = {"plain": plain.probability, "program": lambda file, prompt: program.answer(file, [prompt])}
    for number in range(options.rounds):
        seconds = {}
        for name in sorted(sides, reverse=bool(number % 2)):  # alternates which one is first
            seconds[name] = timed(sides[name], files[number], f"thing {number}")
        many = [f"thing {number}.{k}" for k in range(options.prompts)]
        seconds["many"] = timed(program.answer, files[options.rounds + number], many)
        rows.append(seconds)
        print("  ".join(f"{name} {value:.3f}" for name, value in seconds.items()), flush=True)
    program.close()
    median = {name: statistics.median(row[name] for row in rows) for name in rows[0]}
    print(f"{plain.manifest['name']}, {side} x {side} pixels, {torch.get_num_threads()} threads")
    print(
        f"plain {median['plain']:.3f} s, program {median['program']:.3f} s: {median['plain'] / median['program']:.2f} x"
    )
    print(
        f"{options.prompts} prompts {median['many']:.3f} s: {median['many'] / median['program']:.2f} times one prompt"
    )
    print(f"IoU of the masks: {iou:.4f}")


def compare_with_peers(options: argparse.Namespace) -> None:
    """The networks against other programs. Raises UserError."""
    check_installed()
    precisions = [options.precision]
    if options.precision == "auto":
        precisions = [precision for precision in RUNTIMES if precision != "bf16" or has_bf16()]
    elif options.precision not in RUNTIMES:
        raise UserError(f"--peers compares in {' and '.join(RUNTIMES)}, not in {options.precision}")
    manifest = json.loads((options.model / "model.json").read_text())
    side, seeds = round(manifest["image"]["area"] ** 0.5), itertools.count()
    known = [*manifest.get("names", {}), *(f"thing {k}" for k in range(options.prompts))]  # others bring a warning
    print(f"{manifest['name']}, {side} x {side} pixels, {torch.get_num_threads()} threads, milliseconds\n")
    print(table_head(), flush=True)
    for precision in precisions:
        program = Program(options.binary.resolve(), options.model.resolve(), precision)

        def ours(prompts: int, program: Program = program) -> dict[str, float]:
            return program.answer(png(picture(next(seeds), side)), known[:prompts])["timing_ms"]

        for row in compare(options.model, precision, ours, options.rounds, options.prompts, Shared.of(manifest)):
            print(table_row(row), flush=True)
        program.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=MODELS / "ldznet-mini", help="bundle (default: %(default)s)")
    parser.add_argument("--binary", type=Path, default=BINARY, help="(default: %(default)s)")
    parser.add_argument("--precision", default="auto", help="of the program (default: %(default)s)")
    parser.add_argument(
        "--prompts", type=int, default=8, help="number of prompts in the third timing (default: %(default)s)"
    )
    parser.add_argument("--rounds", type=int, default=5, help="(default: %(default)s)")
    parser.add_argument("--peers", action="store_true", help="compare with OpenVINO and ONNX Runtime")
    options = parser.parse_args()
    try:
        (compare_with_peers if options.peers else compare_with_plain)(options)
    except UserError as error:
        sys.exit(f"benchmark.py: {error}")


if __name__ == "__main__":
    main()
