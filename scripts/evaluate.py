#!/usr/bin/env python3
"""Evaluates a bundle's heads on cached scenes of one or more art styles.

    scripts/evaluate.py models/ldznet-mini data/scenes-test-noto data/scenes-test-fluent-3d [--methods ldznet,znet]

For every scene each of its things and stuff is asked for, and one thing that is absent. Prints mIoU at 0.3 and 0.5,
AP (per kind, and of all) and how often an absent object gives an empty mask; `--json FILE` keeps all figures.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parent))

from ldznet.autoencoder import to_image
from ldznet.bpe import Tokenizer
from ldznet.metrics import Metrics
from ldznet.noise_schedule import add_noise, alphas_cumprod
from ldznet.scenes import absent_names
from ldznet.vae import posterior_mean


class Bundle:
    """A bundle's TorchScript modules, run as the product runs them (seed 0, default timestep), in fp32."""

    def __init__(self, folder: Path):
        self.manifest = json.loads((folder / "model.json").read_text())
        self.modules = {p.stem: torch.jit.load(str(p)).float().eval() for p in folder.glob("*.pt")}
        self.tokenizer = Tokenizer.load(folder)
        self.abar = alphas_cumprod()
        self._contexts: dict[str, torch.Tensor] = {}

    def context(self, text: str) -> torch.Tensor:
        if text not in self._contexts:
            ids = torch.tensor([self.tokenizer.encode(text, self.manifest["text"]["length"])])
            self._contexts[text] = self.modules["text_encoder"](ids)
        return self._contexts[text]

    @torch.inference_mode()
    def probabilities(self, method: str, pixels: np.ndarray, prompts: list[str]) -> np.ndarray:
        """uint8 (S,S,3), N prompts -> (N,S,S)."""
        image = to_image(pixels[None])
        context = torch.cat([self.context(p) for p in prompts])
        n = len(prompts)
        if method == "rgbnet":
            return self.modules[method](image.expand(n, -1, -1, -1), context).sigmoid()[:, 0].numpy()
        z = posterior_mean(self.modules["vae_encoder"](image)) * self.manifest["latent"]["scale"]
        if method == "znet":
            return self.modules[method](z.expand(n, -1, -1, -1), context).sigmoid()[:, 0].numpy()
        noise = torch.randn(z.shape, generator=torch.Generator().manual_seed(0))
        t = torch.tensor([self.manifest["timestep"]["default"]])
        z_t = add_noise(z, noise, t, self.abar)
        if self.manifest["unet_context"] == "empty":
            features = [f.expand(n, -1, -1, -1) for f in self.modules["unet"](z_t, t, self.context(""))]
        else:
            features = self.modules["unet"](z_t.expand(n, -1, -1, -1), t.expand(n), context)
        return self.modules[method](z.expand(n, -1, -1, -1), context, features).sigmoid()[:, 0].numpy()


def evaluate(bundle: Bundle, method: str, folder: Path, limit: int) -> dict:
    """Figures of one head on one cache."""
    images, labels = (np.load(folder / f"{name}.npy", mmap_mode="r") for name in ("images", "labels"))
    records = json.loads((folder / "meta.json").read_text())["scenes"][:limit]
    metrics = {"thing": Metrics(), "stuff": Metrics(), "all": Metrics()}
    for i, record in enumerate(records):
        absent = absent_names(record["entities"], np.random.default_rng([23, i]), hard=bool(i % 2))
        prompts = [name for name, _ in record["entities"]] + [absent]
        maps = bundle.probabilities(method, images[i], prompts)
        for k, (_, kind) in enumerate(record["entities"]):
            metrics[kind].add(maps[k], labels[i] == k + 1)
            metrics["all"].add(maps[k], labels[i] == k + 1)
        metrics["all"].add(maps[-1], np.zeros_like(labels[i], bool))
    return {"scenes": len(records), **{kind: m.summary() for kind, m in metrics.items()}}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("caches", type=Path, nargs="+")
    parser.add_argument("--methods", help="comma list (default: all in the bundle)")
    parser.add_argument("--limit", type=int, default=1000000, help="first N scenes of each cache")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    bundle = Bundle(options.bundle)
    results: dict[str, dict] = {}
    print("| method | scenes | things mIoU | at 0.5 | things AP | stuff mIoU | all mIoU | all AP | absent |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for method in options.methods.split(",") if options.methods else bundle.manifest["methods"]:
        for folder in options.caches:
            begun = time.monotonic()
            r = evaluate(bundle, method, folder, options.limit)
            results.setdefault(method, {})[folder.name] = r
            row = [r["thing"]["miou@0.3"], r["thing"]["miou@0.5"], r["thing"]["ap"], r["stuff"]["miou@0.3"]]
            row += [r["all"]["miou@0.3"], r["all"]["ap"], r["all"]["absent_accuracy"]]
            print(
                f"| {method} | {folder.name} ({r['scenes']}) | " + " | ".join(f"{x:.3f}" for x in row) + " |",
                flush=True,
            )
            print(f"{time.monotonic() - begun:.0f} s", file=sys.stderr)
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
