"""Stable Diffusion as a folder in the layout of the diffusers library: `unet/`, `vae/`, `text_encoder/`, `tokenizer/`.

Tensors get the names that they have in Stable Diffusion's own checkpoint."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Callable, List, Tuple

from torch import Tensor

from ..errors import CheckpointError, MissingInputError
from .key_maps import DIFFUSION, TEXT, VAE
from .loading import load_tensors
from .stored import StateDict, StoredTensor

Rules = Tuple[Tuple[str, str], ...]

# Inside the blocks of the UNet; the names of its transformers are the same.
UNET_RESNET: Rules = (
    (r"\.norm1\.", ".in_layers.0."),
    (r"\.conv1\.", ".in_layers.2."),
    (r"\.time_emb_proj\.", ".emb_layers.1."),
    (r"\.norm2\.", ".out_layers.0."),
    (r"\.conv2\.", ".out_layers.3."),
    (r"\.conv_shortcut\.", ".skip_connection."),
)
UNET_OUTSIDE: Rules = (
    (r"^time_embedding\.linear_1\.", "time_embed.0."),
    (r"^time_embedding\.linear_2\.", "time_embed.2."),
    (r"^conv_in\.", "input_blocks.0.0."),
    (r"^conv_norm_out\.", "out.0."),
    (r"^conv_out\.", "out.2."),
    (r"^mid_block\.attentions\.0\.", "middle_block.1."),
)
VAE_NAMES: Rules = (
    (r"^encoder\.down_blocks\.(\d+)\.resnets\.(\d+)\.", r"encoder.down.\1.block.\2."),
    (r"^encoder\.down_blocks\.(\d+)\.downsamplers\.0\.", r"encoder.down.\1.downsample."),
    (r"^encoder\.mid_block\.resnets\.0\.", "encoder.mid.block_1."),
    (r"^encoder\.mid_block\.resnets\.1\.", "encoder.mid.block_2."),
    (r"^encoder\.mid_block\.attentions\.0\.", "encoder.mid.attn_1."),
    (r"^encoder\.conv_norm_out\.", "encoder.norm_out."),
    (r"\.conv_shortcut\.", ".nin_shortcut."),
    (r"\.attn_1\.group_norm\.", ".attn_1.norm."),
    (r"\.attn_1\.(to_q|query)\.", ".attn_1.q."),
    (r"\.attn_1\.(to_k|key)\.", ".attn_1.k."),
    (r"\.attn_1\.(to_v|value)\.", ".attn_1.v."),
    (r"\.attn_1\.(to_out\.0|proj_attn)\.", ".attn_1.proj_out."),
)
# 1 x 1 convolutions that some versions store as linear layers.
POINTWISE = re.compile(r"\.(attn_1\.(q|k|v|proj_out)|proj_in|proj_out)\.weight$")
WEIGHTS = re.compile(r"(diffusion_pytorch_model|pytorch_model|model)([.-].+)?\.(safetensors|bin)")
PARTS = ("unet", "vae", "text_encoder")


def _renamed(name: str, rules: Rules) -> str:
    for pattern, replacement in rules:
        name = re.sub(pattern, replacement, name)
    return name


def unet_name(name: str, blocks: int) -> str:
    """A UNet tensor's name in Stable Diffusion's checkpoint; `blocks`: residual blocks per level going down.

    There, each level down is `blocks` input blocks and a downsampling one, each level up `blocks + 1` output blocks."""
    name = _renamed(name, UNET_OUTSIDE)
    middle = re.match(r"mid_block\.resnets\.(\d+)\.", name)
    if middle:
        name = f"middle_block.{2 * int(middle[1])}." + name[middle.end() :]
    inside = re.match(r"(down|up)_blocks\.(\d+)\.(resnets|attentions|downsamplers|upsamplers)\.(\d+)\.", name)
    if inside:
        way, level, kind, index = inside[1], int(inside[2]), inside[3], int(inside[4])
        rest = name[inside.end() :]
        if kind == "downsamplers":
            return f"input_blocks.{(level + 1) * (blocks + 1)}.0." + rest.replace("conv.", "op.")
        if kind == "upsamplers":
            index, part = blocks, "up"  # behind the level's last block; its place there depends on attention
        else:
            part = "0" if kind == "resnets" else "1"
        number = level * (blocks + 1) + index
        name = f"input_blocks.{number + 1}.{part}." if way == "down" else f"output_blocks.{number}.{part}."
        name += rest
    resnet = re.match(r"(input_blocks|output_blocks)\.\d+\.0\.|middle_block\.[02]\.", name)
    return _renamed(name, UNET_RESNET) if resnet else name


def unet_names(names: List[str]) -> Callable[[str], str]:
    """The function that renames a UNet's tensors."""
    found = [re.match(r"down_blocks\.0\.resnets\.(\d+)\.", name) for name in names]
    blocks = max((int(m[1]) for m in found if m), default=-1) + 1
    renamed = {name: unet_name(name, blocks) for name in names}
    attended = {m[1] for m in (re.match(r"(output_blocks\.\d+)\.1\.", name) for name in renamed.values()) if m}

    def rename(name: str) -> str:
        block, up, rest = renamed[name].partition(".up.")
        return f"{block}.{2 if block in attended else 1}.{rest}" if up else renamed[name]

    return rename


def _as_convolution(name: str, stored: StoredTensor) -> StoredTensor:
    """A linear layer's weight (out, in) as a 1 x 1 convolution's (out, in, 1, 1), where the published file has one."""
    if len(stored.shape) != 2 or not POINTWISE.search(name):
        return stored

    def read() -> Tensor:
        return stored.read()[:, :, None, None]

    return replace(stored, shape=(*stored.shape, 1, 1), read=read)


def part_files(folder: Path) -> List[Path]:
    """The file with the weights of one part of the model, or its shards. Raises MissingInputError if there is none."""

    def rank(file: Path) -> tuple:
        """Plain names come before variants (.fp16, .non_ema), safetensors before pickles, one file before shards."""
        return file.name.count("."), file.suffix != ".safetensors", "-of-" in file.name, file.name

    files = sorted((file for file in folder.iterdir() if WEIGHTS.fullmatch(file.name)), key=rank)
    if not files:
        raise MissingInputError(f"{folder}: has no diffusion_pytorch_model or model, as .safetensors or .bin")
    best = rank(files[0])[:3]
    return [file for file in files if rank(file)[:3] == best] if "-of-" in files[0].name else files[:1]


def weight_files(folder: Path) -> List[Path]:
    """The files that `load_folder` reads."""
    return [file for part in PARTS if (Path(folder) / part).is_dir() for file in part_files(Path(folder) / part)]


def load_folder(folder: Path) -> StateDict:
    """Stable Diffusion's tensors from a folder, under the names of its own checkpoint."""
    folder = Path(folder)
    if not any((folder / part).is_dir() for part in PARTS):
        raise CheckpointError(f"{folder}: is not in the layout of diffusers: it has no unet/, vae/ or text_encoder/")
    tensors: StateDict = {}
    for part, prefix in (("unet", DIFFUSION), ("vae", VAE), ("text_encoder", TEXT)):
        if not (folder / part).is_dir():
            continue
        own: StateDict = {}
        for file in part_files(folder / part):
            own.update(load_tensors(file))
        rename = {"unet": unet_names(list(own)), "vae": lambda name: _renamed(name, VAE_NAMES)}.get(part, str)
        for name, stored in own.items():
            renamed = prefix + rename(name)
            tensors[renamed] = _as_convolution(renamed, stored)
    return tensors
