"""Trains the miniature, stage by stage.

    .venv/bin/python scripts/train.py all --processes 2     every stage below, in this order

    drawings   renders the art (needs a network, fonts-noto-color-emoji and scripts/requirements-train.txt)
    scenes     the two caches of scenes in data/
    clip       text encoder, against drawings and their names
    vae        VAE on the scenes
    latents    the scenes' latents
    ldm        denoiser on latents and captions
    match      the match map of LD-ZNet, on the denoiser's features of dense scenes
    head       mask head; --method ldznet, ldznet-published, znet or rgbnet
    bundle     the stages' weights as models/ldznet-mini; its LD-ZNet is the one that --method names
    unpack     not among all: the weights of every stage before `head` from models/ldznet-mini, to train heads alone;
               its LD-ZNet as shipped.ckpt, for `--start`

What is finished is not done again, and a stage that was stopped goes on where it stopped; `--minutes N` ends a run
after N minutes (exit code 3: not finished yet), so that long training can go on in short pieces. Curves:
data/train/<stage>.jsonl. On CUDA where there is one, else on the CPU.
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

from ldznet import autoencoder, bpe, clip, contexts, denoiser, drawings, heads, mini
from ldznet.drawings import DRAWINGS, HEAD_STYLES, LDM_STYLES, REPOSITORY, STYLES, vocabulary
from ldznet.mini_bundle import unpack, write_mini
from ldznet.objects import Drawings
from ldznet.scenes import ORDINARY, Arrangement, make_cache
from ldznet.text_encoder import TextEncoder
from ldznet.training import Loop, barrier, device, rank, take_over, trained
from ldznet.unet import UNet
from ldznet.vae import VAEEncoder

DATA = REPOSITORY / "data"
MIXED, DENSE, SMALL = "train", "dense", "small"
CACHES = {  # dense scenes teach the match map more names a second
    MIXED: {"count": 40_000, "seed": 1, "styles": LDM_STYLES, "arrangement": ORDINARY},
    DENSE: {"count": 24_000, "seed": 21, "styles": HEAD_STYLES, "arrangement": Arrangement(objects=(3, 12))},
    SMALL: {"count": 16_000, "seed": 22, "styles": HEAD_STYLES, "arrangement": Arrangement((1, 8), 0.6, 0.5)},
}
LATENTS = {MIXED: 20_000, DENSE: 24_000, SMALL: 16_000}  # of the first so many scenes
STAGES = ("drawings", "scenes", "clip", "vae", "latents", "ldm", "match", "head", "bundle")
ALONE = ("drawings", "scenes", "bundle", "unpack")  # stages of one process


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stage", choices=["all", *STAGES, "unpack"])
    parser.add_argument("--method", choices=list(heads.CONFIGS), default="ldznet")
    parser.add_argument("--steps", type=int, help="length of the schedule (default: the stage's)")
    parser.add_argument("--minutes", type=float, default=0, help="stop after this long; run again to go on")
    parser.add_argument("--batch", type=int)
    parser.add_argument("--rate", type=float)
    parser.add_argument(
        "--processes", type=int, default=1, help="train together, one thread each; the batch is divided"
    )
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--most-scenes", type=int, default=0, help="scenes: make no more than so many a cache")
    parser.add_argument(
        "--size", type=int, default=mini.SIZE, help="scenes, latents, match, head: side of the scenes, pixels"
    )
    parser.add_argument("--output", type=Path, default=DATA / "train")
    parser.add_argument(
        "--start", type=Path, help="head: begin with another run's weights, where names and shapes agree"
    )
    parser.add_argument("--bundle", type=Path, default=REPOSITORY / "models" / "ldznet-mini")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    for stage in STAGES if options.stage == "all" else [options.stage]:
        if code := run_stage(stage, options):
            return code
    return 0


def run_stage(stage: str, options) -> int:
    """A stage in as many processes as it should have."""
    if options.processes == 1 or stage in ALONE:
        return work(0, stage, options, None)
    with tempfile.TemporaryDirectory() as folder:
        context = multiprocessing.get_context("spawn")
        arguments = (stage, options, f"file://{folder}/store")
        others = [context.Process(target=work, args=(r, *arguments)) for r in range(1, options.processes)]
        for process in others:
            process.start()
        code = work(0, *arguments)
        for process in others:
            process.join()
    return code


def work(number: int, stage: str, options, store: str | None) -> int:
    """One training process."""
    if store:
        torch.set_num_threads(1)
        torch.distributed.init_process_group("gloo", store, rank=number, world_size=options.processes)
    elif options.threads:
        torch.set_num_threads(options.threads)
    torch.manual_seed(3)
    if stage not in ALONE:
        torch.set_default_device(device())
    stages = {
        "drawings": make_drawings,
        "scenes": make_scenes,
        "clip": train_clip,
        "vae": train_vae,
        "latents": make_latents,
        "ldm": train_ldm,
        "match": train_match,
        "head": train_head,
        "bundle": make_bundle,
        "unpack": unpack_bundle,
    }
    try:
        return stages[stage](options)
    finally:
        if store:
            torch.distributed.destroy_process_group()


# --- data -------------------------------------------------------------------------------------------------------------


def make_drawings(_options) -> int:
    for style in STYLES:
        if not (DRAWINGS / f"{style}.npz").is_file():
            drawings.render(style)
    return 0


def cache_folder(name: str, size: int) -> Path:
    """Where a cache of scenes with sides of `size` pixels lies."""
    return DATA / (f"scenes-{name}" if size == mini.SIZE else f"scenes-{name}-{size}")


def make_scenes(options) -> int:
    for name, cache in CACHES.items():
        folder = cache_folder(name, options.size)
        if not (folder / "meta.json").is_file():
            art = Drawings.load(cache["styles"])
            count = min(cache["count"], options.most_scenes or cache["count"])
            workers, arrangement = options.processes, cache["arrangement"]
            make_cache(folder, art, count, cache["seed"], options.size, workers, arrangement=arrangement)
    return 0


def scenes(folder: Path) -> tuple[np.ndarray, np.ndarray, list]:
    """Images, labels and per-scene records of a cache. Throws ValueError for one that is kept for testing."""
    meta = json.loads((folder / "meta.json").read_text())
    drawings.check_training_styles(meta["styles"])
    if meta["test"]:
        raise ValueError(f"{folder} is for testing")
    return np.load(folder / "images.npy", mmap_mode="r"), np.load(folder / "labels.npy", mmap_mode="r"), meta["scenes"]


def tokenizer(folder: Path) -> bpe.Tokenizer:
    """The miniature's own vocabulary, trained on first use from the words it will meet."""
    if rank() == 0 and not (folder / "vocab.json").is_file():
        texts = [t.format(n) for name, w in vocabulary().items() for n in (name, *w.synonyms) for t in clip.TEMPLATES]
        bpe.train_vocabulary(texts, mini.VOCABULARY).save(folder)
    barrier()
    return bpe.Tokenizer.load(folder)


