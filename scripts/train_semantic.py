"""Trains semantic latents, with which the miniature finds things in photographs, too. All else stays as it is.

    .venv/bin/python scripts/train.py unpack
    .venv/bin/python scripts/train_semantic.py --minutes 70 --photographs FOLDER_OR_PACK [OPTIONS]

The folder of checkpoints must have all other networks: from `train.py unpack`, or from its stages. `train.py bundle`
then adds the semantic latents to the bundle. An interrupted run resumes. Needs the drawings (`train.py drawings`) and
photographs as ldznet_training/scenes/photographs.py describes them.
"""

import argparse
import sys
from pathlib import Path

import torch

from ldznet_training import mini
from ldznet_training.efficientnet_lite import published_trunk
from ldznet_training.errors import MissingInputError, UserError
from ldznet_training.paths import DATA
from ldznet_training.scenes.drawings import DRAWINGS
from ldznet_training.semantic import Semantics
from ldznet_training.text_encoder import TextEncoder
from ldznet_training.tokenizer import Tokenizer
from ldznet_training.train.both import semantic
from ldznet_training.train.both.calibration import choose, fit_domains, matches_of, set_levels
from ldznet_training.train.both.depthwise import fast_depthwise
from ldznet_training.train.both.drawn_calibration import choose_drawn, drawn_maps
from ldznet_training.train.both.pool import Latents
from ldznet_training.train.both.timed import TimedLoop
from ldznet_training.train.both.world import Prompts, World, shared_world
from ldznet_training.train.heads import make_head
from ldznet_training.train.mini_bundle import SEMANTIC, head_checkpoint, latent_scale
from ldznet_training.train.process_group import device, prepare_process, rank, run_processes
from ldznet_training.train.text_contexts import TextContexts
from ldznet_training.train.weights import load_frozen, load_matching_weights, save_atomically
from ldznet_training.unet import UNet
from ldznet_training.vae import VAEEncoder
from ldznet_training.znet import LDZNet

NAMES, TEXTS = "semantic-names", "semantic-texts"  # checkpoints of the two parts
SQUARE = mini.WORKING_SIZE  # pixels of the stored photographs, which are squeezed
LEARNT = ("attend.", "value.", "text.")  # parts of the match; the others are set later
TEXT_SHARE = 0.06  # of the time, for the text embeddings


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, required=True, help="for training; on CPUs, of computing")
    parser.add_argument("--photographs", type=Path, required=True, help="pack or folder")
    parser.add_argument("--drawings", type=Path, default=DRAWINGS, help="pack or folder (default: %(default)s)")
    parser.add_argument(
        "--output", type=Path, default=DATA / "train", help="folder of checkpoints (default: %(default)s)"
    )
    parser.add_argument("--start", type=Path, help="checkpoint to copy weights from, where names and shapes agree")
    parser.add_argument("--trunk", type=Path, help="published weights of EfficientNet-Lite1, to start from")
    parser.add_argument("--grounds", type=int, default=600, help="painted grounds (default: %(default)s)")
    parser.add_argument("--workers", type=int, default=1, help="processes that paint grounds (default: %(default)s)")
    parser.add_argument("--cache", type=Path, help="file that keeps the decoded pictures for other runs and processes")
    parser.add_argument("--processes", type=int, default=1, help="that train together; several run one thread each "
                        "(default: %(default)s)")  # fmt: skip
    parser.add_argument("--threads", type=int, default=0, help="threads (default: PyTorch's)")
    parser.add_argument("--most-steps", type=int, default=0, help="for trials; 0 for no limit")
    parser.add_argument("--most-photographs", type=int, default=0, help="for trials; 0 for all")
    parser.add_argument("--every", type=int, default=50, help="steps per line of the log (default: %(default)s)")
    return parser


