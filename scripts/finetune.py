"""Trains a bundle on your own pictures and writes a new bundle.

    .venv/bin/python scripts/finetune.py --bundle models/ldznet-mini --data my-set --output models/mine

The data set has the layout that `ldznet eval` reads (manifest.jsonl). Of a bundle with semantic latents, what names
them is trained, which is fast; of others, the mask head and, where the UNet does not see the prompt, the words of the
data set. The other networks stay as they are; their outputs are cached. A share of the pictures is kept for validation,
and training stops when their mIoU no longer grows. Caches and states are in --work; the same command continues an
interrupted run.
"""

import argparse
import math
import signal
import sys
from pathlib import Path

import torch

from ldznet_training.bundle_folder import check_place
from ldznet_training.command_line import Parser, whole
from ldznet_training.errors import UserError
from ldznet_training.finetune.frozen import FrozenBundle
from ldznet_training.finetune.result import evaluate, write_result
from ldznet_training.finetune.samples import read_pictures, split
from ldznet_training.finetune.semantic_part import RATE as SEMANTIC_RATE
from ldznet_training.finetune.training import Settings, Training
from ldznet_training.finetune.whole_head import RATE
from ldznet_training.paths import BINARY
from ldznet_training.progress import Progress


def parse() -> argparse.Namespace:
    usual = Settings()
    parser = Parser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", type=Path, required=True, help="the bundle to start from")
    parser.add_argument("--data", type=Path, required=True, help="folder of the data set")
    parser.add_argument("--output", type=Path, required=True, help="folder of the new bundle")
    parser.add_argument("--overwrite", action="store_true", help="replace a bundle that is in the output folder")
    parser.add_argument("--name", help="name of the new bundle (default: that of the output folder)")
    parser.add_argument("--bundle-version", default="1", help="its version (default: 1)")
    parser.add_argument("--work", type=Path, help="folder of caches and states (default: OUTPUT.work)")
    parser.add_argument("--validation", type=float, default=0.2, help="share of the pictures (default: 0.2)")
    parser.add_argument("--epochs", type=whole(1), default=usual.epochs, help="at most (default: %(default)s)")
    parser.add_argument(
        "--patience", type=whole(1), default=usual.patience, help="epochs without a better mIoU (default: %(default)s)"
    )
    parser.add_argument("--batch", type=whole(1), default=usual.batch, help="pictures a step (default: %(default)s)")
    parser.add_argument(
        "--rate", type=float, help=f"learning rate (default: {RATE}; {SEMANTIC_RATE} with semantic latents)"
    )
    parser.add_argument(
        "--seed", type=whole(0, 2**63 - 1), default=usual.seed, help="of the order of pictures (default: %(default)s)"
    )
    parser.add_argument("--threads", type=whole(0, 1024), default=0, help="0, the default: PyTorch's choice")
    parser.add_argument("--program", type=Path, default=BINARY, help="ldznet, for the figures (default: %(default)s)")
    options = parser.parse_args()
    options.work = options.work or options.output.resolve().with_name(options.output.resolve().name + ".work")
    options.name = options.name or options.output.resolve().name
    if not 0 < options.validation < 1:
        parser.error("--validation is a share between 0 and 1")
    if options.rate is not None and not 0 < options.rate < math.inf:
        parser.error("--rate is a number above 0")
    return options


def card(figures: dict[str, float], training: Training) -> str:
    """The text of MODEL_CARD.md about the training."""
    measured = "".join(f"| {name} | {100 * value:.1f} |\n" for name, value in figures.items())
    phrases = ", ".join(training.phrases[:100]) + (", ..." if len(training.phrases) > 100 else "")
    return (
        f"{len(training.train_set)} pictures, best of {training.epoch} epochs: {training.best_epoch}. "
        f"On {len(training.valid_set)} other pictures, at the working size, in percent:\n\n"
        f"| figure | value |\n| --- | --- |\n{measured}\nPhrases: {phrases}\n\n"
        "Things that the bundle knew before may have been forgotten: evaluate them, too.\n"
    )


def print_evaluation(options: argparse.Namespace, training: Training) -> None:
    """Prints eval's figures of both bundles on the validation pictures."""
    if not options.program.is_file():
        print(f"{options.program} does not exist: name ldznet with --program for the figures of `ldznet eval`")
        return
    print("ldznet eval on the validation pictures:")
    for bundle in (options.bundle, options.output):
        figures = evaluate(options.program, bundle, training.valid_set, options.work / "validation")
        print(f"{bundle}: {', '.join(f'{name} {100 * value:.1f}' for name, value in figures.items())}", flush=True)


def finetune(options: argparse.Namespace, progress: Progress) -> None:
    """Raises UserError."""
    check_place(options.output, options.overwrite, inputs=options.bundle.glob("*"))
    train, valid = split(read_pictures(options.data), options.validation)
    bundle = FrozenBundle(options.bundle, options.work / "cache")
    settings = Settings(options.epochs, options.patience, options.batch, options.rate, seed=options.seed)
    training = Training(bundle, train, valid, settings)
    sizes = f"{len(train)} pictures to train on, {len(valid)} for validation"
    print(f"{sizes}, {len(training.phrases)} phrases", flush=True)
    figures = training.run(options.work / "state.pt", progress)
    if training.best_epoch == 0:
        raise UserError("no epoch was better than the bundle; try more pictures or another --rate")
    about = card(figures, training)
    write_result(
        bundle,
        training.restore_best(),
        options.output,
        options.name,
        options.bundle_version,
        training.phrases,
        about,
        options.overwrite,
    )
    print(f"wrote {options.output}; {options.work} can be removed")
    print_evaluation(options, training)


def main() -> int:
    options = parse()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if options.threads:
        torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    progress = Progress()
    try:
        finetune(options, progress)
    except UserError as error:
        progress.clear()
        print(f"finetune.py: error: {error}", file=sys.stderr)
        return error.code
    except KeyboardInterrupt:
        progress.clear()
        print("interrupted; the same command continues", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
