"""Files of a bundle that had the right sha256 are remembered, and not hashed again until they change."""

import json
import os
import shutil
import time

import pytest
from conftest import MODEL, failed, good

FILE = "unet.pt"
SETTLED = 2.1  # seconds after which a file is old enough to be remembered


@pytest.fixture
def program(ldznet, zoo):
    """The program with a memory of its own, and a bundle that it remembers."""
    ldznet.env["XDG_CACHE_HOME"] = str(ldznet.folder / "cache")
    shutil.copytree(MODEL, ldznet.folder / "bundle")
    time.sleep(SETTLED)
    good(segment(ldznet))
    if not entries(ldznet):
        pytest.skip("the temporary folder is on a network or in memory")
    return ldznet


def segment(program, *options):
    return program("segment", "zoo/a.png", "-p", "panda", "-m", "bundle", "--json", *options)


def entries(program) -> dict[str, str]:
    folder = program.folder / "cache" / "ldznet" / "verified"
    return {path.name: path.read_text() for path in folder.glob("*")}


def change_byte_in_place(file):
    """Changes a byte, keeps the size and sets the time of the change back."""
    before = file.stat()
    with file.open("r+b") as opened:
        opened.seek(before.st_size // 2)
        byte = opened.read(1)
        opened.seek(before.st_size // 2)
        opened.write(bytes([byte[0] ^ 1]))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def entry_of(file) -> tuple[str, str]:
    """Name and text of what would be remembered about a file if it had the sha256 in its manifest."""
    status, manifest = file.stat(), json.loads((file.parent / "model.json").read_text())
    sha256 = manifest["files"][file.name]["sha256"]
    text = f"{status.st_size} {status.st_mtime_ns} {status.st_ctime_ns} {sha256}\n"
    return f"{status.st_dev}-{status.st_ino}", text


def test_a_known_bundle_gives_the_same_masks(program):
    before = entries(program)
    assert len(before) == 4  # the networks
    first, second = good(segment(program)), good(segment(program, "--verify"))
    results = [text[text.index('"results"') :] for text in (first, second)]
    assert results[0] == results[1]
    assert entries(program) == before


@pytest.mark.parametrize("change", ["in place", "replaced"])
def test_a_changed_file_is_noticed_whatever_its_times_say(program, change):
    file = program.folder / "bundle" / FILE
    if change == "replaced":
        shutil.copy2(file, program.folder / "new")
        change_byte_in_place(program.folder / "new")
        os.replace(program.folder / "new", file)
    else:
        change_byte_in_place(file)
    failed(segment(program), 78, FILE, "sha256")


def test_verify_hashes_known_files(program):
    file = program.folder / "bundle" / FILE
    change_byte_in_place(file)
    name, text = entry_of(file)
    (program.folder / "cache" / "ldznet" / "verified" / name).write_text(text)  # only its user can do this
    assert b"sha256" not in segment(program).stderr
    failed(segment(program, "--verify"), 78, FILE, "sha256")
    program.env["LDZNET_VERIFY"] = "1"
    failed(segment(program), 78, FILE, "sha256")


def test_fresh_files_are_not_remembered(ldznet, zoo):
    ldznet.env["XDG_CACHE_HOME"] = str(ldznet.folder / "cache")
    shutil.copytree(MODEL, ldznet.folder / "bundle")
    good(segment(ldznet))
    assert not (ldznet.folder / "cache").exists()


def test_a_home_that_cannot_be_written_is_no_error(ldznet, zoo):
    ldznet.env["XDG_CACHE_HOME"] = "/proc/none"
    good(ldznet("segment", "zoo/a.png", "-p", "panda", "--json"))
