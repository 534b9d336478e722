"""Exports a bundle from the published checkpoints of Stable Diffusion v1.4 and LD-ZNet.

    .venv/bin/python scripts/export.py --sd sd-v1-4.ckpt --ldznet LDZNet_txt2mask.ckpt --tokenizer DIR \\
        --output models/ldznet-v1

Checkpoints are files of torch.save, which are read without running code from them, or safetensors files; the content
tells which. --sd may be a folder in the layout of the diffusers library, which then gives the tokenizer, too. It may be
left out if LD-ZNet's file holds everything. Sizes come from the shapes of the tensors. Missing and unknown tensors are
errors that name them. The bundle appears when it is complete and its networks compute what the checkpoints' do.
"""

import argparse
import ctypes
import gc
import signal
import sys
from pathlib import Path
from typing import List

from ldznet_training.bundle import DTYPES, BundleSpec, save_module, write_manifest
from ldznet_training.bundle_folder import CARD, new_bundle
from ldznet_training.checkpoints.diffusers import weight_files
from ldznet_training.checkpoints.known_files import SourceFile
from ldznet_training.checkpoints.published import Network, Networks, load_published
from ldznet_training.checkpoints.tokenizer_files import TokenizerFiles
from ldznet_training.command_line import Parser
from ldznet_training.errors import UserError
from ldznet_training.progress import Progress
from ldznet_training.verify import Walk, compare

LICENCE = "weights: CreativeML Open RAIL-M (Stable Diffusion v1.4) and the terms of the LD-ZNet release"
M_MMAP_THRESHOLD = -3  # of malloc.h
STAGES = ("vae_encoder", "text_encoder", "unet", "ldznet")


def parse() -> argparse.Namespace:
    parser = Parser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--sd", type=Path, help="Stable Diffusion v1.4: a checkpoint or a folder of the diffusers layout"
    )
    parser.add_argument("--ldznet", type=Path, required=True, help="LD-ZNet checkpoint (its EMA weights are used)")
    parser.add_argument(
        "--tokenizer",
        type=Path,
        help="folder with CLIP's vocab.json and merges.txt, or with tokenizer.json (default: --sd's tokenizer/)",
    )
    parser.add_argument("--output", type=Path, required=True, help="folder of the bundle")
    parser.add_argument("--overwrite", action="store_true", help="replace a bundle that is in the folder")
    parser.add_argument(
        "--dtype",
        choices=list(DTYPES),
        default="float16",
        help="type of the stored weights; int8: integers with a scale per output channel (default: float16)",
    )
    parser.add_argument("--name", help="name of the bundle (default: that of the output folder)")
    options = parser.parse_args()
    if options.tokenizer is None:
        if options.sd is None or not (options.sd / "tokenizer").is_dir():
            parser.error("--tokenizer is needed, unless --sd is a folder with tokenizer/")
        options.tokenizer = options.sd / "tokenizer"
    return options


def card(name: str, dtype: str, sources: List[SourceFile]) -> str:
    """The text of MODEL_CARD.md: the source of the weights."""
    lines = ""
    for source in sources:
        published = f" ({source.published} as published)" if source.published else ""
        lines += f"- `{source.path.name}`, sha256 {source.sha256}{published}\n"
    return (
        f"# {name}\n\nLD-ZNet as published (Pnvr, Singh, Ghosh, Siddiquie, Jacobs: LD-ZNet, ICCV 2023), exported as "
        f"{dtype} by scripts/export.py from\n\n{lines}\nLicence: {LICENCE}.\n"
    )


def return_freed_memory() -> None:
    """Makes glibc return freed tensors to the system at once; otherwise it keeps half as much again as is in use."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, 1 << 20)


def describe_sources(files: List[Path], progress: Progress) -> List[SourceFile]:
    """The checkpoint files with their hashes; says which are known."""
    sources = []
    for file in files:
        progress.start(f"{file.name}: sha256 of {file.stat().st_size / 1e9:.1f} GB")
        sources.append(SourceFile(file))
        progress.clear()
        if remark := sources[-1].remark():
            print(remark)
    return sources


def write_stage(stage: str, network: Network, new: Path, walk: Walk, dtype: str, progress: Progress) -> str:
    """Writes one network and compares it; returns the line about the comparison. One network at a time is in memory."""
    progress.start(f"{stage}: reading", network.bytes)
    module = network.load(DTYPES[dtype], progress.advance)
    progress.start(f"{stage}: computing")
    expected = walk.follow(stage, module)
    progress.start(f"{stage}: writing {network.bytes_as(dtype) / 1e9:.1f} GB")
    file = new / f"{stage}.pt"
    save_module(module, file, dtype)
    module.to("meta")
    gc.collect()  # TorchScript modules are in reference cycles
    progress.start(f"{stage}: comparing")
    line = compare(stage, file, walk, expected, dtype)
    progress.clear()
    return line


def export(options: argparse.Namespace, progress: Progress) -> None:
    """Writes the bundle. Raises UserError."""
    networks: Networks = load_published(options.sd, options.ldznet)
    tokenizer = TokenizerFiles(options.tokenizer, networks.text_config.vocabulary)
    sd_files = [] if options.sd is None else weight_files(options.sd) if options.sd.is_dir() else [options.sd]
    inputs = [*sd_files, options.ldznet, *tokenizer.sources]
    unet = networks.unet.module
    spec = BundleSpec(
        name=options.name or options.output.resolve().name,
        version="1",
        licence=LICENCE,
        taps=[unet.feature_names[tap] for tap in unet.taps],
        features=unet.feature_names,
        latent_channels=networks.vae_encoder.module.quant_conv.weight.shape[0] // 2,
        text_length=networks.text_config.length,
    )
    walk = Walk(spec.latent_scale, spec.timestep, spec.text_length, networks.text_config.vocabulary, unet.taps)
    stages = {stage: getattr(networks, stage) for stage in STAGES}
    sizes = [network.bytes_as(options.dtype) for network in stages.values()]
    # A network is there twice while it is written.
    with new_bundle(options.output, options.overwrite, inputs, sum(sizes) + max(sizes)) as new:
        sources = describe_sources([*sd_files, options.ldznet], progress)
        for stage, network in stages.items():
            print("verified:", write_stage(stage, network, new, walk, options.dtype, progress))
        tokenizer.save(new)
        (new / CARD).write_text(card(spec.name, options.dtype, sources))
        write_manifest(new, spec, STAGES, options.dtype)
    print(f"{options.output}: {sum(f.stat().st_size for f in options.output.iterdir()) / 1e6:.1f} MB")


def problem_of(error: BaseException) -> tuple[int, str] | None:
    """The exit code for an error and what to say; None for a fault in this script."""
    if isinstance(error, UserError):
        return error.code, f"error: {error}"
    if isinstance(error, OSError):
        return 66, f"error: {error.filename}: cannot be read ({error.strerror})"
    if isinstance(error, MemoryError) or (isinstance(error, RuntimeError) and "allocate memory" in str(error)):
        return 75, "error: memory ran out; 1.2 times the size of the larger file is needed"
    if isinstance(error, KeyboardInterrupt):
        return 130, "interrupted; nothing was written"
    return None


def main() -> int:
    options = parse()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # leaves by way of the clean-up
    return_freed_memory()
    progress = Progress()
    try:
        export(options, progress)
    except BaseException as error:
        progress.clear()
        problem = problem_of(error)
        if problem is None:
            raise
        print(f"export.py: {problem[1]}", file=sys.stderr)
        return problem[0]
    return 0


if __name__ == "__main__":
    sys.exit(main())
