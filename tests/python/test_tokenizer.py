"""Token ids of the program and of the Python side against Hugging Face `tokenizers`, with CLIP's own vocabulary."""

import gzip
import hashlib
import json
import random
import unicodedata

import pytest
from conftest import ROOT, Program
from tokenizers import AddedToken, Regex, Tokenizer, normalizers, pre_tokenizers
from tokenizers.models import BPE

from ldznet_training import tokenizer as ours

LENGTH = 77
PATTERN = r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
BLOCKS = {
    "ascii": range(0x20, 0x7F),
    "latin": range(0xA0, 0x250),
    "marks": range(0x300, 0x370),
    "greek and cyrillic": range(0x370, 0x530),
    "hebrew and arabic": range(0x590, 0x700),
    "devanagari to thai": range(0x900, 0xE80),
    "hangul jamo": range(0x1100, 0x1200),
    "punctuation": range(0x2000, 0x2070),
    "symbols": range(0x2100, 0x2C00),
    "kana": range(0x3040, 0x3100),
    "cjk": range(0x4E00, 0x9FA0),
    "hangul": range(0xAC00, 0xD7A4),
    "wide": range(0xFF00, 0xFFF0),
    "emoji": range(0x1F300, 0x1FB00),
    "planes": range(0x10000, 0x1F300),
    "anything": range(0x1, 0x30000),
}
NAMED = [
    "a photo of a cat", "A PHOTO  OF\tA CAT", "it's what they'd've wanted, I'LL", "3.14159 and 2026", "naïve café ÅNGSTRÖM", "e\u0301 \u00e9",
    "ﬁancé ǅ ẞ ß İ ı", "日本語のプロンプト", "红色的汽车", "빨간 자동차", "красная машина", "πανδα", "سيارة حمراء", "🐼", "👩‍👩‍👧‍👦 family",
    "🇩🇪🏳️‍🌈", "<|endoftext|>", "a<|startoftext|>b", "<|ENDOFTEXT|>", "<|endoftext|", "\u200b zero\u200dwidth", "\ufeffmark", "x" * 3000,
    "ab" * 700, "word " * 200, "!?!?...--__", "don''t", "'", "''s", "\u00a0\u2003\u3000", "\x01\x7f\x80", "\u0085next", "𝒻𝒶𝓃𝒸𝓎", "Ⅷ ½ ²",
]  # fmt: skip


def prompts() -> list[str]:
    """About 12,000 reproducible lines of text, without line ends."""
    rng = random.Random(20231)
    words = (ROOT / "scripts/ldznet_training/scenes/vocabulary.tsv").read_text().split()
    made = list(NAMED)
    for _ in range(4000):
        chosen = [rng.choice(words) for _ in range(rng.randint(1, 12))]
        styled = [rng.choice([str, str.upper, str.title])(w) + rng.choice(["", ",", "'s", "!", "-"]) for w in chosen]
        made.append(rng.choice([" ", "  ", "\t"]).join(styled))
    for name in BLOCKS:
        for _ in range(500):
            made.append(
                "".join(chr(rng.choice(BLOCKS[rng.choice([name, name, "ascii"])])) for _ in range(rng.randint(1, 40)))
            )
    return [p.replace("\n", " ").replace("\r", " ").encode(errors="ignore").decode() for p in made]


@pytest.fixture(scope="module")
def vocabulary(tmp_path_factory):
    """A bundle with CLIP's vocabulary, complete as far as `ldznet tokenize` needs it."""
    folder = tmp_path_factory.mktemp("clip")
    merges = gzip.decompress((ROOT / "tests/data/clip/merges.txt.gz").read_bytes()).decode().splitlines()[1:]
    ours.Vocabulary(tuple(tuple(line.split(" ")) for line in merges)).save(folder)
    manifest = json.loads((ROOT / "models/ldznet-mini/model.json").read_text())
    for name in ("vocab.json", "merges.txt"):
        data = (folder / name).read_bytes()
        manifest["files"][name] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    (folder / "model.json").write_text(json.dumps(manifest))
    return folder


@pytest.fixture(scope="module")
def expected(vocabulary) -> list[list[int]]:
    """The ids of the published tokenizer: `tokenizers`, configured as Hugging Face converts CLIP's."""
    files = str(vocabulary / "vocab.json"), str(vocabulary / "merges.txt")
    model = BPE.from_file(*files, continuing_subword_prefix="", end_of_word_suffix="</w>", unk_token=ours.END)
    oracle = Tokenizer(model)
    oracle.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]
    )
    split = pre_tokenizers.Split(Regex(PATTERN), behavior="removed", invert=True)
    oracle.pre_tokenizer = pre_tokenizers.Sequence([split, pre_tokenizers.ByteLevel(add_prefix_space=False)])
    oracle.add_special_tokens([AddedToken(token, normalized=True, special=True) for token in (ours.START, ours.END)])
    start, end = oracle.token_to_id(ours.START), oracle.token_to_id(ours.END)
    rows = []
    for encoded in oracle.encode_batch(prompts(), add_special_tokens=False):
        ids = [start, *encoded.ids[: LENGTH - 2], end]
        rows.append(ids + [end] * (LENGTH - len(ids)))
    return rows


def test_the_vocabulary_is_clips(expected):
    assert len(expected) > 12000
    assert expected[0][:7] == [49406, 320, 1125, 539, 320, 2368, 49407]  # as published for "a photo of a cat"


def test_the_program_agrees_on_every_prompt(vocabulary, expected, tmp_path):
    result = Program(tmp_path)("tokenize", "-", "-m", vocabulary, stdin="\n".join(prompts()) + "\n")
    assert result.returncode == 0, result.stderr[-500:]
    actual = [json.loads(line) for line in result.stdout.splitlines()]
    wrong = [p for p, a, e in zip(prompts(), actual, expected, strict=True) if a != e]
    assert not wrong, f"{len(wrong)} of {len(expected)} differ, first {wrong[:3]!r}"
    assert b"is cut" in result.stderr


def test_the_python_side_agrees_where_its_unicode_tables_do(vocabulary, expected):
    """Unicode tables depend on the version of Python, so only characters that all versions know are compared."""
    asked, tokenizer = prompts(), ours.Tokenizer.load(vocabulary)
    old = [k for k, prompt in enumerate(asked) if all(unicodedata.ucd_3_2_0.category(c) != "Cn" for c in prompt)]
    assert len(old) > 7000
    wrong = [asked[k] for k in old if tokenizer.encode(asked[k], LENGTH) != expected[k]]
    assert not wrong


def test_text_that_is_not_utf8_is_a_usage_error(vocabulary, tmp_path):
    result = Program(tmp_path)("tokenize", "-", "-m", vocabulary, stdin=b"caf\xe9\n")
    assert result.returncode == 64 and b"UTF-8" in result.stderr
