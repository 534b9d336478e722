"""scripts/export.py: from checkpoints in several layouts to a bundle, which appears whole or not at all."""

import json
import os
import pty
import subprocess
import sys

import pytest
import torch
from conftest import ROOT
from golden_bundle import vocabulary
from safetensors.torch import save_file
from tokenizers import Tokenizer

import export
from ldznet.bundle import save_module
from ldznet.bundle_folder import new_bundle
from ldznet.checkpoints import diffusers, key_maps, known_files
from ldznet.checkpoints.loading import load_tensors
from ldznet.checkpoints.published import load_published, networks_from
from ldznet.checkpoints.stored import StoredTensor
from ldznet.checkpoints.tokenizer_files import TokenizerFiles
from ldznet.errors import CheckpointError, MissingInputError, OutputError
from ldznet.verify import VerificationError, Walk, compare

STAGES = ("vae_encoder", "text_encoder", "unet", "ldznet")


@pytest.fixture(scope="module")
def tensors(golden_files):
    """The tensors of sd.ckpt and ldznet.ckpt."""
    return tuple(load_tensors(golden_files / name) for name in ("sd.ckpt", "ldznet.ckpt"))


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory):
    """A folder with vocab.json and merges.txt."""
    folder = tmp_path_factory.mktemp("tokenizer")
    vocabulary().save(folder)
    return folder


def values(state) -> dict[str, torch.Tensor]:
    return {name: stored.read() for name, stored in state.items()}


def weights(networks) -> dict[str, torch.Tensor]:
    """All weights of the four networks."""
    return {f"{s}.{n}": t.read() for s in STAGES for n, t in getattr(networks, s).weights.items()}


def equal(ours, theirs) -> bool:
    return ours.keys() == theirs.keys() and all(
        torch.equal(ours[name].float(), theirs[name].float()) for name in theirs
    )


@pytest.fixture(scope="module")
def expected(tensors):
    """The weights of the plain pair."""
    return weights(networks_from(*tensors, "sd", "ldznet"))


def whole(tensors) -> dict[str, StoredTensor]:
    """LD-ZNet's tensors with everything that a training run of it holds."""
    sd, head = tensors
    frozen = {n: t for n, t in sd.items() if n.startswith(("first_stage_model.", "cond_stage_model."))}
    return {**head, **frozen, **{"sd_features_stage_model.model." + name: tensor for name, tensor in sd.items()}}


# --- layouts ----------------------------------------------------------------------------------------------------------


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


# --- tokenizers -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tokenizer_json(tokenizer, tmp_path_factory):
    """A folder with the same tokenizer as tokenizer.json, as the tokenizers library writes it."""
    from tokenizers.models import BPE

    model = BPE.from_file(str(tokenizer / "vocab.json"), str(tokenizer / "merges.txt"), end_of_word_suffix="</w>")
    made = tmp_path_factory.mktemp("json")
    Tokenizer(model).save(str(made / "tokenizer.json"))
    return made


@pytest.mark.parametrize("strings", [True, False], ids=["merges as text", "merges as pairs"])
def test_tokenizer_json_gives_the_same_files(tokenizer, tokenizer_json, tmp_path, strings):
    content = json.loads((tokenizer_json / "tokenizer.json").read_text())
    pairs = [m.split(" ") if isinstance(m, str) else m for m in content["model"]["merges"]]
    content["model"]["merges"] = [" ".join(pair) for pair in pairs] if strings else pairs
    special = {token: content["model"]["vocab"].pop(token) for token in ("<|startoftext|>", "<|endoftext|>")}
    content["added_tokens"] = [{"id": i, "content": token, "special": True} for token, i in special.items()]
    (tmp_path / "tokenizer.json").write_text(json.dumps(content))
    for place in (tmp_path, tmp_path / "tokenizer.json"):
        made = TokenizerFiles(place, 49408)
        made.save(tmp_path)
        assert json.loads((tmp_path / "vocab.json").read_text()) == json.loads((tokenizer / "vocab.json").read_text())
        assert (tmp_path / "merges.txt").read_bytes() == (tokenizer / "merges.txt").read_bytes()


