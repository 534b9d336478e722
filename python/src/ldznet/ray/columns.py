"""The columns of results: the members of the program's JSON line, docs/ldznet-1.schema.json, as Arrow types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

_BOX = pa.list_(pa.int64())
_FILES = pa.map_(pa.string(), pa.string())  # kind -> file

_RESULT = pa.struct(
    {
        "prompt": pa.string(),
        "phrases": pa.list_(pa.string()),
        "instance": pa.int64(),
        "present": pa.bool_(),
        "score": pa.float64(),
        "max_probability": pa.float64(),
        "area": pa.int64(),
        "bbox": _BOX,
        "bbox_format": pa.string(),
        "segmentation": pa.struct({"size": pa.list_(pa.int64()), "counts": pa.string()}),
        "boxes": pa.list_(_BOX),
        "polygons": pa.list_(pa.list_(pa.float64())),
        "files": _FILES,
    }
)
_SEGMENT = pa.struct(
    {"label": pa.int64(), "prompt": pa.string(), "instance": pa.int64(), "area": pa.int64(), "bbox": _BOX}
)
_STAGES = ("decode", "vae", "text", "unet", "znet", "write", "total")

RESULT_COLUMNS = pa.schema(
    {
        "schema": pa.string(),
        "image": pa.string(),
        "width": pa.int64(),
        "height": pa.int64(),
        "model": pa.struct({member: pa.string() for member in ("name", "version", "sha256", "domain")}),
        "method": pa.string(),
        "timestep": pa.int64(),
        "seed": pa.int64(),
        "samples": pa.int64(),
        "threshold": pa.float64(),
        "timing_ms": pa.struct({stage: pa.float64() for stage in _STAGES}),
        "results": pa.list_(_RESULT),
        "segments": pa.list_(_SEGMENT),
        "files": _FILES,
        "error": pa.struct({"code": pa.string(), "message": pa.string()}),
    }
)
_MAY_BE_NULL = {"width", "height", "timestep"}  # in a line; other members that a line lacks are null in a row


def rows_of(lines: list[dict[str, Any]]) -> dict[str, pa.Array]:
    """The columns for the program's lines."""
    return {
        field.name: pa.array([_maps_as_pairs(line.get(field.name)) for line in lines], field.type)
        for field in RESULT_COLUMNS
    }


def line_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """The program's line for a row, with the row's other columns as further members."""
    failed = row["error"] is not None and row["model"] is None  # without an answer there is nothing but the error
    return {
        name: _without_nulls(value)
        for name, value in row.items()
        if value is not None or (name in _MAY_BE_NULL and not failed)
    }


def _maps_as_pairs(value: Any) -> Any:
    """`files` as pyarrow takes maps."""
    if isinstance(value, list):
        return [_maps_as_pairs(item) for item in value]
    if isinstance(value, dict):
        return {k: list(v.items()) if k == "files" else _maps_as_pairs(v) for k, v in value.items()}
    return value


def _without_nulls(value: Any) -> Any:
    """Undoes what a row adds: null members, maps as lists of pairs."""
    if isinstance(value, list):
        if value and isinstance(value[0], tuple):
            return dict(value)
        return [_without_nulls(item) for item in value]
    if isinstance(value, dict):
        return {k: dict(v) if k == "files" else _without_nulls(v) for k, v in value.items() if v is not None}
    return value
