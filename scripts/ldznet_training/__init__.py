"""What the scripts for training, exporting and checking share."""

import sys
from pathlib import Path

# The client of the program in the same repository, which need not be installed.
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "python" / "src"))
