"""What the program finds in a picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import LdznetError, error_of_code


@dataclass(frozen=True)
class PromptResult:
    """One prompt's mask in a picture, or with `instances=True` one region of it."""

    prompt: str
    instance: int | None  #: the region's number in the prompt's mask, from 1; None without `instances=True`
    present: bool  #: whether the mask has any pixel
    score: float  #: mean probability inside the mask, 0 if it is empty
    max_probability: float
    area: int  #: pixels
    bbox: tuple[int, int, int, int] | None  #: x, y, width, height in pixels; None if the mask is empty
    segmentation: dict[str, Any] = field(repr=False)  #: COCO's compressed run-length encoding, as pycocotools reads it
    files: dict[str, str]  #: kind -> file that was written
    json: dict[str, Any] = field(repr=False)  #: the result as the program wrote it
    _probability: npt.NDArray[np.float32] | None = field(default=None, repr=False, compare=False)

    @property
    def mask(self) -> npt.NDArray[np.bool_]:
        """(height, width) of the upright picture. Decoded anew at every use."""
        return decode_rle(self.segmentation)

    @property
    def probability(self) -> npt.NDArray[np.float32]:
        """(height, width), 0 to 1 in steps of 1/65535. Only of requests with `probability=True`."""
        if self._probability is None:
            raise ValueError("ask for probabilities with segment(..., probability=True)")
        return self._probability


@dataclass(frozen=True)
class Segmentation(Mapping[str, PromptResult]):
    """The results of a picture by prompt, in the order of the prompts. With `instances=True` a prompt has several
    `results`, of which [prompt] is the largest.
    """

    image: str  #: as it was given to the program
    width: int | None  #: of the upright picture, pixels; None if it could not be read
    height: int | None
    results: tuple[PromptResult, ...]
    error: LdznetError | None  #: why there are no results; only from segment_folder(), the workers raise it
    json: dict[str, Any] = field(repr=False)  #: the whole line as the program wrote it

    def __getitem__(self, prompt: str) -> PromptResult:
        for result in self.results:
            if result.prompt == prompt:
                return result
        raise KeyError(f"{prompt!r} is none of the prompts {list(self)}")

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(result.prompt for result in self.results))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def segmentation_of(line: dict[str, Any]) -> Segmentation:
    """Reads a JSON line of the program, docs/ldznet-1.schema.json."""
    error = line.get("error")
    return Segmentation(
        image=line.get("image", ""),
        width=line.get("width"),
        height=line.get("height"),
        results=tuple(_result_of(result) for result in line.get("results", ())),
        error=None if error is None else error_of_code(error["code"], error["message"]),
        json=line,
    )


def _result_of(result: dict[str, Any]) -> PromptResult:
    return PromptResult(
        prompt=result["prompt"],
        instance=result.get("instance"),
        present=result["present"],
        score=result["score"],
        max_probability=result["max_probability"],
        area=result["area"],
        bbox=tuple(result["bbox"]) if result["present"] else None,
        segmentation=result["segmentation"],
        files=result.get("files", {}),
        json=result,
    )


def decode_rle(segmentation: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
    """Decodes COCO's run lengths, compressed or as a list: down the columns, zeros first. Returns (height, width).

    Raises ValueError if they do not fill the picture.
    """
    height, width = segmentation["size"]
    counts = segmentation["counts"]
    if isinstance(counts, str):
        counts = _decompressed(counts)
    if sum(counts) != height * width or min(counts, default=0) < 0:
        raise ValueError(f"the run lengths do not fill {width} x {height} pixels")
    inside = np.arange(len(counts)) % 2 == 1
    return np.repeat(inside, counts).reshape(width, height).T


def _decompressed(text: str) -> list[int]:
    """The counts. Each is a sequence of characters with five bits each, the lowest first; from the fourth on, they are
    differences to the count two before (pycocotools, rleFrString)."""
    counts: list[int] = []
    value = shift = 0
    for character in text.encode():
        bits = character - 48
        value |= (bits & 31) << shift
        shift += 5
        if not bits & 32:
            if bits & 16:
                value -= 1 << shift
            if len(counts) > 2:
                value += counts[-2]
            counts.append(value)
            value = shift = 0
    return counts
