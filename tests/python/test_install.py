"""What `cmake --install` and `cpack` give a stranger: program, library, Python client; the clone is hidden from them."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import BINARY, ROOT
from PIL import Image

EMBED = ROOT / "examples/embed"
PLAIN = {"PATH": "/usr/bin:/bin"}  # the environment of someone who has not built anything
TORCH = "ldznet-libtorch"  # the folder of LibTorch's libraries, beside libldznet.so


def run(*command, **options) -> str:
    result = subprocess.run([*map(str, command)], capture_output=True, text=True, **options)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def hiding_command() -> list[str]:
    """The start of a command that sees an empty folder where the clone is; empty if this machine does not allow that."""
    hide = ["bash", "-c", 'mount -t tmpfs none "$0" && exec "$@"', str(ROOT)]
    for unshare in (["unshare", "--mount"], ["unshare", "--mount", "--map-root-user"]):
        command = [*unshare, *hide]
        probe = subprocess.run([*command, "test", "!", "-e", str(ROOT / "LICENSE")], capture_output=True, cwd="/")
        if probe.returncode == 0:
            return command
    return []


HIDING = hiding_command()


def test_strangers_do_not_see_the_clone():
    if not HIDING:
        pytest.skip("no process may hide a folder on this machine: the other tests can see the clone")
    run(*HIDING, "test", "!", "-e", ROOT / "LICENSE", cwd="/")


def run_as_stranger(*command, **options) -> str:
    return run(*HIDING, *command, env=PLAIN | options.pop("env", {}), **options)


def install(prefix, *options):
    run("cmake", "--install", BINARY.parent, "--prefix", prefix, *options)


@pytest.fixture(scope="module")
def prefix(tmp_path_factory):
    """An install tree with LibTorch, moved after the installation."""
    first = tmp_path_factory.mktemp("install") / "usr"
    install(first)
    link = first / "lib" / TORCH
    assert (link / "libtorch.so").is_file() and link.is_symlink(), "by default the LibTorch of the build is used"
    before = sorted(link.resolve().iterdir())
    install(first, "--component", "libtorch")
    assert sorted((BINARY.parent / TORCH).resolve().iterdir()) == before, "written through the link"
    return first.rename(tmp_path_factory.mktemp("moved") / "usr")


@pytest.fixture(scope="module")
def stranger(tmp_path_factory):
    """A stranger's folder: a picture, the example's sources and a Python with numpy and the client."""
    folder = tmp_path_factory.mktemp("stranger")
    shutil.copy(ROOT / "examples/zoo.png", folder)
    shutil.copytree(EMBED, folder / "embed")
    shutil.copytree(ROOT / "python/src/ldznet", folder / "python/ldznet")
    site = Path(np.__file__).parents[1]
    for package in ("numpy", "numpy.libs"):
        shutil.copytree(site / package, folder / "python" / package, ignore=shutil.ignore_patterns("tests"))
    return folder


@pytest.fixture(scope="module")
def mask(prefix, stranger):
    """The mask that the installed program writes."""
    run_as_stranger(prefix / "bin/ldznet", "segment", "zoo.png", "-p", "panda", "-o", "panda.png", cwd=stranger)
    return np.asarray(Image.open(stranger / "panda.png"))


def test_an_installed_program_finds_its_library_and_its_model(prefix, mask, stranger):
    told = run_as_stranger(prefix / "bin/ldznet", "info", cwd=stranger)
    assert f"{prefix}/share/ldznet/models/ldznet-mini" in told
    assert 0 < mask.mean() < 255


CLIENT = """
import pathlib, ldznet
with ldznet.Worker() as worker:
    print(int(worker.segment("zoo.png", "panda")["panda"].mask.sum()))
    print(pathlib.Path(f"/proc/{worker._process._popen.pid}/maps").read_text())