SMALL = {"<|startoftext|>": 0, "<|endoftext|>": 1, "a": 2, "b</w>": 3, "ab</w>": 4}


@pytest.mark.parametrize(
    ("vocab", "merges", "words"),
    [
        ("{", "a b</w>", "not valid JSON"),
        ("[1]", "a b</w>", "no vocabulary"),
        (json.dumps({**SMALL, "c": 5}), "a b</w>", "has 6 entries, the text encoder has 5"),
        (json.dumps({**SMALL, "a": 7}), "a b</w>", "ids are not 0 to 4"),
        (json.dumps({n if n != "<|endoftext|>" else "x": i for n, i in SMALL.items()}), "", "no <|endoftext|>"),
        (json.dumps(SMALL), "a c", "does not fit"),
        (json.dumps(SMALL), "#version: 0.2\na b</w>\na b</w>", "twice"),
    ],
)
def test_other_tokenizers_are_refused(tmp_path, vocab, merges, words):
    (tmp_path / "vocab.json").write_text(vocab)
    (tmp_path / "merges.txt").write_text(merges)
    with pytest.raises(CheckpointError, match=r"(vocab\.json|merges\.txt): ") as caught:
        TokenizerFiles(tmp_path, 5)
    assert words in str(caught.value)


def test_tokenizer_json_of_another_kind_is_refused(tmp_path):
    path = tmp_path / "tokenizer.json"
    for content in ('{"model": {"type": "WordPiece", "vocab": {}}}', '{"model": 3}', "[]", '{"a": 1}'):
        path.write_text(content)
        with pytest.raises(CheckpointError, match=r"tokenizer\.json: is no"):
            TokenizerFiles(tmp_path, 5)
    path.unlink()
    with pytest.raises(MissingInputError, match="no tokenizer"):
        TokenizerFiles(tmp_path, 5)


# --- the folder of the bundle -----------------------------------------------------------------------------------------


def listing(folder) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*"))


def make(folder, text="new", **options) -> None:
    with new_bundle(folder, **{"overwrite": False, **options}) as new:
        (new / "unet.pt").write_text(text)
        (new / "MODEL_CARD.md").write_text(text)
        (new / "model.json").write_text(json.dumps({"files": {"unet.pt": {}, "../outside": {}}}))


def test_a_new_bundle_appears_and_is_replaced_only_with_overwrite(tmp_path):
    folder = tmp_path / "a" / "b"
    make(folder)
    files = ["MODEL_CARD.md", "model.json", "unet.pt"]
    assert listing(folder) == files and listing(tmp_path) == ["a", "a/b", *(f"a/b/{name}" for name in files)]
    with pytest.raises(OutputError, match="--overwrite"):
        make(folder)
    (tmp_path / "a" / "outside").write_text("foreign, although the manifest names it")
    make(folder, "newer", overwrite=True)
    assert (folder / "unet.pt").read_text() == "newer"
    assert listing(tmp_path / "a") == ["b", *(f"b/{name}" for name in files), "outside"]


@pytest.mark.parametrize("existing", [False, True])
@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt, OSError])
def test_a_failure_leaves_everything_as_it_was(tmp_path, existing, failure):
    if existing:
        make(tmp_path / "a" / "b", "old")
    before = listing(tmp_path)
    with pytest.raises(OutputError if failure is OSError else failure), \
         new_bundle(tmp_path / "a" / "b", overwrite=True) as new:  # fmt: skip
        (new / "unet.pt").write_text("half")
        raise failure(28, "No space left on device")
    assert listing(tmp_path) == before
    if existing:
        assert (tmp_path / "a" / "b" / "unet.pt").read_text() == "old"


