"""Photographs and drawings together: packs, what is known of a photograph, and pictures composed of both."""

import json
from collections import Counter

import numpy as np
import pytest
import torch
from PIL import Image

from ldznet_training.scenes import compositor, packs, photographs
from ldznet_training.scenes.chance import Chance
from ldznet_training.scenes.compositor import Mix
from ldznet_training.scenes.elsewhere import names_elsewhere
from ldznet_training.scenes.sprites import SIDES, Sprites, load_sprites
from ldznet_training.scenes.vocabulary import canonical_name, vocabulary, vocabulary_of_both

LABELS = """label\tname\tsynonyms\tsource\tkind
12\tdog\tpuppy\tvoc\tthing
18\tsofa\tcouch\tvoc\tthing
13\thorse\t\tvoc\tthing
99\tfrobnicator\t\tvoc\tthing
172\tpanda\t\tobjects\tthing
"""
POSITION = {name: i for i, name in enumerate(vocabulary_of_both())}


def red_drawing() -> np.ndarray:
    """A red square with alpha, uint8 (160, 160, 4)."""
    rgba = np.zeros((160, 160, 4), np.uint8)
    rgba[20:140, 20:140] = (255, 0, 0, 255)
    return rgba


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """40 photographs: blue things of label 12, 18, 13, 99 or 172 on green ground, wider than high."""
    folder, lines = tmp_path_factory.mktemp("photographs"), []
    kinds = [
        ("voc", 12, "dog"),
        ("voc", 18, "sofa"),
        ("horses", 13, "horse"),
        ("voc", 99, "frobnicator"),
        ("objects", 172, "panda"),
    ]
    for index in range(40):
        source, label, name = kinds[index % 5]
        (folder / source).mkdir(exist_ok=True)
        pixels, labels = np.full((200, 300, 3), (0, 200, 0), np.uint8), np.zeros((200, 300), np.uint8)
        pixels[50:150, 60:240], labels[50:150, 60:240] = (0, 0, 255), label
        stem = f"{source}/{index:03}"
        Image.fromarray(pixels).save(folder / f"{stem}.jpg", quality=95)
        Image.fromarray(labels).save(folder / f"{stem}.png")
        record = {"source": source, "image": f"{stem}.jpg", "labels": f"{stem}.png", "names": [name]}
        lines.append(json.dumps({**record, **({"mask_score": 0.3 + index / 40} if source == "objects" else {})}))
    (folder / "photos.jsonl").write_text("\n".join(lines) + "\n")
    (folder / "labels.tsv").write_text(LABELS)
    return folder


@pytest.fixture(scope="module")
def photos(folder):
    return photographs.load(folder, square=64, least=1)


def test_a_pack_holds_what_the_folder_does(folder, tmp_path):
    photographs.pack(folder, tmp_path / "a.pack", side=100)
    photographs.pack(folder, tmp_path / "b.pack", side=100)
    assert (tmp_path / "a.pack").read_bytes() == (tmp_path / "b.pack").read_bytes()
    packed, plain = (photographs.load(p, square=64, least=1) for p in (tmp_path / "a.pack", folder))
    assert packed.index.records == plain.index.records and np.array_equal(packed.index.targets, plain.index.targets)
    assert np.allclose(packed.aspects, 1.5) and (packed.labels != plain.labels).mean() < 0.02
    assert np.abs(packed.images.astype(int) - plain.images).mean() < 6


def test_every_photograph_trains_or_validates(folder, photos):
    held_out = photographs.load(folder, square=16, held_out=True, least=1)
    names = [{r["image"] for r in part.index.records} for part in (photos, held_out)]
    assert not names[0] & names[1] and names[1]
    assert len(names[0] | names[1]) == 32  # without the eight of a name outside the vocabulary
    assert len(photographs.load(folder, square=16, least=1, most=5)) == 5


def test_sources_know_their_own_names_only(folder, photos):
    known = photos.index.known
    assert known == {"voc": {"dog", "couch", "horse"}, "objects": {"panda"}, "horses": {"horse"}}
    targets = photos.index.targets
    assert targets[12] == POSITION["dog"] + 1 and targets[18] == POSITION["couch"] + 1
    assert targets[0] == 0 and targets[99] == targets[255] == targets[200] == -1
    count = Counter(name for names in photos.index.names for name in names)
    most = max(count.values())
    rare = photographs.load(folder, square=16, least=most).index
    assert set().union(*rare.known.values()) == {name for name in count if count[name] == most} != set(count)


def test_a_bad_mask_is_ignored(photos):
    for row, record in enumerate(photos.index.records):
        assert (photos.labels[row] == 255).all() == (record.get("mask_score", 1) < photographs.WORST_MASK)


def test_both_worlds_share_names():
    drawn, both = vocabulary(), vocabulary_of_both()
    assert list(both)[: len(drawn)] == list(drawn) and len(both) > len(drawn)
    assert canonical_name("aeroplane") == "plane" and canonical_name("sofa") == "couch"
    assert canonical_name("jeans") == "jeans" and "jeans" not in both["trousers"].synonyms
    assert canonical_name("frobnicator") is None


def test_drawings_travel_in_a_pack(tmp_path):
    np.savez_compressed(tmp_path / "noto.npz", rgba=red_drawing()[None], names=np.array(["gift"]))
    packs.pack_drawings(tmp_path / "d.pack", ("noto",), tmp_path)
    gift = packs.load_drawings(tmp_path / "d.pack")["noto"]["gift"]
    assert gift.shape == (160, 160, 4) and np.array_equal(gift[..., 3] > 127, red_drawing()[..., 3] > 127)
    with pytest.raises(ValueError, match="kept for testing"):
        packs.pack_drawings(tmp_path / "e.pack", ("twemoji",), tmp_path)