def make_latents(options) -> int:
    vae = trained(VAEEncoder(mini.VAE), options.output / "vae.ckpt", strict=False)
    vae.to(memory_format=torch.channels_last)
    for name, count in LATENTS.items():
        folder = cache_folder(name, options.size)
        if (folder / "latents.npy").is_file():
            continue
        scale = autoencoder.make_latents(vae, scenes(folder)[0][:count], folder / "latents.npy")
        known = options.output / "latents.json"  # one scale for all: the VAE's, of what the denoiser is trained with
        if rank() == 0 and name == MIXED and not known.is_file():
            known.write_text(json.dumps({"scale": scale}) + "\n")
    return 0


# --- training ---------------------------------------------------------------------------------------------------------


def run(options, name: str, module, step_of, *, steps: int, batch: int, rate: float, decay: float = 0.999) -> int:
    module.to(device(), memory_format=torch.channels_last)
    loop = Loop(
        name, module, options.output, options.steps or steps, options.rate or rate, decay, slice_minutes=options.minutes
    )
    return 0 if loop.run(step_of((options.batch or batch) // options.processes)) else 3


def train_clip(options) -> int:
    model, words, pictures = clip.CLIP(), tokenizer(options.output), clip.Pictures()
    step_of = partial(clip.clip_step, model, pictures, words)
    return run(options, "clip", model, step_of, steps=1500, batch=128, rate=2e-3, decay=0.99)


def train_vae(options) -> int:
    model = autoencoder.Autoencoder()
    step_of = partial(autoencoder.vae_step, model, scenes(cache_folder(MIXED, mini.SIZE))[0])
    return run(options, "vae", model, step_of, steps=3000, batch=16, rate=1.5e-3, decay=0.995)


def shared(options, folder: Path):
    """What LDM and heads learn from: latents, their scale, frozen text."""
    text = trained(TextEncoder(mini.TEXT), options.output / "clip.ckpt", "text.")
    scale = json.loads((options.output / "latents.json").read_text())["scale"]
    return np.load(folder / "latents.npy", mmap_mode="r"), scale, contexts.Contexts(text, tokenizer(options.output))


def train_ldm(options) -> int:
    folder = cache_folder(MIXED, mini.SIZE)
    z, scale, words = shared(options, folder)
    entities = [record["entities"] for record in scenes(folder)[2]]
    model = denoiser.Denoiser()
    step_of = partial(denoiser.denoiser_step, model, z, entities, words, scale)
    return run(options, "ldm", model, step_of, steps=2000, batch=32, rate=8e-4)


def head_setting(options, *caches: str):
    """What the match map and the heads learn from: the frozen denoiser, scenes with masks, contexts."""
    pools = []
    for folder in (cache_folder(name, options.size) for name in caches):
        z, scale, words = shared(options, folder)
        images, labels, records = scenes(folder)
        pools.append(heads.Pool(images, labels, z, records, scale))
    return trained(UNet(mini.UNET), options.output / "ldm.ckpt", "unet."), pools, words


def train_match(options) -> int:
    frozen, pools, words = head_setting(options, DENSE, SMALL)
    model = heads.make_head("ldznet", frozen)
    heads.separate(model.match, words.pooled_names(np.random.default_rng(0)))
    step_of = partial(heads.match_step, model, frozen, pools, words)
    return run(options, "match", model.match, step_of, steps=5200, batch=64, rate=2e-3, decay=0.99)


def train_head(options) -> int:
    frozen, pools, words = head_setting(options, MIXED, DENSE, SMALL)
    model = heads.make_head(options.method, frozen)
    if options.start is not None:
        take_over(model, options.start)
    if getattr(model, "match", None) is not None:
        trained(model.match, options.output / "match.ckpt")  # frozen: the few scenes of a head's step would spoil it
    step_of = partial(heads.head_step, options.method, model, frozen, pools, words)
    return run(options, f"head-{options.method}", model, step_of, steps=3600, batch=12, rate=8e-4)


def make_bundle(options) -> int:
    ldznet = options.method if options.method.startswith("ldznet") else "ldznet"
    write_mini(options.output, options.bundle, ldznet, version="4", dtype="float16")
    return 0


def unpack_bundle(options) -> int:
    unpack(options.bundle, options.output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
