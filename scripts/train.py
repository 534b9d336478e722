"""Trains the miniature, stage by stage.

    .venv/bin/python scripts/train.py all --processes 2     all stages, in this order
    .venv/bin/python scripts/train.py STAGE [OPTIONS]       one of them

A finished stage is not repeated, and an interrupted stage resumes. `--minutes N` stops after N minutes with exit code 3
(not finished), so that long training can run in short pieces. Checkpoints and curves are data/train/<stage>.ckpt and
<stage>.jsonl. Training runs on CUDA if it is available, otherwise on the CPU.
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import torch

from ldznet_training import mini
from ldznet_training.bundle import DTYPES
from ldznet_training.bundle_folder import check_place
from ldznet_training.errors import UserError
from ldznet_training.paths import DATA, MODELS
from ldznet_training.train import stages
from ldznet_training.train.heads import METHODS
from ldznet_training.train.hyperparameters import HYPERPARAMETERS
from ldznet_training.train.mini_bundle import DTYPE, LDZNETS
from ldznet_training.train.process_group import prepare_process, run_processes

UNFINISHED = 3  # exit code
SEED = 3

OPTIONS = {
    "--steps": {"type": int, "help": "length of the schedule (default: %(default)s)"},
    "--batch": {"type": int, "help": "samples per step over all processes (default: %(default)s)"},
    "--rate": {"type": float, "help": "peak learning rate (default: %(default)s)"},
    "--minutes": {"type": float, "default": 0, "help": "stop after this long, 0 for never; run again to resume"},
    "--processes": {"type": int, "default": 1, "help": "processes that share the work (default: %(default)s)"},
    "--threads": {"type": int, "default": 0, "help": "threads of a single process (default: PyTorch's)"},
    "--size": {"type": int, "default": mini.SIZE, "help": "side of the scenes in pixels (default: %(default)s)"},
    "--most-scenes": {"type": int, "default": 0, "help": "make at most this many scenes per cache, 0 for all"},
    "--method": {"choices": list(METHODS), "default": "ldznet", "help": "the head to train (default: %(default)s)"},
    "--start": {"type": Path, "help": "checkpoint to copy weights from, where names and shapes agree (see unpack)"},
    "--output": {"type": Path, "default": DATA / "train", "help": "folder of the checkpoints (default: %(default)s)"},
    "--bundle": {
        "type": Path,
        "default": MODELS / "ldznet-mini-new",
        "help": "folder of the bundle, which gives it its name (default: %(default)s)",
    },
    "--model-version": {"default": "1", "help": "version of the bundle (default: %(default)s)"},
    "--overwrite": {"action": "store_true", "help": "replace a bundle that is in the folder"},
    "--dtype": {"choices": list(DTYPES), "default": DTYPE, "help": "how weights are stored (default: %(default)s)"},
}
PARALLEL = ("--processes", "--threads", "--output")
TRAINING = ("--steps", "--batch", "--rate", "--minutes", *PARALLEL)
WRITING = ("--bundle", "--model-version", "--overwrite", "--dtype")
ALL = ("--method", "--most-scenes", "--minutes", *PARALLEL, *WRITING)  # options of `all`
LDZNET = {"--method": {"choices": LDZNETS, "help": "the head that becomes the bundle's LD-ZNet (default: %(default)s)"}}


@dataclass(frozen=True)
class Stage:
    """A subcommand. `run` takes its options and returns whether the stage has finished."""

    help: str
    run: Callable[[argparse.Namespace], bool]
    options: tuple[str, ...] = ()  # names in OPTIONS
    changes: dict = field(default_factory=dict)  # to entries of OPTIONS
    trains: bool = True  # on the device, in as many processes as asked for


STAGES = {
    "drawings": Stage(
        "render the art (needs a network, fonts-noto-color-emoji and scripts/requirements-train.txt)",
        stages.render_drawings,
        trains=False,
    ),
    "scenes": Stage(
        "make the caches of scenes in data/",
        stages.make_scenes,
        ("--most-scenes", "--size", "--processes"),
        trains=False,
    ),
    "clip": Stage("train the text encoder on drawings and their names", stages.train_clip, TRAINING),
    "vae": Stage("train the VAE on the scenes", stages.train_vae, TRAINING),
    "latents": Stage("encode the scenes", stages.make_latents, ("--size", *PARALLEL)),
    "ldm": Stage("train the denoiser on latents and captions", stages.train_ldm, TRAINING),
    "match": Stage(
        "train LD-ZNet's match map on the denoiser's features of dense scenes",
        stages.train_match,
        ("--size", *TRAINING),
    ),
    "head": Stage("train a mask head", stages.train_head, ("--method", "--start", "--size", *TRAINING)),
    "bundle": Stage(
        "write the bundle with all heads that were trained or unpacked",
        stages.write_bundle,
        ("--method", "--output", *WRITING),
        changes=LDZNET,
        trains=False,
    ),
    "unpack": Stage(
        "write the checkpoints of all stages before `head` from a bundle, to train heads only; its LD-ZNet becomes "
        "shipped-ldznet.ckpt, for --start",
        stages.unpack_bundle,
        ("--output", "--bundle"),
        changes={"--bundle": {"default": MODELS / "ldznet-mini"}},
        trains=False,
    ),
}


def make_parser() -> argparse.ArgumentParser:
    """A subcommand for `all` and for every stage, each with exactly the options that it uses."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="stage", required=True, metavar="STAGE")
    everything = Stage("run all stages but unpack, in this order", lambda _: True, ALL, LDZNET)
    for name, stage in {"all": everything, **STAGES}.items():
        command = commands.add_parser(name, help=stage.help, description=stage.help, allow_abbrev=False)
        for option in stage.options:
            settings = {**OPTIONS[option], **stage.changes.get(option, {})}
            if hasattr(HYPERPARAMETERS.get(name), option[2:]):
                settings["default"] = getattr(HYPERPARAMETERS[name], option[2:])
            command.add_argument(option, **settings)
    return parser


def stage_options(parser: argparse.ArgumentParser, stage: str, given: argparse.Namespace) -> argparse.Namespace:
    """The defaults of a stage's options, replaced by those given to `all`."""
    options = parser.parse_args([stage])
    for name in vars(options).keys() & vars(given).keys() - {"stage"}:
        setattr(options, name, getattr(given, name))
    return options


def main() -> int:
    parser = make_parser()
    options = parser.parse_args()
    try:
        if "overwrite" in options:  # before hours of training
            check_place(options.bundle, options.overwrite)
        if options.stage != "all":
            return run_stage(options)
        for stage in [name for name in STAGES if name != "unpack"]:
            if code := run_stage(stage_options(parser, stage, options)):
                return code
    except UserError as error:
        print(f"train.py: error: {error}", file=sys.stderr)
        return error.code
    return 0


def run_stage(options: argparse.Namespace) -> int:
    """Runs a stage in as many processes as it should have; returns the exit code."""
    return run_processes(options.processes if STAGES[options.stage].trains else 1, work, options)


def work(options: argparse.Namespace) -> int:
    """One process of a stage."""
    stage = STAGES[options.stage]
    prepare_process(SEED, options.threads if stage.trains else 0)
    if not stage.trains:
        torch.set_default_device("cpu")
    if "output" in options:
        options.output.mkdir(parents=True, exist_ok=True)
    return 0 if stage.run(options) else UNFINISHED


if __name__ == "__main__":
    sys.exit(main())
