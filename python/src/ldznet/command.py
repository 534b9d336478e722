"""Finds the program and writes its command lines."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence

from .errors import ProgramNotFoundError

#: What an option of the program may be here: min_area=16, save=["mask", "overlay"], boxes=True.
Option = str | int | float | bool | os.PathLike[str] | Sequence[str] | None


def find_program(program: str | os.PathLike[str] | None = None) -> str:
    """The path of the program: the argument, else $LDZNET, else the first on the PATH."""
    wanted = os.fspath(program) if program is not None else os.environ.get("LDZNET") or "ldznet"
    found = shutil.which(wanted)
    if found is None:
        raise ProgramNotFoundError(
            f"the program {wanted} cannot be run; give its path as program=..., in $LDZNET, or put it on the PATH"
        )
    return found


def flags(options: Mapping[str, Option]) -> list[str]:
    """Options as on the command line: `min_area=16` becomes --min-area=16, `boxes=True` --boxes; None is left out."""
    made = []
    for name, value in options.items():
        flag = "--" + name.replace("_", "-")
        if value is True:
            made.append(flag)
        elif value is None or value is False:
            continue
        elif isinstance(value, (str, int, float, os.PathLike)):
            made.append(f"{flag}={os.fspath(value) if isinstance(value, os.PathLike) else value}")
        else:
            made.append(f"{flag}={','.join(value)}")
    return made
