"""`ldznet info` and `ldznet tokenize`."""

import json

import pytest
from conftest import MODEL, good


def test_tokenize(ldznet):
    (ids,) = [json.loads(line) for line in good(ldznet("tokenize", "a panda")).splitlines()]
    assert len(ids) == 77 and ids[-1] == ids[-2] and len(set(ids)) >= 4
    both = good(ldznet("tokenize", "-", stdin="a panda\nsky\n")).splitlines()
    assert json.loads(both[0]) == ids and json.loads(both[1]) != ids
    assert good(ldznet("tokenize", "A  Panda ")) == good(ldznet("tokenize", "a panda"))


def test_info(ldznet):
    text = good(ldznet("info"))
    assert "ldznet-mini" in text and "cpu" in text and "fp32" in text
    facts = json.loads(good(ldznet("info", "--json")))
    assert facts["bundle"]["name"] == "ldznet-mini" and facts["bundle"]["verified"] is True
    assert {"vae_encoder.pt", "text_encoder.pt", "unet.pt", "ldznet.pt"} <= set(facts["bundle"]["files"])
    assert "cpu" in facts["devices"] and "fp32" in facts["precisions"]
    assert json.loads(good(ldznet("info", MODEL, "--json")))["bundle"]["sha256"] == facts["bundle"]["sha256"]


def test_info_lists_what_the_bundle_knows(ldznet):
    names = dict(line.partition("\t")[::2] for line in good(ldznet("info", "--names")).splitlines())
    assert len(names) == 289 and names["dog"] == "dog face, puppy" and names["panda"] == ""
    facts = json.loads(good(ldznet("info", "--json")))["bundle"]
    assert facts["names"]["cat"] == ["cat face", "kitten"]
    assert facts["domain"] in good(ldznet("info"))


@pytest.mark.parametrize("command", [("info",), ("tokenize", "panda")], ids=lambda command: command[0])
def test_messages(ldznet, command):
    quiet, verbose = ldznet(*command, "--quiet"), ldznet(*command, "--verbose")
    assert good(quiet) == good(verbose) and quiet.stderr == b""
