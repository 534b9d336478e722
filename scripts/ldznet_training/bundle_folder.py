"""The folder of a bundle: it appears whole or not at all, and nothing in it is lost that is not a bundle's."""

import json
import os
import secrets
import shutil
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Iterable, Iterator, List, Set

from .errors import OutputError

CARD, MANIFEST = "MODEL_CARD.md", "model.json"


def own_files(folder: Path) -> Set[str]:
    """Names of the files in a folder that a bundle there consists of."""
    try:
        listed = json.loads((folder / MANIFEST).read_text("utf-8"))["files"]
        return {CARD, MANIFEST, *map(str, listed)}
    except (OSError, ValueError, KeyError, TypeError):
        return {CARD}


def check_place(folder: Path, overwrite: bool, inputs: Iterable[Path] = ()) -> None:
    """Raises OutputError unless a bundle can be written to `folder`: it is free, or has a bundle and nothing else.

    `inputs`: files that the bundle is made from, which must not be replaced by it."""
    folder = folder.resolve()
    if not folder.exists():
        return
    if not folder.is_dir():
        raise OutputError(f"{folder}: is a file; name a folder")
    found = sorted(entry.name for entry in folder.iterdir())
    for file in inputs:
        if file.resolve().is_relative_to(folder):
            raise OutputError(f"{folder}: has {file.name}, from which the bundle is made; name another folder")
    own = own_files(folder)
    foreign = [name for name in found if name not in own or not (folder / name).is_file()]
    if foreign:
        names = ", ".join(foreign[:4]) + (f" and {len(foreign) - 4} more" if len(foreign) > 4 else "")
        raise OutputError(f"{folder}: has files that are no bundle's ({names}); name another folder")
    if found and not overwrite:
        raise OutputError(f"{folder}: a bundle is there; replace it with --overwrite, or name another folder")


@contextmanager
def new_bundle(folder: Path, overwrite: bool, inputs: Iterable[Path] = (), size: int = 0) -> Iterator[Path]:
    """A temporary folder next to `folder`, which takes its place if the block ends without an error.

    Otherwise the temporary folder is removed, and everything is as it was. `size`: bytes that the bundle will need.
    Raises OutputError, see `check_place`, and if the disk has less space."""
    folder = folder.resolve()
    made: List[Path] = []
    new = None
    try:
        check_place(folder, overwrite, inputs)
        for parent in reversed([p for p in folder.parents if not p.exists()]):
            parent.mkdir()
            made.append(parent)
        free = shutil.disk_usage(folder.parent).free
        if free < size:
            raise OutputError(f"{folder}: needs {size / 1e9:.1f} GB, the disk has {free / 1e9:.1f} GB left")
        new = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.part")
        new.mkdir()
        yield new
        _sync(new)
        check_place(folder, overwrite, inputs)
        _replace(folder, new)
        made.clear()
    except OSError as error:
        raise OutputError(f"{error.filename or folder}: cannot be written ({error.strerror or error})") from error
    finally:
        if new is not None:
            shutil.rmtree(new, ignore_errors=True)
        for parent in reversed(made):
            with suppress(OSError):  # something else is in it by now
                parent.rmdir()


def _sync(folder: Path) -> None:
    """Waits until the files in a folder are on the disk."""
    for path in [*folder.iterdir(), folder]:
        handle = os.open(path, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)


def _replace(folder: Path, new: Path) -> None:
    """Renames `new` to `folder`; a bundle that was there is removed, file by file."""
    own = own_files(folder)
    old = new.with_suffix(".old")
    if folder.exists():
        folder.rename(old)
    try:
        new.rename(folder)
    except BaseException:
        if old.exists():
            old.rename(folder)
        raise
    if old.exists():
        for file in [file for file in old.iterdir() if file.name in own]:
            file.unlink()
        old.rmdir()
