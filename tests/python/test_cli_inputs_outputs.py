"""Which files `ldznet segment` reads, and the names of those it writes."""

import io
import os
import subprocess

import pytest
from conftest import failed, good, lines_of, pixels
from PIL import Image


def test_single_output_file(ldznet, zoo):
    assert "\tsky.png\n" in good(ldznet("segment", "zoo/a.png", "-p", "sky", "-o", "sky.png"))
    assert pixels(ldznet.folder / "sky.png").shape == (48, 64)
    good(ldznet("segment", "zoo/a.png", "-p", "sky|grass", "-s", "labels", "-o", "all.png"))
    assert ldznet.files() == ["all.png", "sky.png", "zoo/a.png", "zoo/b.jpg", "zoo/deep/c.png"]


def test_names_in_scripts_without_a_font_are_boxes_with_one_warning(ldznet, zoo, tmp_path):
    fonts = '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>{}</dir></fontconfig>'
    (tmp_path / "fonts.conf").write_text(fonts.format(tmp_path / "none"))
    command = ["segment", "zoo", "-p", "panda|<b>熊猫</b>", "-s", "labels", "-o", "out"]
    result = ldznet(*command, env={"FONTCONFIG_FILE": str(tmp_path / "fonts.conf")})
    said = result.stderr.decode()
    assert result.returncode == 0 and said.count("no installed font") == 1 and "fonts-noto" in said
    for name in ("a.png", "b.jpg"):
        legend = pixels(tmp_path / f"out/zoo/{name}.labels.png")[48:]
        assert (legend.max(axis=2) < 100).any()


def test_stdin_and_stdout(ldznet, zoo):
    result = ldznet("segment", "-", "-p", "sky", "-o", "-", stdin=(zoo / "a.png").read_bytes())
    assert result.returncode == 0
    assert Image.open(io.BytesIO(result.stdout)).size == (64, 48)
    lines = lines_of(good(ldznet("segment", "-", "-p", "sky", "--json", stdin=(zoo / "a.png").read_bytes())))
    assert lines[0]["image"] == "-"
    good(ldznet("segment", "-", "-p", "sky", stdin=(zoo / "a.png").read_bytes()))
    assert ldznet.files("ldznet-out") == ["stdin.sky.mask.png"]


def test_a_terminal_gets_no_png(ldznet, zoo):
    terminal, end = os.openpty()
    run = ldznet.start("segment", "zoo/a.png", "-p", "sky", "-o", "-", stdout=end, stderr=subprocess.PIPE)
    said = run.communicate(timeout=60)[1]
    os.close(end)
    os.close(terminal)
    assert run.returncode == 64 and b"> mask.png" in said


def test_folders_lists_and_prompt_files(ldznet, zoo):
    (ldznet.folder / "prompts.txt").write_text("panda\n\n  sky \r\npanda\n")
    (ldznet.folder / "pictures.txt").write_text("zoo/a.png\n\nzoo/deep\n")
    rows = good(ldznet("segment", "--list", "pictures.txt", "--prompts-file", "prompts.txt", "--dry-run")).splitlines()
    assert [row.split("\t")[:2] for row in rows] == [
        [f"zoo/{n}", p] for n in ("a.png", "deep/c.png") for p in ("panda", "sky")
    ]
    named = good(ldznet("segment", "--list", "-", "-p", "x", "--dry-run", stdin="zoo/deep\nzoo/b.jpg")).splitlines()
    assert [row.split("\t")[0] for row in named] == ["zoo/deep/c.png", "zoo/b.jpg"]
    found = good(ldznet("segment", "--list", "-", "-p", "x", "--dry-run", stdin=b"zoo/deep\0zoo/b.jpg\0")).splitlines()
    assert found == named  # as `find -print0` writes it
    (zoo / "notes.txt").write_text("no picture")
    (zoo / ".hidden.png").write_bytes((zoo / "a.png").read_bytes())
    (zoo / "nosuffix").write_bytes((zoo / "a.png").read_bytes())
    flat = good(ldznet("segment", "zoo", "-p", "x", "--dry-run", "--list", "-", stdin="")).splitlines()
    assert [row.split("\t")[0] for row in flat] == ["zoo/a.png", "zoo/b.jpg", "zoo/nosuffix"]
    deep = good(ldznet("segment", "zoo", "-p", "x", "-n", "--recursive")).splitlines()
    assert [row.split("\t")[0] for row in deep] == ["zoo/a.png", "zoo/b.jpg", "zoo/deep/c.png", "zoo/nosuffix"]
    assert ldznet.files() == sorted(["pictures.txt", "prompts.txt", "zoo/.hidden.png", "zoo/a.png", "zoo/b.jpg", "zoo/deep/c.png",
                                     "zoo/nosuffix", "zoo/notes.txt"])  # fmt: skip


