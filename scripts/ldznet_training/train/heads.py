"""Training of the miniature's mask heads: RGBNet, ZNet, and LD-ZNet with and without the match map.

All are trained on the same scenes, prompts, steps and schedule, and start with the denoiser's weights. The match map is
trained before (match.py) and stays frozen.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..mini import LDZNET, LDZNET_AS_PUBLISHED, TAPS, ZNET
from ..unet import UNet
from ..znet import FusedTransformerBlock, LDZNet, MaskHead, RGBNet, ZNet, ZNetConfig
from .dataset import SceneDataset
from .features import TapFeatures
from .loop import StepLoss
from .process_group import autocast, rank
from .text_contexts import TextContexts

FALSE_MASK_WEIGHT = 0.03  # of the loss on the highest logits, for prompts of absent things
HIGHEST = 1 / 200  # share of a picture's pixels that this loss takes
SMOOTHING = 0.04  # of the masks: a head that only answers 0 and 1 does not rank pixels


@dataclass
class Seen:
    """What heads may look at: S pictures, P contexts (S*P,L,D) for each of them, and z (S,C,h,w).

    Only some heads need the features of the denoiser and the images (S,3,8h,8w), so they are computed when one asks.
    """

    context: Tensor
    z: Tensor
    features: Callable[[], list[Tensor]]
    images: Callable[[], Tensor]

    def per_prompt(self, x: Tensor) -> Tensor:
        """Repeats each picture for its contexts: (S,...) -> (S*P,...)."""
        return x.repeat_interleave(len(self.context) // len(x), 0)


# --- methods: the logits (S*P,1,H,W) of each kind of head -------------------------------------------------------------


def rgbnet_logits(head: RGBNet, seen: Seen) -> Tensor:
    """RGBNet: the pixels."""
    return head(seen.per_prompt(seen.images()), seen.context)


def znet_logits(head: ZNet, seen: Seen) -> Tensor:
    """ZNet: z."""
    return head(seen.per_prompt(seen.z), seen.context)


def published_ldznet_logits(head: LDZNet, seen: Seen) -> Tensor:
    """LD-ZNet as published: z and features."""
    return head(seen.per_prompt(seen.z), seen.context, [seen.per_prompt(f) for f in seen.features()])


def ldznet_logits(head: LDZNet, seen: Seen) -> Tensor:
    """LD-ZNet with the match map, which is computed once per picture and not trained."""
    z, features = seen.z, seen.features()
    with torch.no_grad():
        cells = head.match.embed(head.matched(z, features), z.shape[2], z.shape[3])
    return head.matched_logits(
        seen.per_prompt(z), seen.context, [seen.per_prompt(f) for f in features], seen.per_prompt(cells)
    )


@dataclass(frozen=True)
class Method:
    """How a head is built from its configuration and the taps' widths, how it is run, and whether it sees pixels and
    has a match map."""

    config: ZNetConfig
    build: Callable[[ZNetConfig, list[int]], MaskHead]
    logits: Callable[[MaskHead, Seen], Tensor]
    pixels: bool = False
    matched: bool = False


METHODS = {
    "ldznet": Method(LDZNET, LDZNet, ldznet_logits, matched=True),
    "ldznet-published": Method(LDZNET_AS_PUBLISHED, LDZNet, published_ldznet_logits),
    "znet": Method(ZNET, lambda config, _: ZNet(config), znet_logits),
    "rgbnet": Method(ZNET, lambda config, _: RGBNet(config), rgbnet_logits, pixels=True),
}


# --- initialisation ---------------------------------------------------------------------------------------------------


@torch.no_grad()
def make_head(method: str, denoiser: UNet, config: ZNetConfig | None = None) -> MaskHead:
    """An untrained head that starts with the denoiser's weights. `config`: its sizes (default: the miniature's)."""
    widths = [denoiser.feature_widths[denoiser.feature_names.index(tap)] for tap in TAPS]
    head = METHODS[method].build(config or METHODS[method].config, widths)
    copy_body(head, denoiser)
    init_mask_layers(head)
    for part in head.modules():
        if isinstance(part, FusedTransformerBlock):  # zero: LD-ZNet starts as ZNet
            for layer in part.attn3.to_out:
                nn.init.zeros_(layer.weight)
                nn.init.zeros_(layer.bias)
    return head


def copy_body(head: MaskHead, denoiser: UNet) -> None:
    """Copies the denoiser's weights into the body; weights of additional input channels start small."""
    own = head.state_dict()
    for name, value in denoiser.state_dict().items():
        if name.startswith("out.2") or name not in own:
            continue
        if own[name].shape == value.shape:
            own[name].copy_(value)
        elif name == "input_blocks.0.0.weight":
            own[name][:, : value.shape[1]].copy_(value)
            own[name][:, value.shape[1] :].normal_(std=0.05)


