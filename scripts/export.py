"""Exports a bundle from the published checkpoints of Stable Diffusion v1.4 and LD-ZNet.

    .venv/bin/python scripts/export.py --sd sd-v1-4.ckpt --ldznet LDZNet_txt2mask.ckpt --tokenizer DIR \\
        --output models/ldznet-v1

DIR has CLIP's vocab.json and merges.txt. Checkpoints are .ckpt files, which are loaded without running code from them,
or .safetensors files. Sizes come from the shapes of the tensors. Missing and unknown tensors are errors that name them.
"""

import argparse
import json
import sys
from pathlib import Path

from ldznet.bundle import DTYPES, BundleSpec, describe, write_bundle
from ldznet.checkpoints.loading import CheckpointError
from ldznet.checkpoints.published import load_published

LICENCE = "weights: CreativeML Open RAIL-M (Stable Diffusion v1.4) and the terms of the LD-ZNet release"


def check_tokenizer(folder: Path, vocabulary: int) -> None:
    """Raises CheckpointError unless the folder has a tokenizer of `vocabulary` entries."""
    for name in ("vocab.json", "merges.txt"):
        if not (folder / name).is_file():
            raise CheckpointError(
                f"{folder / name}: no such file; --tokenizer needs a folder with vocab.json and merges.txt"
            )
    size = len(json.loads((folder / "vocab.json").read_text(encoding="utf-8")))
    if size != vocabulary:
        raise CheckpointError(f"{folder / 'vocab.json'}: has {size} entries, the text encoder has {vocabulary}")


def card(name: str, options: argparse.Namespace) -> str:
    """The text of MODEL_CARD.md: the source of the weights."""
    sources = "".join(f"- `{p.name}`, sha256 {describe(p)['sha256']}\n" for p in (options.sd, options.ldznet))
    return (
        f"# {name}\n\nLD-ZNet as published (Pnvr, Singh, Ghosh, Siddiquie, Jacobs: LD-ZNet, ICCV 2023), exported as "
        f"{options.dtype} by scripts/export.py from\n\n{sources}\nLicence: {LICENCE}.\n"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sd", type=Path, required=True, help="Stable Diffusion v1.4 checkpoint")
    parser.add_argument("--ldznet", type=Path, required=True, help="LD-ZNet checkpoint (its EMA weights are used)")
    parser.add_argument("--tokenizer", type=Path, required=True, help="folder with CLIP's vocab.json and merges.txt")
    parser.add_argument("--output", type=Path, required=True, help="folder of the bundle, overwritten if it exists")
    parser.add_argument(
        "--dtype", choices=list(DTYPES), default="float16", help="type of the stored weights (default: float16)"
    )
    parser.add_argument("--name", help="name of the bundle (default: that of the output folder)")
    options = parser.parse_args()
    try:
        networks = load_published(options.sd, options.ldznet)
        check_tokenizer(options.tokenizer, networks.text_config.vocabulary)
    except CheckpointError as error:
        print(f"export.py: error: {error}", file=sys.stderr)
        return 65
    unet = networks.unet
    spec = BundleSpec(
        name=options.name or options.output.resolve().name,
        version="1",
        licence=LICENCE,
        taps=[unet.feature_names[tap] for tap in unet.taps],
        features=unet.feature_names,
        latent_channels=networks.vae_encoder.quant_conv.weight.shape[0] // 2,
        text_length=networks.text_config.length,
    )
    modules = {
        "vae_encoder": networks.vae_encoder,
        "text_encoder": networks.text_encoder,
        "unet": unet,
        "ldznet": networks.ldznet,
    }
    write_bundle(options.output, spec, modules, options.tokenizer, options.dtype, card(spec.name, options))
    print(f"{options.output}: {sum(f.stat().st_size for f in options.output.iterdir()) / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
