#!/usr/bin/env python3
"""Makes clip/prompts.jsonl.gz: prompts of every kind of text and their ids by Hugging Face `tokenizers`.

A line is `[prompt, ids]`, the ids those of the whole prompt, without start, end, padding or limit. The prompts follow
from a seed; of `tokenizers`, 0.22.1 made the file. With --merges FILE, the published list (`bpe_simple_vocab_16e6.txt.gz`
of the PyPI wheel open_clip_torch), clip/merges.txt.gz is made from it first.
"""

import argparse
import gzip
import json
import random
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, normalizers, pre_tokenizers, processors
from tokenizers.models import BPE

CLIP = Path(__file__).resolve().parent / "clip"
START, END, LENGTH = "<|startoftext|>", "<|endoftext|>", 77
MERGES = 49152 - 256 - 2  # CLIP's cut of the published list
PATTERN = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"

SPACES = "\t\n\v\f\r \x1c\x1d\x1e\x1f\x85\xa0\u1680\u180e\u2000\u2003\u2007\u200a\u2028\u2029\u202f\u205f\u3000\u200b\u2060\ufeff"
JOINERS = "\u200b\u200c\u200d\u200e\u200f\u2060\ufe0e\ufe0f\u202a\u202b\u202c\u202e\u2066\u2069\u00ad\u034f\u061c"
ODD = "\ufffe\uffff\ufdd0\ufdef\U0001fffe\U0010ffff\ufffd\ue000\uf8ff\U000f0000\U00100000\U000e0001\U000e0041\u0378\u2fe0\U00040000"
CONTRACTIONS = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d", "'S", "'LL", "\u2019s", "'", "''", "'x", "'lL", "'r", "'v", "'l"]  # fmt: skip
TEXT = (
    "a an the photo of picture drawing red big small old panda bear cat dog house tree car river sky grass mountain sunflower"
    " banana pizza snow road woman child wearing holding next behind two three unbelievable photorealistic antidisestablishment"
    " Caf\u00e9 na\u00efve \u00c5ngstr\u00f6m stra\u00dfe fianc\u00e9e \u0130stanbul \u041c\u043e\u0441\u043a\u0432\u0430 \u03c0\u03ac\u03bd\u03c4\u03b1 \u03a3\u03af\u03c3\u03c5\u03c6\u03bf\u03a3 \u718a\u732b \u5927\u718a\u732b"
    " \u30d1\u30f3\u30c0 \ud310\ub2e4 \u092a\u093e\u0902\u0921\u093e \u0628\u0627\u0646\u062f\u0627 \u05e4\u05e0\u05d3\u05d4 \u0e41\u0e1e\u0e19\u0e14\u0e49\u0e32"
)
WORDS = TEXT.split(" ")
PUNCTUATION = "!?.,;:'\"-_/\\|()[]{}<>@#$%^&*+=~`"
SCRIPTS = {
    "ascii": [(0x20, 0x7E)],
    "controls": [(0x00, 0x20), (0x7F, 0xA0), (0x41, 0x5A)],
    "latin": [(0xA0, 0x24F), (0x1E00, 0x1EFF), (0x61, 0x7A)],
    "greek and cyrillic": [(0x370, 0x52F), (0x1F00, 0x1FFF)],
    "combining marks": [(0x61, 0x7A), (0x300, 0x36F), (0x483, 0x489), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF)],
    "right to left": [(0x590, 0x5FF), (0x600, 0x6FF), (0xFB1D, 0xFDFF), (0xFE70, 0xFEFF), (0x20, 0x20)],
    "south asia": [(0x900, 0xDFF)],
    "south-east asia": [(0xE00, 0xFFF), (0x1000, 0x109F), (0x1780, 0x17FF)],
    "hangul": [(0x1100, 0x11FF), (0xAC00, 0xD7A3), (0x3130, 0x318F)],
    "kana and cjk": [(0x3000, 0x30FF), (0x4E00, 0x9FFF), (0x4E00, 0x9FFF)],
    "compatibility": [(0xF900, 0xFAFF), (0xFB00, 0xFB06), (0xFF00, 0xFFEF), (0x2F800, 0x2FA1F), (0x1D400, 0x1D7FF)],
    "numbers": [(0x30, 0x39), (0x660, 0x669), (0x966, 0x96F), (0xB2, 0xBE), (0x2150, 0x218B), (0x2460, 0x24FF), (0x1D7CE, 0x1D7FF)],
    "symbols": [(0x2010, 0x2BFF)],
    "emoji": [(0x1F300, 0x1FAFF), (0x2600, 0x27BF), (0x1F1E6, 0x1F1FF), (0x20, 0x20)],
    "planes": [(0x10000, 0x1FFFF)],
    "anything": [(0x00, 0xD7FF), (0xE000, 0x3FFFF), (0xE0000, 0x10FFFF)],
}  # fmt: skip
EMOJI = [
    "\U0001f43c", "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466", "\U0001f44d\U0001f3fd", "\U0001f1e9\U0001f1ea",
    "\U0001f3f3\ufe0f\u200d\U0001f308", "1\ufe0f\u20e3", "\u2764\ufe0f", "\U0001f9d1\U0001f3ff\u200d\U0001f680", "\u263a",
    "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
]  # fmt: skip
PLAIN = [
    "", " ", "\t\n", "\x00", "a\x00b", "a photo of a cat", "A PHOTO  OF\tA\r\nCAT", "it's what they'd've wanted, I'LL", "'s", "''s",
    "rock'n'roll", "!'s", "don't'", "3.14159 and 2026", "x2y3", "...", "?!?!", "e\u0301 \u00e9", "\u1112\u1161\u11ab", "a\u0327\u0301 a\u0301\u0327",
    "\u212b \u2126 \u212a", "\ufb01anc\u00e9 \u01c5 \u1e9e \u00df \u0130 I \u0131", "\u03a3\u039f\u03a6\u039f\u03a3", START, END, f"a{START}b", f"x {END}.", END * 3,
    "<|ENDOFTEXT|>", "<|EndOfText|> <|StartOfText|>", "<|endoftext|", "<<|endoftext|>>", "<|endo\u0301ftext|>", "<|endoftext |>",
    "x" * 5000, "ab" * 2000, "\u0301" * 800, "word " * 300, "\u718a" * 300, "1" * 200, "!" * 1000, "'s" * 200, " " * 500, "na\u00efve" * 100,
]  # fmt: skip


