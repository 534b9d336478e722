#!/usr/bin/env python3
"""Trains the miniature, stage by stage, from drawings rendered before (`python -m ldznet.drawings`, no network after).

    scripts/train.py clip                 text encoder, against drawings and their names
    scripts/train.py vae                  VAE on the cached scenes (python -m ldznet.scenes cache)
    scripts/train.py latents              the scenes' latents, once
    scripts/train.py ldm                  denoiser on latents and captions
    scripts/train.py match                the match map of LD-ZNet, on the denoiser's features
    scripts/train.py head --method ldznet mask head (also: ldznet-published, znet, rgbnet)
    scripts/train.py bundle               the stages' weights as models/ldznet-mini

Every stage resumes where it was stopped; `--minutes N` ends a run after N minutes (exit code 3: not finished yet), so
that long training can go on in short pieces. Logs: data/train/<stage>.jsonl.
"""

import argparse
import json
import multiprocessing
import sys
import tempfile
from functools import partial
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parent))

from ldznet import autoencoder, bpe, clip, contexts, denoiser, heads, mini
from ldznet.drawings import REPOSITORY, vocabulary
from ldznet.mini_bundle import write_mini
from ldznet.text_encoder import TextEncoder
from ldznet.training import Loop, take_over, trained

DATA = REPOSITORY / "data"


def tokenizer(folder: Path) -> bpe.Tokenizer:
    """The miniature's own vocabulary, trained on first use from the words it will meet."""
    if not (folder / "vocab.json").is_file():
        texts = [t.format(n) for name, w in vocabulary().items() for n in (name, *w.synonyms) for t in clip.TEMPLATES]
        bpe.train_vocabulary(texts, mini.VOCABULARY).save(folder)
    return bpe.Tokenizer.load(folder)


def scenes(folder: Path) -> tuple[np.ndarray, np.ndarray, list]:
    """Images, labels and per-scene records of a cache."""
    records = json.loads((folder / "meta.json").read_text())
    records = records["scenes"] if isinstance(records, dict) else records
    return np.load(folder / "images.npy", mmap_mode="r"), np.load(folder / "labels.npy", mmap_mode="r"), records


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stage", choices=["clip", "vae", "latents", "ldm", "match", "head", "bundle"])
    parser.add_argument("--method", choices=list(heads.CONFIGS), default="ldznet")
    parser.add_argument("--steps", type=int, help="length of the schedule (default: the stage's)")
    parser.add_argument("--minutes", type=float, default=0, help="stop after this long; run again to go on")
    parser.add_argument("--batch", type=int)
    parser.add_argument("--rate", type=float)
    parser.add_argument(
        "--processes", type=int, default=1, help="train together, one thread each; the batch is divided"
    )
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--scenes", type=Path, default=DATA / "scenes-train")
    parser.add_argument("--output", type=Path, default=DATA / "train")
    parser.add_argument(
        "--start", type=Path, help="head: begin with another run's weights, where names and shapes agree"
    )
    parser.add_argument("--count", type=int, help="latents: of the first N scenes (default: all)")
    parser.add_argument("--bundle", type=Path, default=REPOSITORY / "models" / "ldznet-mini")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    if options.processes == 1 or options.stage == "bundle":
        return work(0, options, None)
    with tempfile.TemporaryDirectory() as folder:
        context = multiprocessing.get_context("spawn")
        arguments = (options, f"file://{folder}/store")
        others = [context.Process(target=work, args=(r, *arguments)) for r in range(1, options.processes)]
        for process in others:
            process.start()
        code = work(0, *arguments)
        for process in others:
            process.join()
    return code


def work(rank: int, options, store: str | None) -> int:
    """One training process."""
    if store:
        torch.set_num_threads(1)
        torch.distributed.init_process_group("gloo", store, rank=rank, world_size=options.processes)
    elif options.threads:
        torch.set_num_threads(options.threads)
    torch.manual_seed(3)
    stages = {
        "clip": train_clip,
        "vae": train_vae,
        "latents": latents,
        "ldm": train_ldm,
        "match": train_match,
        "head": train_head,
        "bundle": bundle,
    }
    return stages[options.stage](options)


