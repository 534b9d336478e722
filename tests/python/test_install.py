"""The program where `cmake --install` puts it."""

import subprocess

from conftest import BINARY, ROOT


def test_an_installed_program_finds_its_library_and_its_model(tmp_path):
    subprocess.run(["cmake", "--install", BINARY.parent, "--prefix", tmp_path / "usr"], check=True, capture_output=True)
    program = tmp_path / "usr/bin/ldznet"
    info = subprocess.run(
        [program, "info"], cwd=tmp_path, capture_output=True, text=True, env={"PATH": "/usr/bin:/bin"}
    )
    assert info.returncode == 0, info.stderr
    assert f"{tmp_path}/usr/share/ldznet/models/ldznet-mini" in info.stdout
    picture = ROOT / "examples/zoo.png"
    found = subprocess.run(
        [program, "segment", picture, "-p", "panda", "-o", "m.png"], cwd=tmp_path, capture_output=True
    )
    assert found.returncode == 0 and (tmp_path / "m.png").is_file(), found.stderr
