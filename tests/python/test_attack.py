"""Some seconds of tests/attack.py, which maintainers run for an hour before a release."""

import subprocess
import sys

from conftest import BINARY, ROOT


def test_attacks_of_some_seconds_find_nothing():
    command = [sys.executable, ROOT / "tests" / "attack.py", "--minutes", "0.3", "--binary", BINARY]
    result = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stdout + result.stderr
    lines = result.stdout.splitlines()
    assert [line.split(":")[0] for line in lines] == ["requests", "pictures", "manifests", "journals"]
    assert all(int(line.split()[1]) > 0 for line in lines), result.stdout
