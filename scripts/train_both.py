"""Trains the miniature on drawings and photographs together, within a given time.

    .venv/bin/python scripts/train_both.py pack --photographs FOLDER        packs both, to travel to another machine
    .venv/bin/python scripts/train_both.py train --minutes 9 [OPTIONS]      all stages, then figures and samples
    .venv/bin/python scripts/train_both.py figures [OPTIONS]                figures on held-out pictures
    .venv/bin/python scripts/train_both.py compare [OPTIONS]                heads on the same held-out pictures
    .venv/bin/python scripts/train_both.py samples [--sheet FILE]           pictures that the denoiser makes
    .venv/bin/python scripts/train_both.py bundle [--parts DIR]             writes the bundle

Each stage has a share of the minutes, and its learning rate follows the clock. An interrupted run resumes. Runs on CUDA
if it is available, otherwise on the CPU. `pack` needs the drawings (scripts/train.py drawings) and a folder of
photographs as ldznet_training/scenes/photographs.py describes it. Without photographs, `train` uses drawings alone.
"""

import argparse
import math
import sys
import time
from pathlib import Path

import torch

from ldznet_training.errors import MissingInputError, UserError
from ldznet_training.paths import DATA
from ldznet_training.scenes import photographs
from ldznet_training.scenes.drawings import DRAWINGS
from ldznet_training.scenes.packs import pack_drawings
from ldznet_training.train.both.comparison import names_of_photographs, table
from ldznet_training.train.both.parts import join_parts
from ldznet_training.train.both.plan import STAGES
from ldznet_training.train.both.run import Run
from ldznet_training.train.both.trained import Trained
from ldznet_training.train.both.validation import PER_SOURCE
from ldznet_training.train.both.world import World, shared_world
from ldznet_training.train.heads import METHODS
from ldznet_training.train.process_group import device, prepare_process, rank, run_processes

OUTPUT = DATA / "train-both"
SEED = 3
FEW_GROUNDS = 200  # painted for figures, as many as are held out


def stage_names(text: str) -> tuple[str, ...]:
    """The stages in a list with commas, in their order."""
    names = text.split(",")
    if unknown := [name for name in names if name not in STAGES]:
        raise argparse.ArgumentTypeError(f"unknown stage {unknown[0]!r}: choose from {', '.join(STAGES)}")
    return tuple(name for name in STAGES if name in names)


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--output", type=Path, default=OUTPUT, help="folder of the checkpoints (default: %(default)s)")
    pack = commands.add_parser("pack", help="write data/photographs.pack and data/drawings.pack")
    pack.add_argument("--photographs", type=Path, required=True, help="folder with photos.jsonl and labels.tsv")
    pack.add_argument("--side", type=int, default=photographs.SIDE, help="short side in pixels (default: %(default)s)")
    pack.add_argument("--output", type=Path, default=DATA, help="folder of the packs (default: %(default)s)")
    data = argparse.ArgumentParser(add_help=False)
    data.add_argument("--photographs", type=Path, help="pack or folder (default: none)")
    data.add_argument("--drawings", type=Path, default=DRAWINGS, help="pack or folder (default: %(default)s)")
    data.add_argument("--most-photographs", type=int, default=0, help="for trials; 0 for all")
    data.add_argument("--grounds", type=int, default=2000, help="painted grounds (default: %(default)s)")
    data.add_argument("--cache", type=Path, help="file that keeps the decoded pictures for other runs and processes")
    data.add_argument("--workers", type=int, default=1, help="processes that paint grounds (default: %(default)s)")
    data.add_argument("--threads", type=int, default=0, help="threads (default: PyTorch's)")
    head = argparse.ArgumentParser(add_help=False)
    head.add_argument("--method", choices=list(METHODS), default="ldznet", help="the head (default: %(default)s)")
    of_photographs = argparse.ArgumentParser(add_help=False)
    of_photographs.add_argument("--photographed", action="store_true", help="heads that learn from photographs alone")
    train = commands.add_parser("train", parents=[shared, data, head, of_photographs], help="train all stages")
    train.add_argument("--processes", type=int, default=1, help="that train together; several run one thread each "
                       "(default: %(default)s)")  # fmt: skip
    train.add_argument("--minutes", type=float, required=True, help="for all stages together; on CPUs, of computing")
    train.add_argument("--parts", type=Path, help="folder for float16 weights in files under 16 MiB, and the curves")
    train.add_argument("--stages", type=stage_names, default=tuple(STAGES), metavar="STAGE,...",
                       help=f"stages to train, of {','.join(STAGES)} (default: all)")  # fmt: skip
    train.add_argument("--start", type=Path, help="folder of float16 weights (see --parts) to start from; also gives "
                       "the stages that are not trained")  # fmt: skip
    train.add_argument("--until", type=float, metavar="MINUTES", help="stop and save when this command has run that "
                       "long; the same command then continues (default: run to the end)")  # fmt: skip
    train.add_argument("--no-figures", action="store_true", help="leave the figures to the command figures")
    trial = train.add_argument_group("for trials")
    trial.add_argument("--most-steps", type=int, default=0, help="steps per stage, 0 for no limit")
    trial.add_argument("--batch-scale", type=float, default=1.0, help="factor of all batch sizes")
    trial.add_argument("--every", type=int, default=50, help="steps per line of the log (default: %(default)s)")
    figures = commands.add_parser("figures", parents=[shared, data, head, of_photographs],
                                  help="print figures on held-out pictures")  # fmt: skip
    compare = commands.add_parser("compare", parents=[shared, data, of_photographs],
                                  help="compare all trained heads on the same held-out pictures")  # fmt: skip
    for command in (figures, compare):
        command.add_argument("--per-source", type=int, default=PER_SOURCE, help="photographs (default: %(default)s)")
        command.add_argument("--parts", type=Path, help="make the checkpoints from these files first")
    samples = commands.add_parser("samples", parents=[shared], help="write a sheet of pictures that the denoiser makes")
    samples.add_argument("--sheet", type=Path, default=Path("samples.webp"), help="(default: %(default)s)")
    bundle = commands.add_parser("bundle", parents=[shared], help="write the bundle")
    bundle.add_argument("--parts", type=Path, help="make the checkpoints from these files first")
    bundle.add_argument("--bundle", type=Path, required=True, help="folder")
    bundle.add_argument("--overwrite", action="store_true", help="replace a bundle that is in the folder")
    bundle.add_argument("--model-version", default="5", help="(default: %(default)s)")
    return parser


