"""The hardening of the built program and library, as readelf shows it."""

import os
import re
import shutil
import subprocess

import pytest
from conftest import BINARY

FILES = [BINARY, BINARY.with_name("libldznet.so")]
ENDBR64 = bytes.fromhex("f30f1efa")  # where control-flow protection lets indirect calls arrive

pytestmark = pytest.mark.skipif(shutil.which("readelf") is None, reason="readelf is part of binutils")


def readelf(path, *options) -> str:
    return subprocess.run(["readelf", "-W", *options, path], capture_output=True, text=True, check=True).stdout


def is_hardened() -> bool:
    cache = BINARY.with_name("CMakeCache.txt")
    return cache.is_file() and "LDZNET_HARDENING:BOOL=ON" in cache.read_text()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_linkers_part(path):
    dynamic, segments = readelf(path, "-d"), readelf(path, "-l")
    assert re.search(r"Type:\s+DYN", readelf(path, "-h")), "not position-independent"
    assert "GNU_RELRO" in segments and re.search(r"\(FLAGS\).*BIND_NOW|\(FLAGS_1\).*\bNOW\b", dynamic), "no full RELRO"
    assert "TEXTREL" not in dynamic
    assert re.search(r"GNU_STACK( +0x\w+){5} RW +0x", segments), "the stack is executable"
    assert not re.search(r"LOAD( +0x\w+){5} RWE", segments), "a segment is writable and executable"


@pytest.mark.skipif(not is_hardened(), reason="the build is without LDZNET_HARDENING")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_compilers_part(path):
    symbols = readelf(path, "--dyn-syms")
    assert "__stack_chk_fail" in symbols, "no stack protector"
    assert re.search(r"__\w+_chk\b", symbols), "no fortified call"
    if os.uname().machine == "x86_64":
        assert path.read_bytes().count(ENDBR64) > 100, "no control-flow protection"
