"""Which networks checkpoints and folders of diffusers hold: what belongs together, what is missing, what cannot be stored."""

import pytest
import torch
from published_pair import equal, values, weights, whole
from safetensors.torch import save_file

from ldznet_training.checkpoints import diffusers, key_maps
from ldznet_training.checkpoints.published import load_published, networks_from
from ldznet_training.checkpoints.stored import StoredTensor
from ldznet_training.errors import CheckpointError, MissingInputError


def test_a_file_with_everything_needs_no_other(tensors, expected):
    everything = whole(tensors)
    assert equal(weights(networks_from({}, everything, "", "ldznet")), expected)
    assert equal(weights(networks_from(tensors[0], everything, "sd", "ldznet")), expected)
    own = {**everything, "first_stage_model.quant_conv.bias": StoredTensor.of(torch.ones(8))}
    assert weights(networks_from(tensors[0], own, "sd", "ldznet"))["vae_encoder.quant_conv.bias"].sum() == 8
    inside = {n: t for n, t in everything.items() if not n.startswith(("first_stage_model.", "cond_stage_model."))}
    assert equal(weights(networks_from({}, inside, "", "ldznet")), expected)


def test_without_sd_what_is_missing_is_named(tensors):
    for part, prefix in (("VAE", "first_stage_model"), ("text", "cond_stage_model"), ("UNet", "model.diffusion_model")):
        lacking = {n: t for n, t in whole(tensors).items()
                   if f"{prefix}." not in n or (part == "UNet" and n.startswith(prefix))}  # fmt: skip
        with pytest.raises(CheckpointError, match=rf"ldznet: has no {part}.*--sd"):
            networks_from({}, lacking, "", "ldznet")


def test_text_encoders_without_text_model_in_their_names(tensors, expected):
    sd = {n.replace("transformer.text_model.", "transformer."): t for n, t in tensors[0].items()}
    sd["cond_stage_model.transformer.embeddings.position_ids"] = StoredTensor.of(torch.arange(77)[None])
    assert equal(weights(networks_from(sd, tensors[1], "sd", "ldznet")), expected)


def test_swapped_files_are_noticed(golden_files):
    with pytest.raises(CheckpointError, match=r"sd\.ckpt"):
        load_published(golden_files / "ldznet.ckpt", golden_files / "sd.ckpt")


def test_an_inpainting_model_is_refused(tensors):
    sd, name = tensors[0], "model.diffusion_model.input_blocks.0.0.weight"
    wider = StoredTensor.of(torch.zeros(sd[name].shape[0], 9, 3, 3))
    with pytest.raises(CheckpointError, match="takes 9 channels, the VAE encoder makes 4"):
        networks_from({**sd, name: wider}, tensors[1], "sd", "ldznet")


def test_weights_of_whole_numbers_are_refused(tensors):
    name = "first_stage_model.quant_conv.bias"
    sd = {**tensors[0], name: StoredTensor.of(torch.ones(8, dtype=torch.int8))}
    with pytest.raises(CheckpointError, match=r"quant_conv\.bias is int8, not floating point"):
        networks_from(sd, tensors[1], "sd", "ldznet")


@pytest.mark.parametrize(
    ("value", "dtype", "words"),
    [
        (float("nan"), torch.float32, "not finite"),
        (float("-inf"), torch.bfloat16, "not finite"),
        (-1e6, torch.float16, "up to 1e+06, beyond the range of float16; use --dtype bfloat16"),
    ],
)
def test_values_that_cannot_be_stored(tensors, value, dtype, words):
    name = "first_stage_model.quant_conv.bias"
    bias = tensors[0][name].read().clone()
    bias[3] = value
    sd = {**tensors[0], name: StoredTensor(bias.shape, bias.dtype, lambda: bias, name)}
    network = networks_from(sd, tensors[1], "sd.ckpt", "ldznet").vae_encoder
    with pytest.raises(CheckpointError) as caught:
        network.load(dtype)
    assert "sd.ckpt" in str(caught.value) and name in str(caught.value) and words in str(caught.value)
    if value == -1e6:
        assert network.load(torch.bfloat16).quant_conv.bias[3] == value


# --- the layout of diffusers ------------------------------------------------------------------------------------------

# Names in Stable Diffusion's checkpoint and those of diffusers, for the seeded UNet: 4 levels of 2 blocks.
IN_RESNET = {"in_layers.0": "norm1", "in_layers.2": "conv1", "emb_layers.1": "time_emb_proj", "out_layers.0": "norm2",
             "out_layers.3": "conv2", "skip_connection": "conv_shortcut"}  # fmt: skip
OUTSIDE = {"time_embed.0": "time_embedding.linear_1", "time_embed.2": "time_embedding.linear_2", "out.0": "conv_norm_out",
           "input_blocks.0.0": "conv_in", "out.2": "conv_out"}  # fmt: skip
IN_ATTENTION = {"norm": "group_norm", "q": "to_q", "k": "to_k", "v": "to_v", "proj_out": "to_out.0"}


