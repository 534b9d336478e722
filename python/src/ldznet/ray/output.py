"""Folders of results: files that appear whole, and which pictures they have."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pyarrow.compute
import pyarrow.fs
import pyarrow.parquet as parquet
import ray.data
from ray.data.block import Block, BlockAccessor
from ray.data.datasource import Datasink

from .columns import line_of

FORMATS = ("jsonl", "parquet")
_DONE, _FAILED, _UNFINISHED = "part-", "errors-", "tmp-"  # how the names of files begin
_NAMES_A_BATCH = 65536


def write(dataset: ray.data.Dataset, folder: str | os.PathLike[str], *, format: str = "jsonl") -> tuple[int, int]:
    """Segments the pictures of a data set that `segment()` returned and writes the results into files in `folder`, a
    path that all machines see or a URI such as s3://bucket/folder. Returns the numbers of pictures done and failed.

    `format`: "jsonl", lines as of `ldznet segment --json`, or "parquet". Results are in files part-*, rows with an
    error in errors-*. Files appear whole; a task that Ray repeats replaces the file of its first try.
    """
    if format not in FORMATS:
        raise ValueError(f"format must be one of {', '.join(FORMATS)}, not {format!r}")
    sink = _Folder(os.fspath(folder), format)
    # Writing needs no core of its own: actors may hold all of them.
    dataset.write_datasink(sink, ray_remote_args={"num_cpus": 0})
    return sink.done, sink.failed


def finished(folder: str | os.PathLike[str]) -> set[str]:
    """The pictures (column `image`) that have results in `folder`; those of which it only has an error are missing."""
    found: set[str] = set()
    filesystem, files = _files(os.fspath(folder))
    for path in files:
        if not _name(path).startswith(_DONE):
            continue
        with filesystem.open_input_file(path) as file:
            if path.endswith(".parquet"):
                batches = parquet.ParquetFile(file).iter_batches(_NAMES_A_BATCH, columns=["image"])
                found.update(name for batch in batches for name in batch.column(0).to_pylist())
            else:
                found.update(json.loads(line)["image"] for line in file.read().splitlines())
    return found


def remove_failed(folder: str | os.PathLike[str]) -> None:
    """Removes the rows with errors, and what interrupted runs left."""
    filesystem, files = _files(os.fspath(folder))
    for path in files:
        if _name(path).startswith((_FAILED, _UNFINISHED)):
            filesystem.delete_file(path)


class _Folder(Datasink[tuple[int, int]]):
    """Writes blocks of rows into a folder."""

    def __init__(self, folder: str, format: str) -> None:
        self._folder, self._format = folder, format
        self.done = self.failed = 0

    def on_write_start(self, schema: Any = None) -> None:
        filesystem, folder = _open(self._folder)
        filesystem.create_dir(folder, recursive=True)

    def write(self, blocks: Iterable[Block], ctx: Any) -> tuple[int, int]:
        tables = [table for table in map(_arrow, blocks) if table.num_rows]
        if not tables:
            return 0, 0
        table = pa.concat_tables(tables)
        # Both files are named by the task and all its pictures: when Ray repeats it, other pictures may fail, and
        # another task may have pictures of the same names.
        pictures = "\0".join([str(ctx.task_idx), *map(str, table["image"].to_pylist())])
        name = hashlib.sha256(pictures.encode()).hexdigest()[:32]
        failed = pa.compute.is_valid(table["error"])
        return (
            self._save(f"{_DONE}{name}", table.filter(pa.compute.invert(failed))),
            self._save(f"{_FAILED}{name}", table.filter(failed)),
        )

    def on_write_complete(self, write_result: Any) -> None:
        for done, failed in write_result.write_returns:
            self.done += done
            self.failed += failed

    def _save(self, stem: str, table: pa.Table) -> int:
        """Writes a file, or removes that of an earlier try if there are no rows. Returns their number."""
        name = f"{stem}.{self._format}"
        filesystem, folder = _open(self._folder)
        if table.num_rows == 0:
            if filesystem.get_file_info(f"{folder}/{name}").type == pa.fs.FileType.File:
                filesystem.delete_file(f"{folder}/{name}")
            return 0
        unfinished = f"{folder}/{_UNFINISHED}{os.urandom(8).hex()}-{name}"
        with filesystem.open_output_stream(unfinished) as file:
            if self._format == "parquet":
                parquet.write_table(table, file)
            else:
                for row in table.to_pylist():
                    file.write(json.dumps(line_of(row), ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
        filesystem.move(unfinished, f"{folder}/{name}")
        return table.num_rows


def _arrow(block: Block) -> pa.Table:
    return BlockAccessor.for_block(block).to_arrow()


def _open(folder: str) -> tuple[pa.fs.FileSystem, str]:
    if "://" in folder:
        return pa.fs.FileSystem.from_uri(folder)
    return pa.fs.LocalFileSystem(), os.path.abspath(folder)


def _files(folder: str) -> tuple[pa.fs.FileSystem, list[str]]:
    """The files in a folder; none if there is no folder."""
    filesystem, path = _open(folder)
    entries = filesystem.get_file_info(pa.fs.FileSelector(path, allow_not_found=True))
    return filesystem, [entry.path for entry in entries if entry.type == pa.fs.FileType.File]


def _name(path: str) -> str:
    return path.rsplit("/", 1)[-1]
