"""Reads the program's probability maps: PNG, gray, 16 bits, not interlaced (PNG specification, third edition)."""

from __future__ import annotations

import os
import struct
import zlib

import numpy as np
import numpy.typing as npt

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_BYTES = 2  # per pixel


def read_probability(path: str | os.PathLike[str]) -> npt.NDArray[np.float32]:
    """(height, width), 65535 as 1.0. Raises ValueError for any other kind of file."""
    with open(path, "rb") as file:
        content = file.read()
    if not content.startswith(_SIGNATURE):
        raise ValueError(f"{path}: not a PNG file")
    data, header, at = b"", b"", len(_SIGNATURE)
    while at + 8 <= len(content):
        length, kind = struct.unpack_from(">I4s", content, at)
        chunk = content[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            header = chunk
        elif kind == b"IDAT":
            data += chunk
        at += 12 + length
    width, height, depth, color, _, _, interlaced = struct.unpack(">IIBBBBB", header)
    if (depth, color, interlaced) != (16, 0, 0):
        raise ValueError(f"{path}: not a 16-bit gray PNG without interlacing")
    rows = np.frombuffer(zlib.decompress(data), np.uint8).reshape(height, 1 + width * _BYTES)
    return (_unfiltered(rows).view(">u2") / np.float32(65535)).astype(np.float32)


def _unfiltered(rows: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Undoes the filter of each row, which is its first byte (section 9.2)."""
    out = np.empty((len(rows), rows.shape[1] - 1), np.uint8)
    above = np.zeros(out.shape[1], np.uint8)
    for y, row in enumerate(rows):
        kind, line = row[0], row[1:]
        if kind == 0:
            out[y] = line
        elif kind == 1:  # difference to the left pixel
            out[y] = np.add.accumulate(line.reshape(-1, _BYTES), axis=0, dtype=np.uint8).ravel()
        elif kind == 2:  # difference to the pixel above
            out[y] = line + above
        else:
            out[y] = _predicted(kind == 4, line, above)
        above = out[y]
    return out


def _predicted(paeth: bool, line: npt.NDArray[np.uint8], above: npt.NDArray[np.uint8]) -> bytearray:
    """A row whose pixels are differences to a prediction from both neighbours: Paeth's or their average."""
    out, before = bytearray(line.tobytes()), above.tobytes()
    for i in range(len(out)):
        left, up = (out[i - _BYTES] if i >= _BYTES else 0), before[i]
        if paeth:
            corner = before[i - _BYTES] if i >= _BYTES else 0
            distances = abs(up - corner), abs(left - corner), abs(left + up - 2 * corner)
            prediction = (left, up, corner)[distances.index(min(distances))]
        else:
            prediction = (left + up) // 2
        out[i] = (out[i] + prediction) & 255
    return out
