"""Files of a bundle that had the right sha256 are remembered, and not hashed again until they change."""

import json
import os
import shutil
import subprocess
import time

import pytest
from conftest import MODEL, failed, good

FILE = "unet.pt"
OLD = 3.1  # seconds after which a file may be remembered
RELIABLE = ("ext2/ext3", "xfs", "btrfs", "overlayfs", "f2fs", "zfs")  # file systems, as stat calls them


@pytest.fixture
def program(ldznet, zoo):
    """The program with a memory of its own, and a bundle that it remembers."""
    ldznet.env["XDG_CACHE_HOME"] = str(ldznet.folder / "cache")
    shutil.copytree(MODEL, ldznet.folder / "bundle")
    system = subprocess.run(["stat", "-f", "-c", "%T", ldznet.folder], capture_output=True, text=True, check=True)
    if system.stdout.strip() not in RELIABLE:
        pytest.skip("the temporary folder is on a network or in memory")
    time.sleep(OLD)
    good(segment(ldznet))
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


def remember(program, file):
    """Makes the entry of a file that had the sha256 in its manifest, as only its user can."""
    status, manifest = file.stat(), json.loads((file.parent / "model.json").read_text())
    times = (f"{time // 10**9}.{time % 10**9}" for time in (status.st_mtime_ns, status.st_ctime_ns))
    text = f"1 {status.st_size} {' '.join(times)} {manifest['files'][file.name]['sha256']}\n"
    (program.folder / "cache" / "ldznet" / "verified" / f"{status.st_dev}-{status.st_ino}").write_text(text)


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


@pytest.mark.parametrize("check", ["--verify", "LDZNET_VERIFY", "info"])
def test_damage_that_nobody_noticed_is_found_by_hashing_and_then_known(program, check):
    file = program.folder / "bundle" / FILE
    change_byte_in_place(file)
    time.sleep(OLD)
    remember(program, file)  # as if the disk had changed it
    good(segment(program))
    if check == "info":
        failed(program("info", "bundle"), 78, FILE, "sha256")
    elif check == "--verify":
        failed(segment(program, "--verify"), 78, FILE, "sha256")
    else:
        failed(program("segment", "zoo/a.png", "-p", "panda", "-m", "bundle", "--json", env={check: "1"}), 78, FILE)
    failed(segment(program), 78, FILE, "sha256")


def test_verify_remembers_nothing_new(program):
    shutil.rmtree(program.folder / "cache")
    good(segment(program, "--verify"))
    assert entries(program) == {}


def test_a_cache_that_cannot_be_written_is_no_error(program):
    shutil.rmtree(program.folder / "cache" / "ldznet")
    (program.folder / "cache" / "ldznet").write_text("a file in the folder's place")
    good(segment(program))
