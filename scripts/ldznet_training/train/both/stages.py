"""What each stage computes: the loss as a function of the step number, on composed pictures."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ...noise_schedule import add_noise, alphas_cumprod
from ...scenes.chance import Chance
from ...scenes.compositor import Mix
from ...tokenizer import Tokenizer
from ...unet import UNet
from ...znet import LDZNet, MaskHead
from .. import clip
from ..features import TapFeatures
from ..heads import METHODS, SMOOTHING, Seen, mask_figures, mask_loss
from ..ldm import MATCH_WEIGHT, MATCHED_SHARE, SHARPNESS, Denoiser
from ..loop import StepLoss
from ..process_group import autocast, rank
from ..vae import KL_WEIGHT, Autoencoder, gradient_loss, psnr
from .losses import cell_loss, name_weights, presence_loss, wording_loss
from .plan import SHAPES, VAE_SIDE
from .pool import Pool
from .world import Prompts, World

SQUARES = 4.0  # weight of the squared error in the VAE's loss: PSNR is measured by it
IGNORED = float(np.log(SMOOTHING / (1 - SMOOTHING)))  # logit of ignored pixels: a constant loss
NAMED = Mix(0.4, 0.0, 0.2, 0.4)  # of the text encoder's pictures
SPARE = 1.4  # pictures composed per picture with a name that covers enough of it
THINGS_FIRST = 6.0  # how much more a thing gives its name to a picture than stuff of the same area
COUNTED = 8  # batches that the weights of names are counted in


def clip_step(model: clip.CLIP, world: World, tokenizer: Tokenizer, size: int) -> StepLoss:
    """Contrasts pictures with one of the names that each shows, and the wordings of a name with those of others.

    A name may occur several times in a batch."""
    names = list(world.words)
    mix = NAMED if world.photographs is not None else world.mix

    def step_loss(step: int):
        chance, rng = Chance([7, step, rank()], world.device), np.random.default_rng([7, step, rank()])
        pictures = world.compositor.batch(round(size * SPARE), chance, 96, 96, mix)
        area = pictures.areas()
        weights = torch.where(area > 0.1 * 96 * 96, area, 0.0)
        # Those with a name first: batches of one size need no new search for kernels.
        rows = weights.sum(1).clamp(max=1).topk(size).indices
        weights[:, world.things[1:]] *= THINGS_FIRST
        named = torch.multinomial(weights[rows] + 1e-9, 1, generator=chance.generator)[:, 0]
        images = F.interpolate(pictures.images[rows], size=clip.SIDE, mode="area")
        texts = [clip.wording(names[i], rng, world.words) for i in named.tolist()]
        ids = torch.tensor([tokenizer.encode(text, 77) for text in texts], device=world.device)
        image, text = model.embed(images.contiguous(memory_format=torch.channels_last), ids)
        same = (named[:, None] == named[None]).float()
        target = same / same.sum(1, keepdim=True)
        scores = model.similarity(image, text)
        loss = (F.cross_entropy(scores, target) + F.cross_entropy(scores.T, target)) / 2
        wordings = wording_loss(model.similarity(text, text), same)
        top1 = same.gather(1, scores.argmax(1, keepdim=True)).mean()
        return loss + wordings, {"top1": top1, "wordings": wordings}

    return step_loss


def vae_step(model: Autoencoder, world: World, size: int) -> StepLoss:
    """L1, gradients and squares of the difference between pictures and their reconstructions."""

    def step_loss(step: int):
        chance = Chance([11, step, rank()], world.device)
        x = world.compositor.batch(size, chance, VAE_SIDE, VAE_SIDE, world.mix).images
        x = x.contiguous(memory_format=torch.channels_last)
        with autocast():
            mean, logvar = model(x).float().chunk(2, dim=1)
            logvar = logvar.clamp(-30, 20)
            z = mean + (0.5 * logvar).exp() * chance.normal(*mean.shape)
            y = model.decoder(z).float()
        kl = 0.5 * (mean.square() + logvar.exp() - 1 - logvar).sum((1, 2, 3)).mean()
        l1, edges, squares = (y - x).abs().mean(), gradient_loss(y, x), (y - x).square().mean()
        loss = l1 + edges + SQUARES * squares + KL_WEIGHT * kl
        return loss, {"l1": l1, "edges": edges, "kl": kl, "psnr": psnr(y, x)}

    return step_loss


def denoiser_step(model: Denoiser, pool: Pool, prompts: Prompts, size: int) -> StepLoss:
    """The published noise loss, and the match of the features with the names that each picture knows."""
    abar = alphas_cumprod().to(pool.world.device)
    matched = round(size * MATCHED_SHARE)

    def step_loss(step: int):
        rng = np.random.default_rng([13, step, rank()])
        pictures, chance = pool.batch(13, step, size)
        z, present = pictures.z, pictures.present
        noise = chance.normal(*z.shape)
        timestep = torch.cat([20 + chance.integers(230, matched), chance.integers(1000, size - matched)])
        empty = prompts.contexts.empty.expand(matched, -1, -1)
        context = torch.cat([empty, prompts.captions(present[matched:], rng)])
        z_t = add_noise(z, noise, timestep, abar).contiguous(memory_format=torch.channels_last)
        with autocast():
            predicted, scores = model(z_t, timestep, context, prompts.contexts.pooled_names(rng), matched)
        scores = scores.float() * SHARPNESS
        pooled = (scores.logsumexp(2) - np.log(scores.shape[2])) / SHARPNESS
        match, recall = presence_loss(pooled, present[:matched], pictures.known[:matched])
        mse = F.mse_loss(predicted.float(), noise)
        return mse + MATCH_WEIGHT * match, {"mse": mse, "match": match, "recall5": recall}

    return step_loss


def cell_targets(labels: Tensor, cell: int = 8) -> Tensor:
    """The target of each cell, that of its centre: labels (B,cell*h,cell*w) -> (B,h*w)."""
    return labels[:, cell // 2 :: cell, cell // 2 :: cell].flatten(1)


def count_names(world: World, size: int, shape: tuple[int, int], mix: Mix, cell: int = 8) -> Tensor:
    """How many cells the targets (N+1) have in some batches of `size` pictures."""
    counts = torch.zeros(len(world.words) + 1, device=world.device)
    for k in range(COUNTED):
        pictures = world.compositor.batch(size, Chance([43, k], world.device), *shape, mix, masked=True)
        target = cell_targets(pictures.labels, cell)
        counts += torch.bincount(target[target >= 0], minlength=len(counts))
    return counts


def match_step(head: LDZNet, unet: UNet, pool: Pool, prompts: Prompts, size: int) -> StepLoss:
    """The dense cross-entropy of the match map alone."""
    features_of, world = TapFeatures(unet, prompts.contexts), pool.world
    weights = name_weights(count_names(world, size, SHAPES[0], pool.mix))

    def step_loss(step: int):
        rng = np.random.default_rng([19, step, rank()])
        pictures, _ = pool.batch(19, step, size)
        z = pictures.z
        with autocast():
            features = features_of(z, rng)
            cells = head.match.embed(head.matched(z, features), z.shape[2], z.shape[3])
            scores = head.match.scores(cells, prompts.contexts.pooled_names(rng))
        return cell_loss(scores, cell_targets(pictures.labels), pictures.known, weights, world.things)

    return step_loss


def head_step(method: str, head: MaskHead, unet: UNet, pool: Pool, prompts: Prompts, size: int) -> StepLoss:
    """The masks of one name per picture, shown or absent, by a head of one of METHODS. Most photographs show only one
    or two names, so that more prompts would repeat them."""
    features_of, logits_of = TapFeatures(unet, prompts.contexts), METHODS[method].logits

    def step_loss(step: int):
        rng = np.random.default_rng([17, step, rank()])
        pictures, chance = pool.batch(17, step, size)
        asked = pool.world.prompts(pictures.present, pictures.known, chance, 1)[:, 0]
        labels = pictures.labels
        target = (labels == asked[:, None, None] + 1).float()[:, None]
        z, context = pictures.z, prompts.of(asked, chance)
        seen = Seen(context, z, lambda: features_of(z, rng), lambda: pictures.images)
        with autocast():
            logits = logits_of(head, seen)
        logits = logits.float().masked_fill((labels == -1)[:, None], IGNORED)
        return mask_loss(logits, target), mask_figures(logits, target)

    return step_loss