@pytest.fixture(scope="module")
def composed(photos):
    drawings = {"noto": {"gift": red_drawing(), "dog": red_drawing()}, "fluent-3d": {"key": red_drawing()}}
    sprites = Sprites(*load_sprites(drawings, photos))
    return compositor.Compositor(sprites, compositor.paint_grounds(6, 64, seed=3), photos)


def test_photographs_of_one_thing_are_cut_out(composed, photos):
    sprites = composed.sprites
    cut = {list(POSITION)[i] for i in sprites.names[~sprites.drawn].tolist()}
    assert cut == {"panda", "horse"}
    piece = sprites.levels[0][(~sprites.drawn).nonzero()[0, 0]].float()
    assert piece.shape == (4, SIDES[0], SIDES[0])
    box = (piece[3] > 127).nonzero()
    height, width = (box.max(0).values - box.min(0).values + 1).tolist()
    assert width / height == pytest.approx(180 / 100, rel=0.05)  # not squeezed any more
    inside = piece[:3, piece[3] > 250].mean(1)
    assert inside[2] > 200 and inside[:2].max() < 60


@pytest.mark.parametrize("mix", [Mix(), Mix(1, 0, 0, 0), Mix(0, 1, 0, 0), compositor.DRAWN])
def test_the_same_seed_gives_the_same_pictures(composed, mix):
    one, two, other = (composed.batch(8, Chance([5, seed]), 48, 64, mix) for seed in (1, 1, 2))
    assert torch.equal(one.images, two.images) and torch.equal(one.labels, two.labels)
    assert not torch.equal(one.images, other.images)
    assert one.images.shape == (8, 3, 48, 64) and one.images.abs().max() <= 1
    assert one.labels.min() >= -1 and one.labels.max() <= len(POSITION)


def test_labels_are_among_the_known_names(composed):
    pictures = composed.batch(64, Chance([1]), 64, 64, Mix(0.3, 0.3, 0.2, 0.2))
    assert (pictures.present() & ~pictures.known).sum() == 0
    assert pictures.known[pictures.kinds >= compositor.PAINTED].all()
    photographed = pictures.known[pictures.kinds == compositor.PHOTOGRAPH]
    assert photographed.sum(1).max() <= 3 and not photographed[:, POSITION["grass"]].any()
    # a source may show, unlabelled, what another one labels
    pasted = pictures.known[pictures.kinds == compositor.PASTED]
    assert not (pasted[:, POSITION["panda"]] & pasted[:, POSITION["couch"]]).any()


def test_names_that_are_hardly_ever_there_are_absent(photos):
    assert names_elsewhere("of another set") == frozenset()
    for source in ("voc", "camvid", "objects"):
        elsewhere = names_elsewhere(source)
        assert "unicorn" in elsewhere and not {"person", "tree", "cup", "grass"} & elsewhere
    sprites = Sprites(*load_sprites({"noto": {"gift": red_drawing()}}, photos))
    worlds = [
        compositor.Compositor(sprites, compositor.paint_grounds(2, 64, seed=3), photos, elsewhere=elsewhere)
        for elsewhere in (False, True)
    ]
    unicorn = [w.known[w.sources.index("voc"), POSITION["unicorn"]].item() for w in worlds]
    assert unicorn == [False, True]
    assert all(not w.known[w.sources.index("voc"), POSITION["tree"]] for w in worlds)


def test_every_source_has_its_share(composed):
    names = composed.size
    share = composed.weights.view(len(composed.sources), names).sum(1)
    sizes = torch.bincount(composed.source_of).float() ** compositor.SOURCE_POWER
    assert torch.allclose(share / share.sum(), sizes / sizes.sum())


def test_a_label_covers_its_drawing(composed):
    pictures = composed.batch(48, Chance([2]), 96, 96, compositor.DRAWN, masked=True)
    red = pictures.images[:, 0] - pictures.images[:, 1:].amax(1)
    gift = POSITION["gift"] + 1
    shown = [row for row in range(48) if (pictures.labels[row] == gift).sum() > 200]
    gray = [row for row in shown if red[row].abs().max() < 0.2]
    right = [row for row in shown if red[row][pictures.labels[row] == gift].median() > 0.25]
    assert len(shown) > 10 and len(right) + len(gray) >= 0.9 * len(shown)


def test_only_styles_with_masks_are_pasted_on_request(composed):
    key = POSITION["key"]
    assert not any(
        composed.batch(32, Chance([s]), 32, 32, compositor.DRAWN, masked=True).present()[:, key].any() for s in range(3)
    )
    assert any(composed.batch(32, Chance([s]), 32, 32, compositor.DRAWN).present()[:, key].any() for s in range(3))


def test_a_photograph_keeps_its_proportions(composed, photos):
    rows = torch.arange(len(photos))
    theta = compositor.crops(Chance([4]), composed.aspects[rows], 64, 64, least=0.4)
    # in the photograph's own proportions, a square crop is square within the allowed quarter
    width, height = theta[:, 0, 0].abs() * composed.aspects[rows], theta[:, 1, 1]
    assert ((width / height).log().abs() < np.log(1.26)).all()
    assert (theta[:, :, 2].abs() + torch.stack([theta[:, 0, 0].abs(), theta[:, 1, 1]], 1) < 1 + 1e-5).all()
