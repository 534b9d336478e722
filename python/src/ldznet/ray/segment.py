"""The actors: each keeps a worker, and with it a loaded model."""

from __future__ import annotations

import asyncio
import functools
import json
import os
from collections.abc import Collection, Sequence
from typing import Any

import pyarrow as pa
import ray.data
from ray.data.block import BlockAccessor

from ..async_worker import AsyncWorker
from ..command import Option
from ..errors import LdznetError, WorkerDiedError, error_of_code
from ..requests import Picture
from .columns import RESULT_COLUMNS, rows_of

# Errors of the whole run, not of a picture.
_FATAL = {"usage", "device", "bad_config", "cannot_write"}
_NOT_STARTED = (LdznetError, OSError)  # what starting a worker raises


def segment(
    dataset: ray.data.Dataset,
    prompts: str | Sequence[str],
    *,
    column: str = "image",
    name: str | None = None,
    done: Collection[str] = (),
    actors: int | tuple[int, int] = 1,
    num_cpus: float = 1,
    num_gpus: float = 0,
    batch_rows: int = 16,
    program: str | os.PathLike[str] | None = None,
    **options: Option,
) -> ray.data.Dataset:
    """The data set with the masks of `prompts` in every picture. Like all of Ray Data it computes when it is consumed.

    `column` has the pictures: paths that every machine can read, the bytes of picture files, or uint8 pixels. `name` is
    the column with the pictures' names; by default `path` if there is such a column, else `column`, which must then be
    paths. Rows whose name is in `done` are left out: `done=ldznet.ray.finished("results")` resumes a run.

    `actors`: how many, or (least, most). Each keeps one worker with `num_cpus` threads and `num_gpus` GPUs (0.5: two
    actors share one) and asks for `batch_rows` pictures at a time. `program` and the other options are those of
    ldznet.Worker.

    A row has the members of the program's JSON line as columns, `image` with the name, and the data set's other columns
    except the pictures. A picture that cannot be segmented has an `error`. A worker or an actor that dies is replaced
    and its pictures are done again. Errors of the whole run, such as an unknown option or a damaged bundle, end it.
    """
    columns = dataset.schema().names
    if name is None:
        name = "path" if "path" in columns else column
    for wanted in (column, name):
        if wanted not in columns:
            raise ValueError(f"the data set has no column {wanted!r}; it has {', '.join(columns)}")
    if done:
        dataset = dataset.filter(functools.partial(_is_missing, name, frozenset(done)), num_cpus=0)
    if num_gpus == 0:
        options.setdefault("device", "cpu")
    options.setdefault("threads", max(1, round(num_cpus)))
    least, most = (actors, actors) if isinstance(actors, int) else actors
    return dataset.map_batches(
        _Actor,
        fn_constructor_args=(prompts, column, name, program, options),
        batch_format="pyarrow",
        batch_size=batch_rows,
        compute=ray.data.ActorPoolStrategy(min_size=least, max_size=most),
        num_cpus=num_cpus,
        num_gpus=num_gpus,
    )


def _is_missing(name: str, done: frozenset[str], row: dict[str, Any]) -> bool:
    return row[name] not in done


class _Actor:
    """A worker and the event loop in which its requests wait together, so that it decodes ahead."""

    def __init__(
        self,
        prompts: str | Sequence[str],
        column: str,
        name: str,
        program: str | os.PathLike[str] | None,
        options: dict[str, Option],
    ) -> None:
        self._prompts, self._column, self._name = prompts, column, name
        self._loop = asyncio.new_event_loop()
        self._worker = AsyncWorker(program=program, **options)
        self._loop.run_until_complete(self._worker.start())

    def __call__(self, table: pa.Table) -> pa.Table:
        block = BlockAccessor.for_block(table)
        pictures, names = block.to_numpy(self._column), table[self._name].to_pylist()
        lines = self._loop.run_until_complete(self._lines(pictures, names))
        replaced = {self._column, *RESULT_COLUMNS.names}
        kept = {column: table[column] for column in table.column_names if column not in replaced}
        return pa.table({**rows_of(lines), **kept})

    async def _lines(self, pictures: Sequence[Any], names: list[str]) -> list[dict[str, Any]]:
        """The program's lines for pictures; raises errors that concern the whole run.

        When the worker has died and could not be started again, it is tried once more: pictures without an answer are
        done again or get an error."""
        lines = list(await asyncio.gather(*map(self._line, pictures)))
        lost = [number for number, line in enumerate(lines) if isinstance(line, Exception)]
        again: Sequence[dict[str, Any] | Exception]
        if lost:
            try:
                await self._worker.start()
                again = await asyncio.gather(*(self._line(pictures[number]) for number in lost))
            except _NOT_STARTED as error:
                again = [error] * len(lost)
            for number, line in zip(lost, again):
                lines[number] = _error_line(line) if isinstance(line, Exception) else line
        for line in lines:
            if "error" in line and line["error"]["code"] in _FATAL:
                raise error_of_code(line["error"]["code"], line["error"]["message"])
        return [{**line, "image": name} for line, name in zip(lines, names)]

    async def _line(self, picture: Any) -> dict[str, Any] | Exception:
        """The program's line for a picture, or why there is no worker to ask."""
        try:
            line: dict[str, Any] = json.loads(await self._worker.answer(_plain(picture), self._prompts))
        except (WorkerDiedError, ValueError) as error:  # ValueError: pixels of another shape or type
            return _error_line(error)
        except _NOT_STARTED as error:
            return error
        line.pop("id", None)
        return line


def _error_line(error: Exception) -> dict[str, Any]:
    code = (
        error.code if isinstance(error, LdznetError) else "bad_image" if isinstance(error, ValueError) else "internal"
    )
    return {"schema": "ldznet/1", "error": {"code": code, "message": str(error)}}


def _plain(picture: Any) -> Picture:
    """A value of a column as the worker takes it: numpy's strings are no paths."""
    return str(picture) if isinstance(picture, str) else picture