def some(rng: random.Random, low: int, high: int, make) -> str:
    return "".join(make() for _ in range(rng.randint(low, high)))


def character(rng: random.Random, script: str) -> str:
    return chr(rng.randint(*rng.choice(SCRIPTS[script])))


def styled(rng: random.Random, word: str) -> str:
    return rng.choice([str, str, str, str.upper, str.title, str.swapcase])(word)


def prompts() -> list[str]:
    """The prompts, the same every time, no two equal."""
    rng = random.Random(77)
    pick = rng.choice
    makers = [
        (2600, lambda: some(rng, 1, 9, lambda: styled(rng, pick(WORDS)) + pick([" "] * 6 + [", ", ". ", "-", "  "]))),
        (900, lambda: some(rng, 1, 5, lambda: styled(rng, pick(WORDS)) + pick(CONTRACTIONS) + pick(["", " ", " ", "!"]))),
        (800, lambda: some(rng, 1, 6, lambda: pick(WORDS) + some(rng, 1, 3, lambda: pick(SPACES)))),
        (700, lambda: some(rng, 1, 6, lambda: pick(WORDS) + some(rng, 1, 12, lambda: pick(PUNCTUATION)))),
        (600, lambda: some(rng, 1, 6, lambda: pick(EMOJI) + pick(["", " ", pick(WORDS)]))),
        (500, lambda: some(rng, 1, 6, lambda: pick(WORDS)[: rng.randint(1, 9)] + pick(JOINERS))),
        (400, lambda: some(rng, 1, 5, lambda: pick(WORDS) + pick(["", " "]) + pick(ODD))),
        (400, lambda: some(rng, 1, 6, lambda: pick([START, END, "<|", "|>", "<|end", START[:-1], pick(WORDS), " ", "<"]))),
        (400, lambda: some(rng, 1, 4, lambda: str(rng.randint(0, 10**6)) + pick(["", "px", " x ", "%", "\u00b0C ", "'s "]))),
        (200, lambda: some(rng, 40, 160, lambda: pick(WORDS))),  # one very long word
        (200, lambda: some(rng, 30, 90, lambda: pick(WORDS) + " ")),  # beyond the limit
        *((270, lambda script=name: some(rng, 1, 14, lambda: character(rng, script))) for name in SCRIPTS),
    ]  # fmt: skip
    made = dict.fromkeys(PLAIN)
    for count, make in makers:
        for _ in range(count):
            made[make()] = None
    # What combines only next to another: every pair of one letter or mark and one mark of a few scripts.
    marks = "\u0300\u0301\u0327\u0308\u0323\u0338\u0345\u0591\u064e\u093c\u0e48\u302a\u1dfa\u1ab0\u3099\u11a8\u1161"
    for first in "aeoqIi\u0131\u00fc\u1e9b\u03c5\u0430\u0915\u304b\uac00\u1100" + marks:
        for second in marks:
            made[f"{first}{second}{pick(marks)}z"] = None
    return list(made)


