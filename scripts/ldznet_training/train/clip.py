"""Training of the miniature's text encoder like CLIP, by contrasting drawings and stuff with their names.

Styles, backgrounds and colours vary, so that the image encoder learns shapes. The image encoder is not in the bundle.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..mini import CONTEXT_WIDTH, TEXT
from ..scenes import textures
from ..scenes.drawings import LDM_STYLES, load_style
from ..scenes.vocabulary import Word, vocabulary
from ..text_encoder import TextConfig, TextEncoder
from ..tokenizer import Tokenizer
from .hyperparameters import HYPERPARAMETERS
from .loop import StepLoss
from .process_group import autocast, from_numpy, rank

SIDE = HYPERPARAMETERS["clip"].size
TEMPLATES = (
    *4 * ("{}",),  # the name alone is the most frequent
    *("a {}", "the {}", "an {}", "a photo of a {}", "a picture of a {}", "a drawing of a {}"),
    *("{}s", "one {}", "my {}", "find the {}"),
)


class ImageEncoder(nn.Module):
    """Images (B,3,64,64) -> embeddings (B,CONTEXT_WIDTH), not normalised."""

    def __init__(self):
        super().__init__()
        layers: list[nn.Module] = []
        width = 3
        for out, stride in ((32, 2), (64, 2), (64, 1), (128, 2), (128, 1), (256, 2), (256, 1)):
            layers += [nn.Conv2d(width, out, 3, stride, 1, bias=False), nn.BatchNorm2d(out), nn.ReLU(inplace=True)]
            width = out
        self.layers = nn.Sequential(*layers)
        self.head = nn.Linear(2 * width, CONTEXT_WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        x = self.layers(x)
        return self.head(torch.cat([x.mean((2, 3)), x.amax((2, 3))], dim=1))


class CLIP(nn.Module):
    """Text and image encoders with a learnt temperature."""

    def __init__(self, config: TextConfig = TEXT):
        super().__init__()
        self.text = TextEncoder(config)
        self.image = ImageEncoder()
        self.text_projection = nn.Linear(CONTEXT_WIDTH, CONTEXT_WIDTH, bias=False)
        self.log_scale = nn.Parameter(torch.tensor(2.6))
        for parameter in (
            self.text.text_model.embeddings.token_embedding,
            self.text.text_model.embeddings.position_embedding,
        ):
            nn.init.normal_(parameter.weight, std=0.05)

    def embed(self, images: Tensor, ids: Tensor) -> tuple[Tensor, Tensor]:
        """Embeddings (B,D) of length 1, of images and texts."""
        with autocast():
            image = self.image(images)
            text = self.text_projection(self.text(ids)[:, -1])
        return F.normalize(image.float(), dim=1), F.normalize(text.float(), dim=1)

    def similarity(self, ours: Tensor, theirs: Tensor) -> Tensor:
        """Scaled cosine similarities (B,B) of two sets of embeddings."""
        return self.log_scale.exp().clamp(max=60) * ours @ theirs.T

    def forward(self, images: Tensor, ids: Tensor) -> Tensor:
        """Scaled cosine similarities (B,B) of images (rows) and texts (columns)."""
        return self.similarity(*self.embed(images, ids))


def wording(name: str, rng: np.random.Generator, words: dict[str, Word] | None = None) -> str:
    """The name or one of its synonyms in a random template. `words`: the vocabulary (default: that of drawings)."""
    word = (words or vocabulary())[name]
    options = (name, *word.synonyms)
    chosen = name if rng.random() < 0.6 else options[rng.integers(len(options))]
    return TEMPLATES[rng.integers(len(TEMPLATES))].format(chosen)


class Pictures:
    """Batches of drawings on varied backgrounds and of stuff, with their names."""

    def __init__(self):
        self.things: dict[str, list[Tensor]] = {}
        for style in LDM_STYLES:
            for name, rgba in load_style(style).items():
                small = F.interpolate(from_numpy(rgba).permute(2, 0, 1)[None].float() / 255, size=96, mode="area")[0]
                self.things.setdefault(name, []).append(torch.cat([small[:3] * small[3:], small[3:]]))
        self.sheets = {
            name: torch.stack([from_numpy(textures.sheet(name, v)) for v in range(textures.VARIANTS)])
            for name in textures.PAINTERS
        }
        self.names = [*self.things, *self.sheets]

    def _stuff(self, name: str, rng: np.random.Generator) -> Tensor:
        """A crop (3,64,64) of a sheet of stuff at a random scale."""
        sheet = self.sheets[name][rng.integers(textures.VARIANTS)]
        side = int(rng.integers(80, 300))
        top, left = (int(rng.integers(0, textures.SIDE - side + 1)) for _ in range(2))
        crop = sheet[top : top + side, left : left + side].permute(2, 0, 1)[None].float() / 255
        return F.interpolate(crop, size=SIDE, mode="area")[0]

    def _background(self, rng: np.random.Generator) -> Tensor:
        """Stuff or a flat colour (3,64,64)."""
        if rng.random() < 0.6:
            return self._stuff(list(self.sheets)[rng.integers(len(self.sheets))], rng)
        return from_numpy(rng.random((3, 1, 1), dtype=np.float32)).expand(3, SIDE, SIDE)

    def batch(self, size: int, rng: np.random.Generator) -> tuple[Tensor, list[str]]:
        """Images (size,3,64,64) in [-1,1] of `size` different names."""
        names = [self.names[i] for i in rng.permutation(len(self.names))[:size]]
        images = torch.stack([self._stuff(n, rng) if n in self.sheets else self._background(rng) for n in names])
        drawn = [i for i, n in enumerate(names) if n in self.things]
        art = torch.stack([self.things[names[i]][rng.integers(len(self.things[names[i]]))] for i in drawn])
        angle = from_numpy(rng.normal(0, 0.25, len(drawn))).float()
        zoom = from_numpy(rng.uniform(0.95, 2.0, len(drawn))).float()
        flip = from_numpy(rng.choice([-1.0, 1.0], len(drawn))).float()
        shift = from_numpy(rng.uniform(-0.35, 0.35, (len(drawn), 2))).float() * (zoom - 0.8)[:, None]
        cos, sin = angle.cos() * zoom, angle.sin() * zoom
        theta = torch.stack(
            [torch.stack([cos * flip, -sin, shift[:, 0]], 1), torch.stack([sin * flip, cos, shift[:, 1]], 1)], 1
        )
        art = F.grid_sample(
            art, F.affine_grid(theta, [len(drawn), 4, SIDE, SIDE], align_corners=False), align_corners=False
        )
        images[drawn] = images[drawn] * (1 - art[:, 3:]) + art[:, :3]
        return self._jitter(images, rng) * 2 - 1, names

    @staticmethod
    def _jitter(x: Tensor, rng: np.random.Generator) -> Tensor:
        """Gray for a quarter; random brightness, contrast, channel gains and noise for all."""
        n = len(x)
        gray = from_numpy(rng.random(n) < 0.25)
        x[gray] = x[gray].mean(1, keepdim=True).expand(-1, 3, -1, -1)
        gains = from_numpy(rng.uniform(0.75, 1.25, (n, 3, 1, 1))).float()
        contrast = from_numpy(rng.uniform(0.6, 1.3, (n, 1, 1, 1))).float()
        bright = from_numpy(rng.uniform(-0.15, 0.15, (n, 1, 1, 1))).float()
        x = ((x * gains - 0.5) * contrast + 0.5 + bright).clamp(0, 1)
        return x + 0.02 * from_numpy(rng.standard_normal(x.shape, dtype=np.float32))


def clip_step(model: CLIP, pictures: Pictures, tokenizer: Tokenizer, size: int) -> StepLoss:
    """The loss as a function of the step number, on batches of `size`."""

    def step_loss(step: int):
        rng = np.random.default_rng([7, step, rank()])
        images, names = pictures.batch(size, rng)
        ids = torch.tensor([tokenizer.encode(wording(n, rng), TEXT.length) for n in names])
        scores = model(images.to(memory_format=torch.channels_last), ids)
        target = torch.arange(len(names))
        loss = (F.cross_entropy(scores, target) + F.cross_entropy(scores.T, target)) / 2
        return loss, {"top1": (scores.argmax(1) == target).float().mean()}

    return step_loss
