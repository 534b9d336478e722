"""What `cmake --install` installs: the program, and the library for programs that embed it."""

import os
import re
import shlex
import subprocess

import numpy as np
import pytest
from conftest import BINARY, ROOT
from PIL import Image

EMBED = ROOT / "examples/embed"
ZOO = ROOT / "examples/zoo.png"


def run(*command, **options) -> str:
    result = subprocess.run([*map(str, command)], capture_output=True, text=True, **options)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def prefix(tmp_path_factory):
    """An install tree."""
    folder = tmp_path_factory.mktemp("install") / "usr"
    run("cmake", "--install", BINARY.parent, "--prefix", folder)
    return folder


@pytest.fixture(scope="module")
def mask(prefix, tmp_path_factory):
    """The mask that the installed program writes."""
    file = tmp_path_factory.mktemp("program") / "panda.png"
    run(prefix / "bin/ldznet", "segment", ZOO, "-p", "panda", "-o", file, env={"PATH": "/usr/bin:/bin"})
    return np.asarray(Image.open(file))


def test_an_installed_program_finds_its_library_and_its_model(prefix, mask):
    told = run(prefix / "bin/ldznet", "info", env={"PATH": "/usr/bin:/bin"})
    assert f"{prefix}/share/ldznet/models/ldznet-mini" in told
    assert 0 < mask.mean() < 255


def test_the_library_has_a_soname_and_finds_libtorch(prefix):
    for library in (prefix / "lib/libldznet.so", BINARY.parent / "libldznet.so"):
        dynamic = run("readelf", "-d", library)
        soname = re.search(r"SONAME.*\[(.*)\]", dynamic)[1]
        assert re.fullmatch(r"libldznet\.so\.\d+\.\d+", soname) and (library.parent / soname).is_file()
        folders = re.search(r"R(?:UN)?PATH.*\[(.*)\]", dynamic)[1].split(":")
        assert "" not in folders, "an empty element is the working folder"
        assert any(os.path.isfile(os.path.join(folder, "libtorch.so")) for folder in folders)


def test_licence_and_schema_are_installed(prefix):
    documents = prefix / "share/doc/ldznet"
    for file in ("LICENSE", "NOTICE", "docs/ldznet-1.schema.json"):
        installed = documents / os.path.basename(file)
        assert installed.read_bytes() == (ROOT / file).read_bytes()


def with_cmake(prefix, folder):
    run("cmake", "-S", EMBED, "-B", folder, f"-DCMAKE_PREFIX_PATH={prefix}", "-DCMAKE_BUILD_TYPE=Debug")
    run("cmake", "--build", folder)
    return folder / "embed"


def with_pkg_config(prefix, folder):
    env = {**os.environ, "PKG_CONFIG_PATH": str(prefix / "lib/pkgconfig")}
    flags = shlex.split(run("pkg-config", "--cflags", "--libs", "ldznet", env=env))
    rpath = "-Wl,-rpath," + run("pkg-config", "--variable=libdir", "ldznet", env=env).strip()
    run("g++", "-std=c++20", "-Wall", "-Wextra", "-Werror", EMBED / "main.cpp", *flags, rpath, "-o", folder / "embed")
    return folder / "embed"


@pytest.fixture(scope="module", params=[with_cmake, with_pkg_config])
def embed(request, prefix, tmp_path_factory):
    """The example, built against the install tree."""
    return request.param(prefix, tmp_path_factory.mktemp("embed"))


def test_the_example_makes_the_programs_mask(embed, mask, tmp_path):
    told = run(embed, ZOO, "panda", "panda.pgm", cwd=tmp_path, env={"PATH": "/usr/bin:/bin"})
    assert re.fullmatch(r"panda: \d+ pixels, score 0\.\d+\n", told)
    assert np.array_equal(np.asarray(Image.open(tmp_path / "panda.pgm")), mask)


def test_the_example_reports_errors(embed, tmp_path):
    result = subprocess.run([embed, "no.png", "panda", "m.pgm"], cwd=tmp_path, capture_output=True, text=True)
    assert result.returncode == 66 and "embed: no.png: no such file" in result.stderr