def test_a_folder_run_says_what_it_left_out_and_passes_over_its_own_files(ldznet, zoo):
    (zoo / "notes.txt").write_text("P5 is the fifth point.\n")
    (zoo / "photo.nef").write_bytes(b"II*\0\x08\0\0\0\0\0\0\0")
    (zoo / "deep" / "round").symlink_to("..")
    first = ldznet("segment", "zoo", "-r", "-p", "sky", "-o", "zoo")
    assert first.stderr.decode().splitlines()[0].endswith("2 files skipped: 1 x raw photograph, 1 x text")
    outputs = sorted(row.split("\t")[4] for row in good(first).splitlines())
    assert outputs == [f"zoo/zoo/{n}.sky.mask.png" for n in ("a.png", "b.jpg", "deep/c.png")]
    again = ldznet("segment", "--list", "-", "-r", "-p", "sky", "-o", "new", "-n", "-v", stdin="zoo\n")
    assert [row.split("\t")[0] for row in good(again).splitlines()] == ["zoo/a.png", "zoo/b.jpg", "zoo/deep/c.png"]
    text = again.stderr.decode()
    assert "5 files skipped: 3 x output of ldznet, 1 x raw photograph, 1 x text\n" in text
    assert "skipped zoo/notes.txt: text\n" in text and f"skipped {outputs[0]}: output of ldznet\n" in text
    flat = ldznet("segment", "zoo", "-p", "sky", "-n").stderr.decode()
    assert "ldznet: info: 2 folders not read: --recursive reads them\n" in flat  # deep and zoo/zoo
    assert "not read" not in text
    assert ldznet("segment", "zoo", "-p", "sky", "-n", "-q").stderr == b""
    none = ldznet("segment", "zoo/zoo/deep", "-p", "sky")
    failed(none, 66, "there is no picture in zoo/zoo/deep", "named one by one")
    assert good(ldznet("segment", outputs[0], "-p", "sky", "-n"))


def test_folder_trees_are_kept(ldznet, zoo):
    good(ldznet("segment", "zoo", "--recursive", "-p", "red panda", "-o", "out"))
    assert ldznet.files("out") == [f"zoo/{n}.red-panda.mask.png" for n in ("a.png", "b.jpg", "deep/c.png")]


@pytest.mark.parametrize("output", ["new/", "./new//", "new/."])
def test_trailing_slashes_of_the_output_folder_are_ignored(ldznet, zoo, output):
    good(ldznet("segment", "zoo/a.png", "-p", "panda", "-o", output))
    assert ldznet.files("new") == ["zoo/a.png.panda.mask.png"]


def test_the_suffix_of_a_single_file_may_be_in_capitals(ldznet, zoo):
    good(ldznet("segment", "zoo/a.png", "-p", "panda", "-o", "MASK.PNG"))
    assert Image.open(ldznet.folder / "MASK.PNG").size == (64, 48)


@pytest.mark.parametrize(
    "prompt", ["../../evil", "/etc/passwd", "a/b", ".", "..", "-rf", "a\\b", "\x1b[31m", "🐼", "a" * 5000, "con\tfetti"]
)
def test_no_prompt_leads_out_of_the_output_folder(ldznet, zoo, prompt):
    good(ldznet("segment", "zoo/a.png", "-p", prompt, "-o", "out/here"))
    (written,) = ldznet.files("out/here")
    assert written.startswith("zoo/a.png.") and written.endswith(".mask.png")
    assert set(ldznet.files()) == {f"out/here/{written}", "zoo/a.png", "zoo/b.jpg", "zoo/deep/c.png"}


def test_existing_files_are_an_error_before_any_work(ldznet, zoo):
    good(ldznet("segment", "zoo/b.jpg", "-p", "sky"))
    before = (ldznet.folder / "ldznet-out/zoo/b.jpg.sky.mask.png").stat().st_mtime_ns
    result = ldznet("segment", "zoo/a.png", "zoo/b.jpg", "-p", "sky")
    assert result.returncode == 73 and b"--overwrite" in result.stderr and result.stdout == b""
    assert ldznet.files("ldznet-out") == ["zoo/b.jpg.sky.mask.png"]
    good(ldznet("segment", "zoo/a.png", "zoo/b.jpg", "-p", "sky", "--overwrite"))
    assert (ldznet.folder / "ldznet-out/zoo/b.jpg.sky.mask.png").stat().st_mtime_ns != before