def run(options, name: str, module, step_of, *, steps: int, batch: int, rate: float, decay: float = 0.999) -> int:
    module.to(memory_format=torch.channels_last)
    loop = Loop(
        name, module, options.output, options.steps or steps, options.rate or rate, decay, slice_minutes=options.minutes
    )
    return 0 if loop.run(step_of((options.batch or batch) // options.processes)) else 3


def train_clip(options) -> int:
    model, words = clip.CLIP(), tokenizer(options.output)
    pictures = clip.Pictures()
    return run(
        options,
        "clip",
        model,
        lambda b: clip.clip_step(model, pictures, words, b),
        steps=2500,
        batch=128,
        rate=2e-3,
        decay=0.99,
    )


def train_vae(options) -> int:
    model = autoencoder.Autoencoder()
    images, _, _ = scenes(options.scenes)
    return run(
        options,
        "vae",
        model,
        lambda b: autoencoder.vae_step(model, images, b),
        steps=5500,
        batch=16,
        rate=1.5e-3,
        decay=0.995,
    )


def latents(options) -> int:
    images, _, _ = scenes(options.scenes)
    vae = trained(autoencoder.Autoencoder(), options.output / "vae.ckpt").to(memory_format=torch.channels_last)
    scale = autoencoder.make_latents(vae, images[: options.count], options.output / "latents.npy")
    (options.output / "latents.json").write_text(json.dumps({"scale": scale}) + "\n")
    print(f"latent scale {scale:.5f}")
    return 0


def shared(options):
    """What LDM and heads learn from: latents, their scale, scene records, frozen text."""
    text = trained(TextEncoder(mini.TEXT), options.output / "clip.ckpt", "text.")
    scale = json.loads((options.output / "latents.json").read_text())["scale"]
    return (
        np.load(options.output / "latents.npy", mmap_mode="r"),
        scale,
        contexts.Contexts(text, tokenizer(options.output)),
    )


def train_ldm(options) -> int:
    z, scale, words = shared(options)
    _, _, records = scenes(options.scenes)
    model = denoiser.Denoiser()
    entities = [record["entities"] for record in records]
    return run(
        options,
        "ldm",
        model,
        lambda b: denoiser.denoiser_step(model, z, entities, words, scale, b),
        steps=2000,
        batch=32,
        rate=8e-4,
    )


def head_setting(options):
    """What the match map and the heads learn from: the frozen denoiser, scenes with masks, contexts."""
    z, scale, words = shared(options)
    images, labels, records = scenes(options.scenes)
    frozen = trained(denoiser.Denoiser(), options.output / "ldm.ckpt")
    return frozen, heads.Pool(images, labels, z, records, scale), words


def train_match(options) -> int:
    frozen, pool, words = head_setting(options)
    model = heads.make_head("ldznet", frozen)
    heads.separate(model.match, words.pooled_names(np.random.default_rng(0)))
    step_of = partial(heads.match_step, model, frozen.unet, pool, words)
    return run(options, "match", model.match, step_of, steps=500, batch=64, rate=2e-3, decay=0.99)


def train_head(options) -> int:
    frozen, pool, words = head_setting(options)
    model = heads.make_head(options.method, frozen)
    if options.start is not None:
        take_over(model, options.start)
    if getattr(model, "match", None) is not None:
        trained(model.match, options.output / "match.ckpt")  # frozen: the few scenes of a head's step would spoil it
    step_of = partial(heads.head_step, options.method, model, frozen.unet, pool, words)
    return run(options, f"head-{options.method}", model, step_of, steps=4000, batch=12, rate=8e-4)


def bundle(options) -> int:
    write_mini(options.output, options.bundle, version="1", dtype="float16")
    return 0


if __name__ == "__main__":
    sys.exit(main())
