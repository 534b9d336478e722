"""A line about how far a script has come, on a terminal only."""

import sys
from typing import TextIO


class Progress:
    """Rewrites one line on a terminal; prints nothing elsewhere."""

    def __init__(self, stream: TextIO | None = None):
        self.stream = stream or sys.stderr
        self.shown = ""
        self.label, self.total, self.done = "", 0, 0

    def start(self, label: str, total: int = 0) -> None:
        """Begins a step; `total`: bytes that it will go through, 0 if that is not counted."""
        self.label, self.total, self.done = label, total, 0
        self.advance(0)

    def advance(self, size: int) -> None:
        """Notes that `size` more bytes are done."""
        self.done += size
        sizes = f" {self.done / 1e9:.1f} of {self.total / 1e9:.1f} GB" if self.total else ""
        self._show(self.label + sizes)

    def clear(self) -> None:
        """Removes the line."""
        self._show("")

    def _show(self, text: str) -> None:
        if text != self.shown and self.stream.isatty():
            self.stream.write(f"\r\x1b[K{text}")
            self.stream.flush()
        self.shown = text
