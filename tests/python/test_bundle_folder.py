"""The folder of a bundle: it appears whole or not at all, and nothing foreign in it is lost."""

import json

import pytest
from published_pair import listing

from ldznet_training.bundle_folder import new_bundle
from ldznet_training.errors import OutputError


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