def diffusers_unet_name(name: str) -> str:
    """The name in diffusers of a tensor below `model.diffusion_model.`"""
    for ours, theirs in OUTSIDE.items():
        if name.startswith(ours + "."):
            return theirs + name.removeprefix(ours)
    block, rest = name.split(".", 1)
    if block == "middle_block":
        part, rest = rest.split(".", 1)
        place = {"0": "mid_block.resnets.0", "1": "mid_block.attentions.0", "2": "mid_block.resnets.1"}[part]
    else:
        number, part, rest = rest.split(".", 2)
        level, index = divmod(int(number) - (block == "input_blocks"), 3)
        way = "down_blocks" if block == "input_blocks" else "up_blocks"
        if rest.startswith("op."):
            return f"{way}.{level}.downsamplers.0.conv.{rest.removeprefix('op.')}"
        if rest.startswith("conv."):
            return f"{way}.{level}.upsamplers.0.{rest}"
        place = f"{way}.{level}.{'resnets' if part == '0' else 'attentions'}.{index}"
    for ours, theirs in IN_RESNET.items():
        if "resnets" in place and rest.startswith(ours + "."):
            rest = theirs + rest.removeprefix(ours)
    return f"{place}.{rest}"


def diffusers_vae_name(name: str) -> str:
    """The name in diffusers of a tensor below `first_stage_model.`"""
    parts = name.replace("nin_shortcut", "conv_shortcut").replace("norm_out", "conv_norm_out").split(".")
    if parts[1] == "down":
        where = ["resnets", parts[4]] if parts[3] == "block" else ["downsamplers", "0", parts[4]]
        return ".".join(["encoder", "down_blocks", parts[2], *where, *parts[5:]])
    if parts[1] == "mid" and parts[2] == "attn_1":
        return ".".join(["encoder.mid_block.attentions.0", IN_ATTENTION[parts[3]], parts[4]])
    if parts[1] == "mid":
        return ".".join(["encoder.mid_block.resnets", str(int(parts[2][-1]) - 1), *parts[3:]])
    return ".".join(parts)


@pytest.fixture(scope="module")
def folder(tensors, tokenizer, tmp_path_factory):
    """The seeded Stable Diffusion as a folder of diffusers, made by renaming."""
    place = tmp_path_factory.mktemp("diffusers")
    sd = values(tensors[0])
    unet = {diffusers_unet_name(n): t for n, t in key_maps.below(sd, key_maps.DIFFUSION).items()}
    vae = {n if n.startswith(("decoder", "post_quant")) else diffusers_vae_name(n): t
           for n, t in key_maps.below(sd, key_maps.VAE).items()}  # fmt: skip
    vae = {n: t.flatten(1) if "mid_block.attentions" in n and t.dim() == 4 else t for n, t in vae.items()}
    unet["mid_block.attentions.0.proj_in.weight"] = unet["mid_block.attentions.0.proj_in.weight"].flatten(1)
    for part in ("unet", "vae", "text_encoder"):
        (place / part).mkdir()
    for i, half in enumerate((0, 1), 1):
        shard = {n: t for j, (n, t) in enumerate(unet.items()) if j % 2 == half}
        save_file(shard, place / "unet" / f"diffusion_pytorch_model-0000{i}-of-00002.safetensors")
    save_file({"wrong": torch.ones(1)}, place / "unet" / "diffusion_pytorch_model.fp16.safetensors")
    torch.save(vae, place / "vae" / "diffusion_pytorch_model.bin")
    save_file(key_maps.below(sd, key_maps.TEXT), place / "text_encoder" / "model.safetensors")
    (place / "tokenizer").symlink_to(tokenizer)
    return place


def test_a_folder_of_diffusers_is_renamed_exactly(tensors, folder, golden_files):
    found = {n: t for n, t in values(diffusers.load_folder(folder)).items() if not key_maps.UNUSED.match(n)}
    sd = {
        n: t for n, t in values(tensors[0]).items() if not n.startswith("model_ema.") and not key_maps.UNUSED.match(n)
    }
    assert equal(found, sd)
    assert len(diffusers.weight_files(folder)) == 4


def test_names_that_older_versions_of_diffusers_gave_the_vaes_attention():
    old = {"query": "q", "key": "k", "value": "v", "proj_attn": "proj_out"}
    for theirs, ours in old.items():
        name = f"encoder.mid_block.attentions.0.{theirs}.weight"
        assert diffusers._renamed(name, diffusers.VAE_NAMES) == f"encoder.mid.attn_1.{ours}.weight"


def test_folders_that_are_not_of_diffusers(tmp_path):
    with pytest.raises(CheckpointError, match="layout of diffusers"):
        diffusers.load_folder(tmp_path)
    (tmp_path / "unet").mkdir()
    with pytest.raises(MissingInputError, match="has no diffusion_pytorch_model"):
        diffusers.load_folder(tmp_path)