def fit(options: argparse.Namespace, world: World, prompts: Prompts) -> Semantics:
    """Trains the encoder with embeddings of names, then the text embeddings. Returns them frozen."""
    seconds, every, most = 60 * options.minutes, options.every, options.most_steps
    naming = semantic.Naming(len(world.words)).to(memory_format=torch.channels_last)
    if options.trunk is not None:
        naming.encoder.trunk.load_state_dict(published_trunk(options.trunk))
    if options.start is not None:
        load_matching_weights(naming, options.start)
    fast_depthwise(naming)
    loop = TimedLoop(NAMES, naming, options.output, (1 - TEXT_SHARE) * seconds, semantic.RATE, semantic.EMA_DECAY, most,
                     slow=semantic.SLOW)  # fmt: skip
    loop.run_timed(semantic.naming_step(naming, world, semantic.batch_size()), every)
    load_frozen(naming, options.output / f"{NAMES}.ckpt")
    semantics = Semantics(mini.TEXT.width)
    semantics.encoder.load_state_dict(naming.encoder.state_dict())
    match = semantics.match
    match.bias.data.copy_(naming.bias)
    for name, parameter in match.named_parameters():
        parameter.requires_grad_(name.startswith(LEARNT))
    loop = TimedLoop(
        TEXTS, match, options.output, TEXT_SHARE * seconds, semantic.WORDING_RATE, semantic.EMA_DECAY, most
    )
    loop.run_timed(semantic.wording_step(match, naming.names, prompts), every)
    load_frozen(match, options.output / f"{TEXTS}.ckpt")
    return semantics.eval().requires_grad_(False)


def load_drawn_head(folder: Path) -> tuple[LDZNet, UNet, VAEEncoder]:
    """The head that reads drawings, and what it needs."""
    checkpoint = head_checkpoint(folder, "ldznet")
    if checkpoint is None:
        raise MissingInputError(f"{folder}: has no head ldznet; train it, or unpack a bundle")
    unet = load_frozen(UNet(mini.UNET, list(mini.TAPS)), folder / "ldm.ckpt", "unet.")
    encoder = load_frozen(VAEEncoder(mini.VAE), folder / "vae.ckpt", strict=False)
    return load_frozen(make_head("ldznet", unet), checkpoint), unet, encoder


def train(options: argparse.Namespace) -> int:
    """One process of training."""
    prepare_process(5, options.threads)
    world = shared_world(options.drawings, options.photographs, device(), painted=options.grounds,
                         workers=options.workers, most=options.most_photographs, square=SQUARE,
                         cache=options.cache)  # fmt: skip
    text = load_frozen(TextEncoder(mini.TEXT), options.output / "clip.ckpt", "text.")
    prompts = Prompts(TextContexts(text, Tokenizer.load(options.output), world.words))
    if rank() == 0:
        print("data loaded", flush=True)
    head, unet, encoder = load_drawn_head(options.output)
    semantics = fit(options, world, prompts)
    if rank() != 0:
        return 0
    print(f"drawings told from photographs: {fit_domains(semantics, world):.3f}", flush=True)
    latents = Latents(encoder, world, latent_scale(options.output))
    in_photographs = choose(matches_of(semantics, world, prompts))
    in_drawings = choose_drawn(drawn_maps(semantics, head, unet, latents, world, prompts))
    set_levels(semantics.match, in_photographs, in_drawings)
    for name, figures in (("photographs", in_photographs), ("drawings", in_drawings)):
        print(f"{name} calibrated:", {key: round(value, 3) for key, value in figures.items()}, flush=True)
    weights = {
        name: value.half() if value.is_floating_point() else value for name, value in semantics.state_dict().items()
    }
    save_atomically({"ema": weights}, options.output / f"{SEMANTIC}.ckpt")
    return 0


def main() -> int:
    options = make_parser().parse_args()
    return run_processes(options.processes, train, options)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except UserError as error:
        print(f"train_semantic.py: {error}", file=sys.stderr)
        sys.exit(error.code)
