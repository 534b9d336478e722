"""A worker process that answers one request at a time."""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
from collections.abc import Sequence
from types import TracebackType

from .command import Option, find_program, flags
from .errors import WorkerDiedError, error_of_exit
from .messages import Messages
from .requests import DIED_TWICE, READY, Picture, Request, make_request, read_answer
from .results import Segmentation


class _Process:
    """`ldznet worker`, ready for requests."""

    def __init__(self, command: Sequence[str]) -> None:
        self._popen = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
        )
        self.messages = Messages()
        self._reader = threading.Thread(target=self._read_messages, daemon=True)
        self._reader.start()
        assert self._popen.stdout is not None
        if not self._popen.stdout.readline().startswith(READY):
            status = self.close()
            raise error_of_exit(status, self.messages.text())

    @property
    def pid(self) -> int:
        return self._popen.pid

    def answer(self, line: bytes) -> bytes | None:
        """The answer's line; None if the process has ended."""
        assert self._popen.stdin is not None and self._popen.stdout is not None
        try:
            self._popen.stdin.write(line)
            self._popen.stdin.flush()
        except (BrokenPipeError, ConnectionResetError):
            return None
        answer = self._popen.stdout.readline()
        return answer if answer.endswith(b"\n") else None

    def close(self) -> int:
        """Ends stdin, waits, and returns the exit status."""
        assert self._popen.stdin is not None and self._popen.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._popen.stdin.close()
        status = self._popen.wait()
        self._reader.join()
        self._popen.stdout.close()
        return status

    def kill(self) -> None:
        self._popen.kill()
        self.close()

    def _read_messages(self) -> None:
        assert self._popen.stderr is not None
        with self._popen.stderr as lines:
            self.messages.add_all(lines)


class Worker:
    """Loads a model once and segments pictures with it. May be used from several threads, which take turns.

    The keyword arguments are options of `ldznet worker` with `_` for `-`: `model`, `device`, `precision`, `threads`,
    `threshold` and so on. `program` is the program's path; without it, $LDZNET and the PATH are tried.

    A worker process that dies is started again and gets its request once more.

    Raises ProgramNotFoundError, BadConfigError for a bundle that cannot be used, DeviceError, and UsageError for
    unknown options. The program's messages go to the logger "ldznet".
    """

    def __init__(self, *, program: str | os.PathLike[str] | None = None, **options: Option) -> None:
        self._command = [find_program(program), "worker", *flags(options)]
        self._lock = threading.Lock()
        self._closed = False
        self._process: _Process | None = _Process(self._command)

    @property
    def pid(self) -> int:
        """The worker's process number; another one after a restart."""
        with self._lock:
            return self._running().pid

    def segment(
        self, image: Picture, prompts: str | Sequence[str], *, probability: bool = False, **options: Option
    ) -> Segmentation:
        """The masks of `prompts` in `image`: a path, the bytes of a picture file, or uint8 pixels, (height, width) or
        (height, width, 3).

        `probability` reads the probability maps, too. The options are those of a request (`threshold`, `min_area`,
        `seed`, `save`, `output`, ...), docs/worker.md. Raises UsageError, BadImageError, MissingInputError and the
        other subclasses of LdznetError, and WorkerDiedError when two workers have died of this request.
        """
        request = make_request(image, prompts, probability, options)
        try:
            with self._lock:
                line = self._answer(request)
            return read_answer(line, request, probability)
        finally:
            request.close()

    def close(self) -> None:
        """Lets the process end. Further requests raise ValueError."""
        with self._lock:
            if self._process is not None:
                self._process.close()
            self._process = None
            self._closed = True

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _running(self) -> _Process:
        """The process; a new one if the last has ended."""
        if self._closed:
            raise ValueError("the worker is closed")
        if self._process is None:
            self._process = _Process(self._command)
        return self._process

    def _answer(self, request: Request) -> bytes:
        while True:
            process = self._running()
            try:
                line = process.answer(request.line)
            except BaseException:  # interrupted: the answer that is still to come is not the next request's
                self._process = None
                process.kill()
                raise
            if line is not None:
                return line
            self._process = None
            status = process.close()
            request.repeated = True
            request.deaths += 1
            if request.deaths == 2:
                raise WorkerDiedError(DIED_TWICE) from error_of_exit(status, process.messages.text())
