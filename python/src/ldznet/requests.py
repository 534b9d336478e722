"""Requests of `ldznet worker` and its answers, which docs/worker.md describes."""

from __future__ import annotations

import base64
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from .command import Option
from .errors import InternalError, error_of_code
from .png import read_probability
from .results import Segmentation, segmentation_of

#: A picture file's path or bytes, or uint8 pixels: (height, width) gray or (height, width, 3) RGB.
Picture = str | os.PathLike[str] | bytes | npt.NDArray[np.uint8]


READY = b'{"ready":true'  # how the first line of a worker begins
DIED_TWICE = "the worker ended while it worked on this request, and so did the next one"

_MOST_INLINE = 40 << 20  # bytes of a picture within a request; in base64 they must fit into a line of 64 MiB


@dataclass
class Request:
    """A request for the worker, and the folder of the files that only the client needs."""

    content: dict[str, Any]
    folder: tempfile.TemporaryDirectory[str] | None = None
    repeated: bool = False  # whether a worker has ended that had it
    deaths: int = 0  # how many workers have ended while they had this request alone

    @property
    def line(self) -> bytes:
        """As the worker reads it. The second time it may replace files of the first."""
        again = {"overwrite": True} if self.repeated else {}
        return json.dumps({**self.content, **again}).encode() + b"\n"

    def private_folder(self) -> str:
        if self.folder is None:
            self.folder = tempfile.TemporaryDirectory(prefix="ldznet-client-")
        return self.folder.name

    def close(self) -> None:
        if self.folder is not None:
            self.folder.cleanup()


def make_request(
    image: Picture, prompts: str | Sequence[str], probability: bool, options: Mapping[str, Option]
) -> Request:
    """Raises ValueError for pixels of another shape or type."""
    content: dict[str, Any] = {"prompts": [prompts] if isinstance(prompts, str) else list(prompts)}
    request = Request(content)
    if isinstance(image, (str, os.PathLike)):
        content["image"] = os.fspath(image)
    else:
        encoded = image if isinstance(image, bytes) else _pnm(image)
        if len(encoded) <= _MOST_INLINE:
            content["image_b64"] = base64.b64encode(encoded).decode()
        else:
            content["image"] = os.path.join(request.private_folder(), "picture")
            with open(content["image"], "wb") as file:
                file.write(encoded)
    for name, value in options.items():
        if value is not None:
            content[name] = os.fspath(value) if isinstance(value, os.PathLike) else value
    if probability:
        save = content.get("save", [])
        kinds = save.split(",") if isinstance(save, str) else list(save)
        content["save"] = [*kinds, *(["probability"] if "probability" not in kinds else [])]
        if "output" not in content:
            content["output"] = os.path.join(request.private_folder(), "maps")
    return request


def read_answer(line: bytes, request: Request, probability: bool) -> Segmentation:
    """Raises the program's error as an exception."""
    content = json.loads(line)
    if "error" in content:
        raise error_of_code(content["error"]["code"], content["error"]["message"])
    if "results" not in content:
        raise InternalError(f"the worker's answer has no results: {line[:200]!r}")
    picture = segmentation_of(content)
    if not probability:
        return picture
    results = tuple(
        replace(r, _probability=read_probability(r.files["probability"])) if r.files else r for r in picture.results
    )
    return replace(picture, results=results)


def _pnm(pixels: npt.NDArray[np.uint8]) -> bytes:
    """The pixels as a binary PGM or PPM file."""
    if not isinstance(pixels, np.ndarray):
        raise ValueError(
            f"a picture is a path, the bytes of a file or an array of pixels, not a {type(pixels).__name__}; "
            'for a PIL picture, pass np.asarray(picture.convert("RGB"))'
        )
    gray = pixels.ndim == 2
    if pixels.dtype != np.uint8 or not (gray or (pixels.ndim == 3 and pixels.shape[2] == 3)):
        raise ValueError(
            f"pixels must be uint8 with the shape (height, width) or (height, width, 3), "
            f"not {pixels.dtype} with the shape {pixels.shape}"
        )
    height, width = pixels.shape[:2]
    return b"%s %d %d 255\n" % (b"P5" if gray else b"P6", width, height) + pixels.tobytes()
