"""A worker process for asyncio: requests of several tasks wait in the program, which batches them."""

from __future__ import annotations

import asyncio
import collections
import contextlib
import os
from collections.abc import Callable, Sequence
from types import TracebackType

from .command import Option, find_program, flags
from .errors import InternalError, WorkerDiedError, error_of_exit
from .messages import Messages
from .requests import DIED_TWICE, READY, Picture, Request, make_request, read_answer
from .results import Segmentation

_LONGEST_LINE = 1 << 30  # bytes of an answer; the masks of a large picture can take many megabytes


class _Waiting:
    """A request and what its task waits for."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def when_answered(self, action: Callable[[], None]) -> None:
        """Calls `action` now, or after the answer if the task was cancelled before it."""
        if self.answer.done():
            action()
        else:
            self.answer.add_done_callback(lambda _: action())


class AsyncWorker:
    """The asyncio twin of Worker: `async with ldznet.AsyncWorker(model=...) as worker`.

    Tasks may ask at the same time; the program answers in the order in which they asked. When the process dies, it is
    started again and gets the requests without an answer again, one at a time, so that the one at fault is found.
    """

    def __init__(self, *, program: str | os.PathLike[str] | None = None, **options: Option) -> None:
        self._command = [find_program(program), "worker", *flags(options)]
        self._process: asyncio.subprocess.Process | None = None
        self._messages = Messages()
        self._unanswered: collections.deque[_Waiting] = collections.deque()
        self._ready = False  # whether the process takes requests
        self._sent = 0  # how many of `_unanswered`, from the first, the process has
        self._careful = 0  # how many of `_unanswered` a process has died of, perhaps: they are sent alone
        self._reader: asyncio.Task[None] | None = None
        self._closed = False

    async def start(self) -> None:
        """Starts the process. Raises what Worker() raises."""
        self._closed = False
        await self._start_process()
        self._reader = asyncio.create_task(self._read_answers())

    async def segment(
        self, image: Picture, prompts: str | Sequence[str], *, probability: bool = False, **options: Option
    ) -> Segmentation:
        """As Worker.segment()."""
        self._require_running()
        request = make_request(image, prompts, probability, options)
        waiting = _Waiting(request)
        try:
            return read_answer(await self._answer(waiting), request, probability)
        finally:
            waiting.when_answered(request.close)

    async def answer(self, image: Picture, prompts: str | Sequence[str], **options: Option) -> bytes:
        """The program's answer to the same request as a line of JSON, which may be one with an `error`.

        Raises only what has no answer: WorkerDiedError, and ValueError for pixels of another shape or type."""
        self._require_running()
        request = make_request(image, prompts, False, options)
        waiting = _Waiting(request)
        try:
            return await self._answer(waiting)
        finally:
            waiting.when_answered(request.close)

    async def close(self) -> None:
        """Waits for the requests that are under way, then lets the process end."""
        self._closed = True
        pending = [waiting.answer for waiting in self._unanswered]
        if pending:
            await asyncio.wait(pending)
        if self._reader is not None:
            self._reader.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await self._reader
        if self._process is not None:
            await self._end_process()

    async def __aenter__(self) -> AsyncWorker:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def _require_running(self) -> None:
        if self._reader is None or self._closed:
            raise ValueError("the worker is not started, or closed")
        if self._reader.done():
            raise InternalError("the worker could not be started again") from self._reader.exception()

    async def _answer(self, waiting: _Waiting) -> bytes:
        self._unanswered.append(waiting)
        self._send()
        return await asyncio.shield(waiting.answer)

    async def _start_process(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=_LONGEST_LINE,
            start_new_session=True,
        )
        self._messages = Messages()
        self._message_reader = asyncio.create_task(self._read_messages(self._process, self._messages))
        assert self._process.stdout is not None
        if not (await self._process.stdout.readline()).startswith(READY):
            status = await self._end_process()
            raise error_of_exit(status, self._messages.text())
        self._ready = True

    async def _end_process(self) -> int:
        assert self._process is not None and self._process.stdin is not None
        self._process.stdin.close()
        status = await self._process.wait()
        await self._message_reader
        return status

    def _send(self) -> None:
        """Writes the requests that the process may have now."""
        if not self._ready:
            return
        assert self._process is not None and self._process.stdin is not None
        most = 1 if self._careful > 0 else len(self._unanswered)
        while self._sent < most:
            self._process.stdin.write(self._unanswered[self._sent].request.line)
            self._sent += 1

    async def _read_answers(self) -> None:
        try:
            while True:
                assert self._process is not None and self._process.stdout is not None
                line = await self._process.stdout.readline()
                if line.endswith(b"\n"):
                    self._settle_first(line)
                    self._send()
                else:
                    await self._restart()
        except Exception as error:  # the process could not be started again
            while self._unanswered:
                self._settle_first(error)
            raise

    def _settle_first(self, result: bytes | Exception) -> None:
        """Gives the first request its answer or error and removes it."""
        waiting = self._unanswered.popleft()
        self._sent = max(0, self._sent - 1)
        self._careful = max(0, self._careful - 1)
        if isinstance(result, Exception):
            waiting.answer.set_exception(result)
        else:
            waiting.answer.set_result(result)

    async def _restart(self) -> None:
        self._ready = False
        in_flight, self._sent = self._sent, 0
        for waiting in list(self._unanswered)[:in_flight]:
            waiting.request.repeated = True
            waiting.request.deaths += in_flight == 1
        self._careful = max(self._careful, in_flight)
        status = await self._end_process()
        if in_flight == 1 and self._unanswered[0].request.deaths == 2:
            died = WorkerDiedError(DIED_TWICE)
            died.__cause__ = error_of_exit(status, self._messages.text())
            self._settle_first(died)
        await self._start_process()
        self._send()

    @staticmethod
    async def _read_messages(process: asyncio.subprocess.Process, messages: Messages) -> None:
        assert process.stderr is not None
        while line := await process.stderr.readline():
            messages.add(line)