def byte_symbols() -> list[str]:
    """The 256 bytes as CLIP's vocabulary spells and orders them."""
    printable = [b for b in range(256) if 0x21 <= b <= 0x7E or (b >= 0xA1 and b != 0xAD)]
    return [chr(b) for b in printable] + [chr(256 + k) for k in range(256 - len(printable))]


def published_tokenizer(merges: list[tuple[str, str]]) -> Tokenizer:
    """CLIP's tokenizer with its vocabulary in the configuration that Hugging Face gives it."""
    symbols = byte_symbols()
    pieces = [*symbols, *(s + "</w>" for s in symbols), *(a + b for a, b in merges), START, END]
    vocab = {piece: k for k, piece in enumerate(pieces)}
    tokenizer = Tokenizer(
        BPE(vocab=vocab, merges=merges, continuing_subword_prefix="", end_of_word_suffix="</w>", unk_token=END)
    )
    spaces = normalizers.Replace(Regex(r"\s+"), " ")
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), spaces, normalizers.Lowercase()])
    words = pre_tokenizers.Split(Regex(PATTERN), behavior="removed", invert=True)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([words, pre_tokenizers.ByteLevel(add_prefix_space=False)])
    tokenizer.add_special_tokens([AddedToken(token, normalized=True, special=True) for token in (START, END)])
    tokenizer.post_processor = processors.RobertaProcessing(
        sep=(END, vocab[END]), cls=(START, vocab[START]), add_prefix_space=False, trim_offsets=False
    )
    return tokenizer


def compress(path: Path, text: str) -> None:
    path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(f"{path}: {path.stat().st_size:,} bytes")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--merges", type=Path, help="bpe_simple_vocab_16e6.txt.gz, to make clip/merges.txt.gz again")
    args = parser.parse_args()
    if args.merges:
        lines = gzip.decompress(args.merges.read_bytes()).decode().split("\n")[1 : MERGES + 1]
        compress(CLIP / "merges.txt.gz", "\n".join(["#version: 0.2", *lines, ""]))
    lines = gzip.decompress((CLIP / "merges.txt.gz").read_bytes()).decode().splitlines()[1:]
    tokenizer = published_tokenizer([tuple(line.split(" ")) for line in lines])
    texts = prompts()
    whole = [e.ids for e in tokenizer.encode_batch(texts, add_special_tokens=False)]
    start, end = tokenizer.token_to_id(START), tokenizer.token_to_id(END)
    tokenizer.enable_truncation(LENGTH)
    tokenizer.enable_padding(length=LENGTH, pad_id=end, pad_token=END)
    # The rule the tests build whole rows with is the published tokenizer's.
    for ids, encoded in zip(whole, tokenizer.encode_batch(texts)):
        assert encoded.ids == ([start, *ids[: LENGTH - 2]] + [end] * LENGTH)[:LENGTH]
    rows = (json.dumps([text, ids], ensure_ascii=False, separators=(",", ":")) for text, ids in zip(texts, whole))
    compress(CLIP / "prompts.jsonl.gz", "\n".join([*rows, ""]))
    print(f"{len(texts):,} prompts, {sum(len(ids) > LENGTH - 2 for ids in whole):,} of them beyond {LENGTH} ids")


if __name__ == "__main__":
    main()
