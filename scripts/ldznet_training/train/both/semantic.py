"""Training of the semantic latents: the name of every cell among the known ones, and masks of prompts."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ...scenes.chance import Chance
from ...scenes.compositor import Mix
from ...semantic import BIAS, CHANNELS, SCALE, SemanticEncoder, SemanticMatch
from ..heads import mask_figures, mask_loss
from ..loop import StepLoss
from ..process_group import autocast, rank
from .losses import cell_loss, name_weights
from .stages import IGNORED, cell_targets, count_names
from .world import Prompts, World

SHAPES = ((192, 192), (224, 224), (160, 224), (224, 160), (256, 256))  # (height, width) of pictures, taking turns
CELL = 8  # pixels
COUNTED_PICTURES = 64  # in each batch that the weights of names are counted in
PROMPTS = 4  # names per picture in the loss of masks
NAMED_CELLS = 192  # of a picture in the cross-entropy of names: with all cells it would cost as much as the encoder
MIX = Mix(0.32, 0.14, 0.32, 0.22)
RATE, WORDING_RATE = 2e-3, 1e-3
SLOW = {"encoder.trunk.": 0.1}  # parameters with a part of the rate
EMA_DECAY = 0.995


def batch_size() -> int:
    """Pictures per step on this machine."""
    return 512 if torch.cuda.is_available() else 32


class Naming(nn.Module):
    """The encoder, and an embedding of its own for every name, which is learnt faster than one through the text."""

    def __init__(self, names: int):
        super().__init__()
        self.encoder = SemanticEncoder()
        self.names = nn.Parameter(torch.randn(names, CHANNELS))
        self.bias = nn.Parameter(torch.tensor(BIAS))
        for part in self.encoder.trunk.plain_parts():
            part.requires_grad_(False)

    def train(self, mode: bool = True) -> "Naming":
        """The plain parts of the trunk stay as they were published, and so do their norms."""
        super().train(mode)
        for part in self.encoder.trunk.plain_parts():
            part.eval()
        return self

    def scores(self, images: Tensor) -> Tensor:
        """The match (B,N,h*w) of pictures (B,3,CELL*h,CELL*w) and all names."""
        return torch.matmul(self.names * SCALE, self.encoder(images).flatten(2)) + self.bias


def scores_of(scores: Tensor, asked: Tensor) -> Tensor:
    """The scores (B,P,n) of the names `asked` (B,P) out of those of all names (B,N,n)."""
    return scores.gather(1, asked[:, :, None].expand(-1, -1, scores.shape[2]))


def naming_step(model: Naming, world: World, size: int) -> StepLoss:
    """The dense cross-entropy over all known names, and the loss of masks of PROMPTS names a picture."""
    weights = name_weights(count_names(world, COUNTED_PICTURES, SHAPES[0], MIX, CELL))

    def step_loss(step: int):
        chance = Chance([23, step, rank()], world.device)
        pictures = world.compositor.batch(size, chance, *SHAPES[step % len(SHAPES)], MIX, masked=True)
        asked = world.prompts(pictures.present(), pictures.known, chance, PROMPTS)
        with autocast():
            scores = model.scores(pictures.images.contiguous(memory_format=torch.channels_last))
        scores = scores.float()
        target = cell_targets(pictures.labels, CELL)
        some = torch.randperm(target.shape[1], generator=chance.generator, device=world.device)[:NAMED_CELLS]
        named, figures = cell_loss(scores[:, :, some], target[:, some], pictures.known, weights, world.things)
        logits = scores_of(scores, asked).flatten(0, 1)
        labels = target.repeat_interleave(PROMPTS, 0)
        mask = (labels == asked.flatten()[:, None] + 1).float()[:, None, :, None]
        logits = logits.masked_fill(labels == -1, IGNORED)[:, None, :, None]
        return named + mask_loss(logits, mask), {**figures, **mask_figures(logits, mask)}

    return step_loss


def wording_step(match: SemanticMatch, names: Tensor, prompts: Prompts, size: int = 256) -> StepLoss:
    """How far the text embeddings of random wordings are from the embeddings (N,CHANNELS) of their names, and the
    cross-entropy of which name a wording means."""

    def step_loss(step: int):
        chance = Chance([29, step, rank()], names.device)
        asked = chance.integers(len(names), size)
        text = match.embed_text(prompts.of(asked, chance))
        wanted = names * SCALE
        distance = ((text - wanted[asked]) / SCALE).square().mean()
        likeness = -torch.cdist(text, wanted).square() / SCALE
        return distance + F.cross_entropy(likeness, asked), {"right": (likeness.argmax(1) == asked).float().mean()}

    return step_loss