"""


def test_the_python_client_uses_the_installed_program(prefix, mask, stranger):
    env = {"PYTHONPATH": str(stranger / "python"), "PATH": f"{prefix}/bin:/usr/bin:/bin"}
    python = Path(sys._base_executable).resolve()
    area, maps = run_as_stranger(python, "-c", CLIENT, cwd=stranger, env=env).split("\n", 1)
    assert int(area) == (mask > 0).sum()
    mapped = set(re.findall(r"(/\S+\.so[.\d]*)$", maps, re.M))
    assert {str(prefix / "lib" / TORCH / name) for name in ("libtorch_cpu.so", "libc10.so")} <= mapped
    assert [file for file in mapped if Path(file).is_relative_to(ROOT)] == []


def elf_files(folder):
    for file in folder.iterdir():
        if file.is_file() and not file.is_symlink() and file.open("rb").read(4) == b"\x7fELF":
            yield file


def test_no_binary_looks_for_libraries_in_other_folders(prefix):
    """An empty or relative element would be the working folder; a folder of the build may be anybody's elsewhere."""
    files = [f for p in (BINARY.parent, prefix / "bin", prefix / "lib", prefix / "lib" / TORCH) for f in elf_files(p)]
    assert {"ldznet", "ldznet_tests", "libtorch_cpu.so"} <= {file.name for file in files}
    for file in files:
        found = re.search(r"\(R(?:UN)?PATH\).*\[(.*)\]", run("readelf", "-d", file))
        folders = found[1].split(":") if found else []
        assert [f for f in folders if not re.fullmatch(r"\$ORIGIN(/[\w-]+)?", f)] == [], file


def test_the_library_has_a_soname(prefix):
    soname = re.search(r"SONAME.*\[(.*)\]", run("readelf", "-d", prefix / "lib/libldznet.so"))[1]
    assert re.fullmatch(r"libldznet\.so\.\d+\.\d+", soname) and (prefix / "lib" / soname).is_file()


def test_texts_are_installed(prefix):
    share, build = prefix / "share", BINARY.parent
    for installed, source in {
        "doc/ldznet/LICENSE": ROOT / "LICENSE",
        "doc/ldznet/NOTICE": ROOT / "NOTICE",
        "doc/ldznet/ldznet-1.schema.json": ROOT / "docs/ldznet-1.schema.json",
        "man/man1/ldznet.1": build / "ldznet.1",
        "bash-completion/completions/ldznet": build / "ldznet.bash",
        "zsh/site-functions/_ldznet": build / "_ldznet",
        "fish/vendor_completions.d/ldznet.fish": build / "ldznet.fish",
    }.items():
        assert (share / installed).read_bytes() == source.read_bytes()
    assert (share / "doc/ldznet/LICENSE.libtorch").is_file()
    texts = [file for folder in ("lib/cmake", "lib/pkgconfig", "share/man") for file in (prefix / folder).rglob("*.*")]
    assert [file for file in texts if file.is_file() and str(ROOT) in file.read_text()] == []


def test_a_missing_libtorch_is_named(prefix, tmp_path):
    """Exit code 78, the folder that was searched, and what to do, which then works."""
    for file in ("bin/ldznet", "lib/libldznet.so.0.1"):
        (tmp_path / file).parent.mkdir()
        shutil.copy(prefix / file, tmp_path / file)
    program, link = tmp_path / "bin/ldznet", tmp_path / "lib" / TORCH
    for target, words in ((None, "which does not exist"), ("/nowhere/lib", "a link to /nowhere/lib, which does not")):
        if target:
            link.symlink_to(target)
        result = subprocess.run([program, "--version", "-v"], capture_output=True, text=True, env=PLAIN)
        assert result.returncode == 78 and str(link) in result.stderr and words in result.stderr
        assert re.search(r"LibTorch \d+\.\d+", result.stderr) and "LD_LIBRARY_PATH" in result.stderr
    link.unlink()
    link.symlink_to(prefix / "lib" / TORCH)
    told = run(program, "--version", "-v", env=PLAIN)
    assert all(re.search(rf"^{name} +\d+\.\d+", told, re.M) for name in ("ldznet", "LibTorch", "OpenCV", "libvips"))
    assert re.search("^CPU +.", told, re.M) and "bundle" not in told


