"""What each stage of scripts/train.py does. Every function returns whether the stage is finished."""

import json
from argparse import Namespace
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import nn

from .. import mini
from ..paths import DATA
from ..scenes import rendering
from ..scenes.cache import load_cache, make_cache
from ..scenes.drawings import DRAWINGS, STYLES
from ..scenes.placement import Drawings
from ..scenes.vocabulary import vocabulary
from ..text_encoder import TextEncoder
from ..tokenizer import Tokenizer, train_vocabulary
from ..unet import UNet
from ..vae import VAEEncoder
from . import clip, heads, ldm, match, mini_bundle, vae
from .dataset import SceneDataset
from .hyperparameters import CACHES, DENSE, HYPERPARAMETERS, MIXED, SMALL
from .loop import Loop, StepLoss
from .process_group import barrier, device, processes, rank
from .text_contexts import TextContexts
from .weights import load_frozen, load_matching_weights

# --- data -------------------------------------------------------------------------------------------------------------


def render_drawings(_options: Namespace) -> bool:
    """Renders the styles that are missing."""
    for style in STYLES:
        if not (DRAWINGS / f"{style}.npz").is_file():
            rendering.render(style)
    return True


def cache_folder(name: str, size: int) -> Path:
    """The folder of a cache of scenes with sides of `size` pixels."""
    return DATA / (f"scenes-{name}" if size == mini.SIZE else f"scenes-{name}-{size}")


def make_scenes(options: Namespace) -> bool:
    """Makes the caches that are missing."""
    for name, cache in CACHES.items():
        folder = cache_folder(name, options.size)
        if not (folder / "meta.json").is_file():
            drawings = Drawings.load(cache.styles)
            count = min(cache.count, options.most_scenes or cache.count)
            workers, arrangement = options.processes, cache.arrangement
            make_cache(folder, drawings, count, cache.seed, options.size, workers, arrangement=arrangement)
    return True


def load_tokenizer(folder: Path) -> Tokenizer:
    """The miniature's tokenizer. On first use, its vocabulary is trained on the wordings of all names."""
    if rank() == 0 and not (folder / "vocab.json").is_file():
        texts = [t.format(n) for name, w in vocabulary().items() for n in (name, *w.synonyms) for t in clip.TEMPLATES]
        train_vocabulary(texts, mini.VOCABULARY).save(folder)
    barrier()
    return Tokenizer.load(folder)


def make_latents(options: Namespace) -> bool:
    """Encodes the caches that have no latents."""
    encoder = load_frozen(VAEEncoder(mini.VAE), options.output / "vae.ckpt", strict=False)
    encoder.to(memory_format=torch.channels_last)
    for name, cache in CACHES.items():
        folder = cache_folder(name, options.size)
        if (folder / "latents.npy").is_file():
            continue
        scale = vae.make_latents(encoder, load_cache(folder).images[: cache.latents], folder / "latents.npy")
        path = options.output / "latents.json"  # one scale for all caches, from the denoiser's scenes
        if rank() == 0 and name == MIXED and not path.is_file():
            path.write_text(json.dumps({"scale": scale}) + "\n")
    return True


# --- training ---------------------------------------------------------------------------------------------------------


def fit(stage: str, options: Namespace, module: nn.Module, step_of: Callable[[int], StepLoss], name: str = "") -> bool:
    """Trains the module of a stage.

    `step_of`: batch size of this process -> loss; `name`: of the checkpoint (default: the stage's).
    """
    module.to(device(), memory_format=torch.channels_last)
    decay = HYPERPARAMETERS[stage].ema_decay
    loop = Loop(
        name or stage, module, options.output, options.steps, options.rate, decay, slice_minutes=options.minutes
    )
    return loop.run(step_of(options.batch // processes()))


def train_clip(options: Namespace) -> bool:
    model, tokenizer, pictures = clip.CLIP(), load_tokenizer(options.output), clip.Pictures()
    return fit("clip", options, model, partial(clip.clip_step, model, pictures, tokenizer))


def train_vae(options: Namespace) -> bool:
    model = vae.Autoencoder()
    images = load_cache(cache_folder(MIXED, mini.SIZE)).images
    return fit("vae", options, model, partial(vae.vae_step, model, images))


def text_contexts(options: Namespace) -> TextContexts:
    """Contexts of the trained text encoder."""
    text = load_frozen(TextEncoder(mini.TEXT), options.output / "clip.ckpt", "text.")
    return TextContexts(text, load_tokenizer(options.output))


def load_latents(folder: Path) -> np.ndarray:
    """The latents of a cache, float16 (N,4,h,w), memory-mapped."""
    return np.load(folder / "latents.npy", mmap_mode="r")


def train_ldm(options: Namespace) -> bool:
    folder = cache_folder(MIXED, HYPERPARAMETERS["ldm"].size)
    contexts, scale = text_contexts(options), mini_bundle.latent_scale(options.output)
    entities = [record["entities"] for record in load_cache(folder).records]
    model = ldm.Denoiser()
    step_of = partial(ldm.denoiser_step, model, load_latents(folder), entities, contexts, scale)
    return fit("ldm", options, model, step_of)


def frozen_denoiser(options: Namespace) -> UNet:
    """The trained denoiser."""
    return load_frozen(UNet(mini.UNET), options.output / "ldm.ckpt", "unet.")


def datasets(options: Namespace, *names: str) -> list[SceneDataset]:
    """The scenes of these caches, with their latents."""
    scale, found = mini_bundle.latent_scale(options.output), []
    for folder in (cache_folder(name, options.size) for name in names):
        cache = load_cache(folder)
        found.append(SceneDataset(cache.images, cache.labels, load_latents(folder), cache.records, scale))
    return found


def train_match(options: Namespace) -> bool:
    contexts, unet = text_contexts(options), frozen_denoiser(options)
    model = heads.make_head("ldznet", unet)
    match.init_text_projection(model.match, contexts.pooled_names(np.random.default_rng(0)))
    scenes = datasets(options, DENSE, SMALL)
    return fit("match", options, model.match, partial(match.match_step, model, unet, scenes, contexts))


def train_head(options: Namespace) -> bool:
    contexts, unet = text_contexts(options), frozen_denoiser(options)
    model = heads.make_head(options.method, unet)
    if options.start is not None:
        load_matching_weights(model, options.start)
    if getattr(model, "match", None) is not None:
        load_frozen(model.match, options.output / "match.ckpt")  # frozen: a head's step has too few scenes to train it
    scenes = datasets(options, MIXED, DENSE, SMALL)
    step_of = partial(heads.head_step, options.method, model, unet, scenes, contexts)
    return fit("head", options, model, step_of, f"head-{options.method}")


# --- bundles ----------------------------------------------------------------------------------------------------------


def write_bundle(options: Namespace) -> bool:
    mini_bundle.write_mini(
        options.output, options.bundle, options.model_version, options.overwrite, options.method, options.dtype
    )
    return True


def unpack_bundle(options: Namespace) -> bool:
    mini_bundle.unpack(options.bundle, options.output)
    return True
