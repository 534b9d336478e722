"""The scene generator: reproducible, with exact labels, and without the styles that are kept for testing."""

import json

import numpy as np
import pytest

from ldznet_training.scenes import backgrounds, drawings, placement, scenes, textures
from ldznet_training.scenes.cache import make_cache
from ldznet_training.scenes.names import absent_name
from ldznet_training.scenes.vocabulary import vocabulary

NAMES = ("cat", "pizza", "car", "guitar", "bell", "rose", "key", "tent")


def blob(index: int) -> np.ndarray:
    """A plain drawing of its own colour and shape, uint8 (160, 160, 4)."""
    rows, columns = np.mgrid[-1:1:160j, -1:1:160j]
    rgba = np.zeros((160, 160, 4), np.uint8)
    rgba[..., :3] = np.random.default_rng(index).integers(0, 256, 3)
    rgba[np.abs(rows) ** (1 + index % 3) + np.abs(columns) < 0.95, 3] = 255
    return rgba


@pytest.fixture(scope="module")
def art() -> placement.Drawings:
    return placement.Drawings({"noto": {name: blob(i) for i, name in enumerate(NAMES)}})


def scene_of(art, index: int, **options) -> scenes.Scene:
    return scenes.make_scene(np.random.default_rng([11, index]), art, **{"size": 96, **options})


def test_same_seed_same_scene(art):
    one, two, other = scene_of(art, 0), scene_of(art, 0), scene_of(art, 1)
    assert np.array_equal(one.image, two.image) and np.array_equal(one.labels, two.labels)
    assert one.entities == two.entities
    assert not np.array_equal(one.image, other.image)


def test_labels_and_entities_name_the_same_things(art):
    for index in range(60):
        scene = scene_of(art, index)
        assert scene.image.shape == (96, 96, 3) and scene.image.dtype == scene.labels.dtype == np.uint8
        used = set(np.unique(scene.labels).tolist()) - {0}
        assert used == set(range(1, len(scene.entities) + 1))
        assert len(set(scene.entities)) == len(scene.entities)
        assert "thing" in {kind for _, kind in scene.entities}
        for name, kind in scene.entities:
            assert vocabulary()[name].kind == kind


def test_a_label_covers_exactly_its_drawing():
    red = np.zeros((160, 160, 4), np.uint8)
    red[10:150, 10:150] = (255, 0, 0, 255)
    art = placement.Drawings({"noto": {"gift": red}})
    seen = 0
    for index in range(20):
        scene = scene_of(art, index, augment=False)
        label = scene.entities.index(("gift", "thing")) + 1
        inside = scene.image[scene.labels == label].astype(int)
        seen += int(np.median(inside[:, 0] - inside[:, 1]) > 60)
    assert seen == 20  # recoloured, but always red


def test_every_object_stays_visible():
    rng = np.random.default_rng(3)
    canvas = placement.Canvas(np.zeros((96, 96, 3), np.float32), np.zeros((96, 96), np.uint8))
    patch = np.ones((40, 40, 4), np.float32)
    placed = sum(canvas.place(rng, patch, k + 1) for k in range(12))
    assert 1 <= placed < 12
    assert canvas.shown == [int((canvas.labels == k).sum()) for k in np.unique(canvas.labels)[1:]]
    assert all(shown >= placement.VISIBLE * 1600 for shown in canvas.shown)


def test_scenes_need_not_be_square(art):
    scene = scene_of(art, 5, height=64, width=120)
    assert scene.image.shape == (64, 120, 3) and scene.labels.shape == (64, 120)


@pytest.mark.parametrize("hard", [True, False])
def test_absent_names_are_absent(art, hard):
    rng = np.random.default_rng(0)
    for index in range(30):
        scene = scene_of(art, index)
        name = absent_name(scene.entities, rng, hard)
        assert name in vocabulary()
        assert name not in {present for present, _ in scene.entities}


def test_every_stuff_has_sheets_that_differ_and_are_not_flat():
    stuff = {word.name for word in vocabulary().values() if word.kind == "stuff"}
    assert stuff == set(textures.PAINTERS) == set(backgrounds.STUFF)
    for name in stuff:
        one, two = textures.sheet(name, 0), textures.sheet(name, 1)
        assert one.shape == (textures.SIDE, textures.SIDE, 3) and one.dtype == np.uint8
        assert one.std((0, 1)).max() > 4 and not np.array_equal(one, two)


@pytest.mark.parametrize("style", drawings.TEST_ONLY)
def test_styles_kept_for_testing_never_enter_a_training_cache(style, tmp_path):
    assert style not in drawings.HEAD_STYLES and style not in drawings.LDM_STYLES
    with pytest.raises(ValueError, match="kept for testing"):
        placement.Drawings.load(["noto", style], folder=tmp_path)
    kept = placement.Drawings({style: {"cat": blob(0)}})
    with pytest.raises(ValueError, match="kept for testing"):
        make_cache(tmp_path / "cache", kept, count=1, seed=0, size=64)
    assert not (tmp_path / "cache").exists()
    make_cache(tmp_path / "cache", kept, count=1, seed=0, size=64, test=True)
    assert json.loads((tmp_path / "cache" / "meta.json").read_text())["test"] is True


def test_a_cache_does_not_depend_on_the_number_of_workers(art, tmp_path):
    make_cache(tmp_path, art, count=6, seed=11, size=96, workers=2)
    images, labels = (np.load(tmp_path / f"{n}.npy", mmap_mode="r") for n in ("images", "labels"))
    meta = json.loads((tmp_path / "meta.json").read_text())
    assert images.shape == (6, 96, 96, 3) and labels.shape == (6, 96, 96) and meta["test"] is False
    for index in range(6):
        scene = scene_of(art, index)
        assert np.array_equal(images[index], scene.image) and np.array_equal(labels[index], scene.labels)
        assert meta["scenes"][index] == {"style": "noto", "entities": [list(e) for e in scene.entities]}


def test_a_name_that_is_true_of_an_entity_is_never_absent():
    rng = np.random.default_rng(0)
    there = [["pine tree", "thing"], ["taxi", "thing"], ["tropical fish", "thing"], ["sunset", "stuff"]]
    asked = {absent_name(there, rng, hard=bool(i % 2)) for i in range(2000)}
    assert not asked & {"tree", "pine tree", "car", "taxi", "fish", "tropical fish", "sky", "sunset"}
    assert {"palm tree", "truck", "night sky"} <= asked
