"""Masks from words: a client of the program ldznet.

    import ldznet

    with ldznet.Worker() as worker:
        picture = worker.segment("examples/zoo.png", ["panda", "sky"])
        panda = picture["panda"]
        print(panda.score, panda.mask.sum())

The program does the work; this package starts it, sends requests and reads the answers. It needs numpy only.
"""

from .async_worker import AsyncWorker
from .errors import (
    BadConfigError,
    BadImageError,
    CannotWriteError,
    DeviceError,
    InternalError,
    LdznetError,
    MissingInputError,
    OutOfMemoryError,
    ProgramNotFoundError,
    UsageError,
    WorkerDiedError,
)
from .folder import segment_folder
from .results import PromptResult, Segmentation
from .worker import Worker

__all__ = [
    "AsyncWorker",
    "BadConfigError",
    "BadImageError",
    "CannotWriteError",
    "DeviceError",
    "InternalError",
    "LdznetError",
    "MissingInputError",
    "OutOfMemoryError",
    "ProgramNotFoundError",
    "PromptResult",
    "Segmentation",
    "UsageError",
    "Worker",
    "WorkerDiedError",
    "segment_folder",
]
