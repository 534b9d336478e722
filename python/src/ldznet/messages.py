"""The program's messages on stderr, as records of the logger "ldznet"."""

from __future__ import annotations

import collections
import logging
from collections.abc import Iterable

_LOGGER = logging.getLogger("ldznet")
_LEVELS = {
    "error: ": logging.ERROR,
    "warning: ": logging.WARNING,
    "info: ": logging.INFO,
    "debug: ": logging.DEBUG,
}
_KEPT_LINES = 20


class Messages:
    """Logs a process's lines and keeps the last ones for the error that may follow."""

    def __init__(self) -> None:
        self._last: collections.deque[str] = collections.deque(maxlen=_KEPT_LINES)

    def add(self, line: bytes) -> None:
        text = line.decode(errors="replace").rstrip("\n")
        self._last.append(text)
        message = text.removeprefix("ldznet: ")
        prefix = next((prefix for prefix in _LEVELS if message.startswith(prefix)), "")
        _LOGGER.log(_LEVELS.get(prefix, logging.ERROR), "%s", message.removeprefix(prefix))

    def add_all(self, lines: Iterable[bytes]) -> None:
        for line in lines:
            self.add(line)

    def text(self) -> str:
        return "\n".join(self._last)
