"""The first attempts of tests/attack.py, which maintainers run for an hour before a release."""

import subprocess
import sys

from conftest import BINARY, ROOT


def test_the_first_attacks_find_nothing():
    command = [sys.executable, ROOT / "tests/attack.py", "--minutes", "20", "--tries", "5", "--binary", BINARY]
    result = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert result.returncode == 0, result.stdout + result.stderr
    assert [line.split(",")[0] for line in result.stdout.splitlines()] == [
        "requests: 100 attempts", "pictures: 100 attempts", "manifests: 5 attempts", "journals: 5 attempts"
    ]  # fmt: skip
