"""A short form of tests/soak.py, and that it notices what it looks for."""

import subprocess
import sys

import pytest
from conftest import BINARY, ROOT

sys.path.insert(0, str(ROOT / "tests"))
import soak


def test_a_short_soak():
    command = [sys.executable, soak.__file__, BINARY, "--requests", "110", "--pictures", "60"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("growth, files, late, holds", [
    (0, 10, 0.1, True),
    (soak.GROWTH + 1, 10, 0.1, False),
    (0, 11, 0.1, False),
    (0, 10, 0.2, False),
])  # fmt: skip
def test_what_it_notices(growth, files, late, holds):
    watch = soak.Watch(None, soak.SHORTEST)
    watch.seconds = [0.1] * (soak.SHORTEST // 2) + [late] * (soak.SHORTEST // 2)
    watch.resident = [400 << 20] * 50 + [(400 << 20) + growth] * 50
    watch.files = [10] * 50 + [files] * 50
    assert watch.verdict("x") is holds