@pytest.mark.parametrize("foreign", ["sd.ckpt", "old.pt", "folder/", "unet.pt.bak"])
@pytest.mark.parametrize("bundle", [True, False])
def test_folders_with_other_things_are_refused(tmp_path, foreign, bundle):
    folder = tmp_path / "b"
    if bundle:
        make(folder)
    (folder / foreign).mkdir(parents=True) if foreign.endswith("/") else (
        folder.mkdir(exist_ok=True),
        (folder / foreign).write_text("mine"),
    )
    before = listing(tmp_path)
    with pytest.raises(OutputError, match=foreign.rstrip("/")):
        make(folder, overwrite=True)
    assert listing(tmp_path) == before


def test_other_places_that_are_refused(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(OutputError, match="is a file"):
        make(tmp_path / "file", overwrite=True)
    with pytest.raises(OutputError, match="Not a directory"):
        make(tmp_path / "file" / "below")
    make(tmp_path / "b")
    with pytest.raises(OutputError, match=r"unet\.pt, from which the bundle is made"):
        make(tmp_path / "b", overwrite=True, inputs=[tmp_path / "b" / "unet.pt"])
    with pytest.raises(OutputError, match="the disk has"):
        make(tmp_path / "c", size=1 << 60)
    (tmp_path / "empty").mkdir()
    make(tmp_path / "empty")
    (tmp_path / "link").symlink_to(tmp_path / "b")
    make(tmp_path / "link", "by link", overwrite=True)
    assert (tmp_path / "link").is_symlink() and (tmp_path / "b" / "unet.pt").read_text() == "by link"


# --- the script -------------------------------------------------------------------------------------------------------


@pytest.fixture
def run(monkeypatch, capsys, golden_files, tokenizer, tmp_path):
    """Runs the script in this process with the plain pair, or with other options; returns code, stdout and stderr."""

    def call(**changed):
        options = {"sd": golden_files / "sd.ckpt", "ldznet": golden_files / "ldznet.ckpt", "tokenizer": tokenizer,
                   "output": tmp_path / "bundle", **changed}  # fmt: skip
        given = [str(word) for name, value in options.items() if value is not None for word in (f"--{name}", value)]
        monkeypatch.setattr(sys, "argv", ["export.py", *(word for word in given if word != "")])
        try:
            code = export.main()
        except SystemExit as stop:
            code = stop.code
        return code, *capsys.readouterr()

    return call


def test_exit_codes_and_messages(run, tmp_path, golden_files):
    evil = tmp_path / "evil.ckpt"
    torch.save({"state_dict": {}, "x": print}, evil)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "keep.pt").write_text("mine")
    cases = [
        ({"sd": tmp_path / "none.ckpt"}, 66, "none.ckpt: no such file"),
        ({"tokenizer": tmp_path}, 66, "no tokenizer"),
        ({"tokenizer": None}, 64, "--tokenizer is needed"),
        ({"dtype": "int4"}, 64, "invalid choice"),
        ({"ldznet": evil}, 65, "'builtins.print'"),
        ({"sd": None}, 65, "--sd"),
        ({"ldznet": tmp_path}, 65, "folder"),
        ({"output": tmp_path / "full", "overwrite": ""}, 73, "keep.pt"),
        ({"output": golden_files, "overwrite": ""}, 73, "ckpt"),
    ]
    before = listing(tmp_path)
    for options, code, words in cases:
        got, out, err = run(**options)
        assert (got, out) == (code, ""), err
        assert words in err and err.splitlines()[-1].startswith("export.py: error: ") and "\x1b" not in err
    assert listing(tmp_path) == before
    assert sorted(os.listdir(golden_files)) == ["ldznet.ckpt", "sd.ckpt"]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (PermissionError(13, "Permission denied", "sd.ckpt"), 66),
        (MemoryError(), 75),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), 75),
        (KeyboardInterrupt(), 130),
    ],
)
def test_other_errors_are_one_line(run, monkeypatch, error, code):
    def fail(*arguments):
        raise error

    monkeypatch.setattr(export, "load_published", fail)
    got, out, err = run()
    assert (got, out, err.count("\n")) == (code, "", 1)
    monkeypatch.setattr(export, "load_published", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):  # a fault of the script shows where it is
        run()