def print_figures(trained: Trained, per_source: int) -> None:
    """Figures on held-out pictures."""
    for source, figures in trained.validate(per_source).items():
        print(source, figures, flush=True)
    print("PSNR of the VAE", trained.psnr(per_source), flush=True)


def load_world(options: argparse.Namespace) -> World:
    """The pictures that the options name."""
    return shared_world(options.drawings, options.photographs, device(), painted=options.grounds,
                        workers=options.workers, most=options.most_photographs, cache=options.cache)  # fmt: skip


def say(text: str) -> None:
    """Prints a line in the first process."""
    if rank() == 0:
        print(text, flush=True)


def train(options: argparse.Namespace) -> int:
    """One process of training: all stages, then figures on held-out pictures and a sheet of samples."""
    begun = time.monotonic()
    prepare_process(SEED, options.threads)
    torch.set_float32_matmul_precision("high")
    world = load_world(options)
    say(f"data loaded in {time.monotonic() - begun:.0f} s")
    until = begun + 60 * options.until if options.until else math.inf
    run = Run(world, options.output, method=options.method, photographed=options.photographed, minutes=options.minutes,
              parts=options.parts, most_steps=options.most_steps, batch_scale=options.batch_scale, every=options.every,
              stages=options.stages, start=options.start, until=until)  # fmt: skip
    if not run.train():
        say(f"stopped after {time.monotonic() - begun:.0f} s; the same command continues")
        return 0
    trial = bool(options.most_steps)
    if rank() == 0 and "head" in options.stages and not options.no_figures:
        print_figures(run, 4 if trial else PER_SOURCE)
        run.save_parts()
        run.samples((options.parts or options.output) / "samples.webp", steps=4 if trial else 50)
    say(f"finished after {time.monotonic() - begun:.0f} s")
    return 0


def compare(options: argparse.Namespace) -> None:
    """Prints the tables of all trained heads."""
    every = [Trained(None, options.output, method=m, photographed=options.photographed) for m in reversed(METHODS)]
    some = [trained for trained in every if trained.checkpoint("head").is_file()]
    steps = {trained.method: trained.steps("head") for trained in some}
    if len(set(steps.values())) != 1:
        raise MissingInputError(f"{options.output}: needs heads that were trained for equally many steps, has {steps}")
    world = load_world(options)
    for trained in some:
        trained.world = world
    photos = world.compositor.photographs
    shared = names_of_photographs(photos.index) if photos else frozenset()
    print(f"steps of every head: {steps[some[0].method]}")
    print(table({trained.method: trained.answers(options.per_source) for trained in some}, shared))


def main() -> int:
    parser = make_parser()
    options = parser.parse_args()
    if getattr(options, "photographed", False) and options.photographs is None:
        parser.error("--photographed needs --photographs")
    if getattr(options, "processes", 1) > 1 and options.threads:
        parser.error("--threads is for one process: several run one thread each")
    if options.command == "pack":
        photographs.pack(options.photographs, options.output / "photographs.pack", options.side)
        pack_drawings(options.output / "drawings.pack")
        return 0
    if options.command == "train":
        return run_processes(options.processes, train, options)
    if options.command != "samples" and options.parts is not None:
        join_parts(options.parts, options.output)
    if options.command in ("figures", "compare"):
        prepare_process(SEED, options.threads)
        if options.cache is None:  # these grounds are not used: a cache has to be the one of training
            options.grounds = min(options.grounds, FEW_GROUNDS)
    if options.command == "compare":
        compare(options)
        return 0
    if options.command == "figures":
        print_figures(Trained(load_world(options), options.output, method=options.method,
                              photographed=options.photographed), options.per_source)  # fmt: skip
        return 0
    torch.set_default_device("cpu")
    trained = Trained(None, options.output)
    if options.command == "samples":
        trained.samples(options.sheet)
        return 0
    trained.write_bundle(options.bundle, options.model_version, options.overwrite)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except UserError as error:
        print(f"train_both.py: {error}", file=sys.stderr)
        sys.exit(error.code)