def init_mask_layers(head: MaskHead) -> None:
    """Initialises the layers after the body so that they preserve the signal's variance and logits start low."""
    for layer in head.final:
        if isinstance(layer, nn.ConvTranspose2d):
            nn.init.normal_(layer.weight, std=(2.5 / layer.in_channels) ** 0.5)
        elif isinstance(layer, nn.Conv2d):
            nn.init.normal_(layer.weight, std=(2.5 / (9 * layer.in_channels)) ** 0.5)
    nn.init.constant_(head.final[-1].bias, -2.0)


# --- training ---------------------------------------------------------------------------------------------------------


def mask_loss(logits: Tensor, target: Tensor) -> Tensor:
    """The loss of logits against masks, both (N,1,H,W). The sum of

    - binary cross-entropy;
    - Dice, for masks that are not empty, in the form with squares (Milletari et al. 2016): its minimum is where the
      probability equals the smoothed target, as for the cross-entropy;
    - the cross-entropy of the highest logits, for empty masks: a small false mask hardly changes the mean.
    """
    soft = SMOOTHING + (1 - 2 * SMOOTHING) * target
    bce = F.binary_cross_entropy_with_logits(logits, soft)
    p = logits.sigmoid()
    overlap, total = (p * soft).sum((1, 2, 3)), (p.square() + soft.square()).sum((1, 2, 3))
    dice = 1 - 2 * overlap / total
    some = (target.sum((1, 2, 3)) > 0).float()
    highest = F.softplus(logits.flatten(1).topk(max(1, round(HIGHEST * logits[0].numel())), dim=1).values).mean(1)
    found = 0.3 * (dice * some).sum() / some.sum().clamp(min=1)
    false_masks = FALSE_MASK_WEIGHT * (highest * (1 - some)).sum() / (1 - some).sum().clamp(min=1)
    return bce + found + false_masks


@torch.no_grad()
def mask_figures(logits: Tensor, target: Tensor) -> dict[str, Tensor]:
    """Mean IoU at 0.5 of the masks that are not empty, and the share of the others that are (nearly) empty."""
    mask, truth = logits > 0, target > 0
    some = target.sum((1, 2, 3)) > 0
    iou = (mask & truth).sum((1, 2, 3)) / (mask | truth).sum((1, 2, 3)).clamp(min=1)
    absent = (mask[~some].float().mean((1, 2, 3)) < 1e-3).float().mean() if (~some).any() else torch.ones(())
    return {"iou": iou[some].mean(), "absent": absent}


def seen_of(
    dataset: SceneDataset,
    chosen: np.ndarray,
    flip: bool,
    context: Tensor,
    features_of: TapFeatures,
    rng: np.random.Generator,
) -> Seen:
    """What heads see of the scenes `chosen`, mirrored with `flip`."""
    z = dataset.latents_of(chosen, flip)
    return Seen(context, z, lambda: features_of(z, rng), lambda: dataset.images_of(chosen, flip))


def head_step(
    method: str, head: MaskHead, unet: UNet, datasets: list[SceneDataset], contexts: TextContexts, scenes: int
) -> StepLoss:
    """The loss of a head, on `scenes` scenes with PROMPTS prompts each per step. The data sets take turns."""
    features_of = TapFeatures(unet, contexts)
    logits_of = METHODS[method].logits

    def step_loss(step: int):
        rng = np.random.default_rng([17, step, rank()])
        dataset = datasets[step % len(datasets)]
        chosen = dataset.batch(scenes, rng)
        flip = rng.random() < 0.5
        prompts = [prompt for i in chosen for prompt in dataset.prompts(i, rng)]
        context = torch.stack([contexts.prompt(name, rng) for name, _ in prompts])
        wanted = torch.tensor([label for _, label in prompts])[:, None, None]
        seen = seen_of(dataset, chosen, flip, context, features_of, rng)
        target = ((seen.per_prompt(dataset.labels_of(chosen, flip)) == wanted) & (wanted > 0)).float()[:, None]
        with autocast():
            logits = logits_of(head, seen)
        logits = logits.float()
        return mask_loss(logits, target), mask_figures(logits, target)

    return step_loss