@pytest.mark.parametrize("wrong", [0.5, float("nan")])
def test_a_network_that_computes_something_else_is_noticed(tmp_path, wrong):
    """The comparison after writing."""
    module = torch.nn.Conv2d(3, 8, 1)
    walk = Walk(1.0, 400, 77, 100, [])
    expected = walk.run("vae_encoder", module)
    save_module(module, tmp_path / "same.pt", "float16")
    assert compare("vae_encoder", tmp_path / "same.pt", walk, expected, "float16").startswith("vae_encoder max|diff| ")
    save_module(module.float(), tmp_path / "other.pt", "float32")
    with pytest.raises(VerificationError, match="vae_encoder"):
        compare("vae_encoder", tmp_path / "other.pt", walk, [expected[0] * wrong], "float16")


def test_a_value_beyond_half_precision_leaves_nothing(run, tensors, tmp_path):
    sd = values(tensors[0])
    sd["first_stage_model.quant_conv.bias"][0] = 1e5
    torch.save(sd, tmp_path / "sd.ckpt")
    code, _, err = run(sd=tmp_path / "sd.ckpt")
    assert code == 65 and "first_stage_model.quant_conv.bias" in err and "--dtype bfloat16" in err
    assert listing(tmp_path) == ["sd.ckpt"]


def test_known_files_are_recognised(tmp_path, monkeypatch):
    file = tmp_path / "copy.ckpt"
    file.write_bytes(b"weights")
    assert known_files.SourceFile(file).remark() is None
    monkeypatch.setitem(known_files.PUBLISHED, known_files.SourceFile(file).sha256, "sd-v1-4.ckpt")
    assert known_files.SourceFile(file).remark() == "copy.ckpt: this is sd-v1-4.ckpt as published"
    monkeypatch.setitem(known_files.SIZES, "other.ckpt", 5)
    (tmp_path / "other.ckpt").write_bytes(b"wrong")
    assert "another sha256" in known_files.SourceFile(tmp_path / "other.ckpt").remark()


def test_a_bundle_from_one_file_and_tokenizer_json(tensors, expected, tokenizer_json, tmp_path):
    """As a user runs it, on a terminal, from a training checkpoint alone."""
    torch.save({"state_dict": {n: t.half() for n, t in values(whole(tensors)).items()}}, tmp_path / "ldznet.ckpt")
    terminal, end = pty.openpty()
    result = subprocess.run(
        [sys.executable, ROOT / "scripts/export.py", "--ldznet", tmp_path / "ldznet.ckpt", "--tokenizer", tokenizer_json,
         "--output", tmp_path / "bundle", "--name", "whole"],
        stdout=subprocess.PIPE, stderr=end, text=True,
    )  # fmt: skip
    os.close(end)
    shown = os.read(terminal, 1 << 16).decode()
    assert result.returncode == 0, shown
    lines = result.stdout.splitlines()
    assert [line.split()[:3] for line in lines[:4]] == [["verified:", stage, "max|diff|"] for stage in STAGES]
    assert all(float(line.split()[3]) < 1e-3 for line in lines[:4])  # both have the same float16 weights
    assert "unet: reading" in shown and "GB" in shown
    manifest = json.loads((tmp_path / "bundle" / "model.json").read_text())
    assert manifest["name"] == "whole" and manifest["dtype"] == "float16"
    assert listing(tmp_path / "bundle") == sorted([*manifest["files"], "MODEL_CARD.md", "model.json"])
    for stage in STAGES:
        stored = torch.jit.load(tmp_path / "bundle" / f"{stage}.pt").state_dict()
        for name, tensor in stored.items():
            assert torch.equal(tensor, expected[f"{stage}.{name}"].half()), name
    assert listing(tmp_path)[0] == "bundle" and listing(tmp_path)[-1] == "ldznet.ckpt"
