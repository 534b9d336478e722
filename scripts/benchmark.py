"""Times the program against the networks run plainly in PyTorch, as the published code runs them.

    .venv/bin/python scripts/benchmark.py [--model models/ldznet-mini] [--binary build/release/ldznet] [--rounds 5]

Both stay loaded and take turns on the same picture and prompt, a new one every round, so that what else the machine
does meets both. The plain way is PyTorch's own operators in fp32 on the bundle's modules, one prompt at a time: image
-> z -> the whole UNet -> head, attention written out. Both times are wall-clock seconds from a picture's file to the
mask.
Prints every round, the medians, their ratio, how alike the masks of the first round are (cut at the median probability,
where the least difference shows), and what `--prompts` prompts cost the program together in times of one.

A bundle of the published width with random weights comes from tests/support/full_width.py.
"""

import argparse
import base64
import io
import json
import os
import statistics
import subprocess
import sys
import time
import warnings
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # the one that waits leaves the cores to the other

import numpy as np
import torch
from PIL import Image
from pycocotools import mask as coco

sys.path.insert(0, str(Path(__file__).resolve().parent))

from ldznet import bpe
from ldznet.noise_schedule import add_noise, alphas_cumprod

ROOT = Path(__file__).resolve().parents[1]


def picture(seed: int, side: int) -> Image.Image:
    """Coarse coloured noise of a bundle's working size, so that nothing is gained or lost by resizing."""
    coarse = np.random.default_rng(seed).integers(0, 256, (9, 9, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((side, side), Image.Resampling.BICUBIC)


def png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


class Plain:
    """A bundle's modules, one after the other."""

    def __init__(self, bundle: Path):
        self.manifest = json.loads((bundle / "model.json").read_text())
        self.tokenizer = bpe.Tokenizer.load(bundle)
        self.abar = alphas_cumprod(self.manifest["noise_schedule"]["steps"])
        names = ("vae_encoder", "text_encoder", "unet", "ldznet")
        self.vae, self.text, self.unet, self.head = (self.load(bundle / f"{name}.pt") for name in names)
        self.taps = [self.manifest["features"].index(tap) for tap in self.manifest["taps"]]

    @staticmethod
    def load(path: Path) -> torch.jit.ScriptModule:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            return torch.jit.load(path, map_location="cpu").eval().float()

    def context(self, prompt: str) -> torch.Tensor:
        return self.text(torch.tensor([self.tokenizer.encode(prompt, self.manifest["text"]["length"])]))

    @torch.inference_mode()
    @torch.jit.optimized_execution(False)  # operators as written, as in eager mode
    def probability(self, file: bytes, prompt: str) -> np.ndarray:
        rgb = np.asarray(Image.open(io.BytesIO(file)).convert("RGB"), dtype=np.float32)
        x = torch.from_numpy(rgb).permute(2, 0, 1)[None] / 127.5 - 1
        latent = self.manifest["latent"]
        z = latent["scale"] * self.vae(x)[:, : latent["channels"]]
        noise = torch.randn(z.shape, generator=torch.Generator().manual_seed(0))
        timestep = torch.tensor([self.manifest["timestep"]["default"]])
        context = self.context(prompt)
        seen = self.context("") if self.manifest["unet_context"] == "empty" else context
        _, features = self.unet.predict_noise(add_noise(z, noise, timestep, self.abar), timestep, seen)
        logits = self.head(z, context, [features[tap] for tap in self.taps])
        return logits.sigmoid()[0, 0].numpy()


class Program:
    """`ldznet worker`, loaded once."""

    def __init__(self, binary: Path, bundle: Path, precision: str):
        command = [binary, "worker", "--model", bundle, "--precision", precision, "--method", "ldznet", "--quiet"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if not self.process.stdout.readline():
            raise SystemExit(f"{binary} does not run; build it with scripts/demo.sh, or name it with --binary")

    def answer(self, file: bytes, prompts: list[str], threshold: float = 0.5) -> dict:
        request = {"image_b64": base64.b64encode(file).decode(), "prompts": prompts, "threshold": threshold}
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            raise SystemExit(f"the program could not: {answer['error']['message']}")
        return answer

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()


def timed(work, *arguments) -> float:
    """Seconds."""
    start = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - start


def likeness(plain: Plain, program: Program, file: bytes, prompt: str) -> float:
    """Intersection over union of the two masks at the plain probabilities' median."""
    probability = plain.probability(file, prompt)
    threshold = float(np.median(probability))
    answer = program.answer(file, [prompt], threshold)
    ours, theirs = coco.decode(answer["results"][0]["segmentation"]) > 0, probability >= np.float32(threshold)
    return (ours & theirs).sum() / (ours | theirs).sum()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=ROOT / "models" / "ldznet-mini")
    parser.add_argument("--binary", type=Path, default=ROOT / "build" / "release" / "ldznet")
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--prompts", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    plain = Plain(options.model)
    program = Program(options.binary.resolve(), options.model.resolve(), options.precision)
    side = round(plain.manifest["image"]["area"] ** 0.5)
    files = [png(picture(seed, side)) for seed in range(2 * options.rounds + 1)]
    alike = likeness(plain, program, files[-1], "thing")
    rows = []
    for number in range(options.rounds):
        ways = {"plain": plain.probability, "program": lambda file, prompt: program.answer(file, [prompt])}
        seconds = {}
        for way in sorted(ways, reverse=bool(number % 2)):
            seconds[way] = timed(ways[way], files[number], f"thing {number}")
        many = [f"thing {number}.{k}" for k in range(options.prompts)]
        seconds["many"] = timed(program.answer, files[options.rounds + number], many)
        rows.append(seconds)
        print("  ".join(f"{name} {value:.3f}" for name, value in seconds.items()), flush=True)
    program.close()
    middle = {name: statistics.median(row[name] for row in rows) for name in rows[0]}
    print(f"{plain.manifest['name']}, {side} x {side} pixels, {torch.get_num_threads()} threads")
    print(
        f"plain {middle['plain']:.3f} s, program {middle['program']:.3f} s: {middle['plain'] / middle['program']:.2f} x"
    )
    print(
        f"{options.prompts} prompts {middle['many']:.3f} s: {middle['many'] / middle['program']:.2f} times one prompt"
    )
    print(f"masks' IoU: {alike:.4f}")


if __name__ == "__main__":
    main()
