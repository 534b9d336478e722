"""The tokenizer of a bundle from vocab.json and merges.txt or from tokenizer.json."""

import json

import pytest

from ldznet_training.checkpoints.tokenizer_files import TokenizerFiles
from ldznet_training.errors import CheckpointError, MissingInputError


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