def with_cmake(prefix, source, folder):
    run("cmake", "-S", source, "-B", folder, f"-DCMAKE_PREFIX_PATH={prefix}", "-DCMAKE_BUILD_TYPE=Debug")
    run("cmake", "--build", folder)


def with_pkg_config(prefix, source, folder):
    env = {**os.environ, "PKG_CONFIG_PATH": str(prefix / "lib/pkgconfig")}
    flags = shlex.split(run("pkg-config", "--cflags", "--libs", "ldznet", env=env))
    rpath = "-Wl,-rpath," + run("pkg-config", "--variable=libdir", "ldznet", env=env).strip()
    run("g++", "-std=c++20", "-Wall", "-Wextra", "-Werror", source / "main.cpp", *flags, rpath, "-o", folder / "embed")


@pytest.fixture(scope="module", params=[with_cmake, with_pkg_config])
def embed(request, prefix, stranger, tmp_path_factory):
    """The example, built against the install tree."""
    folder = tmp_path_factory.mktemp("embed")
    request.param(prefix, stranger / "embed", folder)
    return folder / "embed"


def test_the_example_makes_the_programs_mask(embed, mask, stranger):
    command = [*HIDING, embed, "zoo.png", "panda", "panda.pgm"]
    result = subprocess.run(command, cwd=stranger, env=PLAIN, capture_output=True, text=True)
    assert result.stderr == "", "the library prints nothing of itself"
    assert re.fullmatch(r"panda: \d+ pixels, score 0\.\d+\n", result.stdout)
    assert np.array_equal(np.asarray(Image.open(stranger / "panda.pgm")), mask)


def test_the_example_reports_errors(embed, tmp_path):
    result = subprocess.run([embed, "no.png", "panda", "m.pgm"], cwd=tmp_path, capture_output=True, text=True)
    assert result.returncode == 66 and "embed: no.png: no such file" in result.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="dpkg sets the owners of files")
def test_a_debian_package_can_be_installed_run_and_removed(prefix, tmp_path):
    """In a root of its own, with a package database of its own that does not know what the package depends on."""
    run(
        "cpack",
        "-G",
        "DEB",
        "-D",
        "CPACK_DEBIAN_COMPRESSION_TYPE=none",
        "--config",
        BINARY.parent / "CPackConfig.cmake",
        "-B",
        tmp_path / "made",
    )
    (package,) = (tmp_path / "made").glob("ldznet_*.deb")
    depends = run("dpkg-deb", "--field", package, "Depends")
    assert all(name in depends for name in ("libvips42", "libopencv-core", "libstdc++6")) and "torch" not in depends
    root = tmp_path / "root"
    for folder in ("info", "updates"):
        (root / "var/lib/dpkg" / folder).mkdir(parents=True)
    (root / "var/lib/dpkg/status").touch()
    dpkg = [
        "dpkg",
        f"--root={root}",
        "--force-depends",
        "--force-not-root",
        "--force-script-chrootless",
        "--force-bad-path",
        "--log=/dev/null",
    ]
    run(*dpkg, "--install", package)
    program, link = root / "usr/bin/ldznet", root / "usr/lib" / TORCH
    links = [file for file in root.rglob("*") if file.is_symlink()]
    assert links and all(not file.readlink().is_absolute() for file in links), "a link out of the package"
    missing = subprocess.run([*HIDING, program, "info"], capture_output=True, text=True, env=PLAIN, cwd="/")
    assert missing.returncode == 78 and f"looked for in {link}, which does not exist" in missing.stderr
    link.symlink_to(prefix / "lib" / TORCH)  # as docs/install.md says
    told = run_as_stranger(program, "info", cwd=tmp_path)
    assert f"{root}/usr/share/ldznet/models/ldznet-mini" in told and "all verified" in told
    link.unlink()
    run(*dpkg, "--remove", "ldznet")
    assert not [file for file in (root / "usr").rglob("*") if not file.is_dir()]
