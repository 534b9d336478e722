"""TIFF files that Pillow does not write, for make_pictures.py."""

import struct

import numpy as np


def tiff(
    size: tuple[int, int], bits: list[int], photometric: int, blocks: list[bytes], more: dict | None = None, ahead=b""
) -> bytes:
    """A little-endian TIFF file, without compression unless `more`, further fields, says so; with tiles if it has their
    width. `ahead` is put before the blocks, and field 513 says where."""
    more = more or {}
    starts_field, lengths_field = (324, 325) if 322 in more else (273, 279)
    fields = {256: size[0], 257: size[1], 258: bits, 259: 1, 262: photometric, 277: len(bits)}
    fields |= {starts_field: [0] * len(blocks), lengths_field: [len(block) for block in blocks]}
    fields |= {} if 322 in more else {278: -(-size[1] // len(blocks))}
    fields = {tag: value if isinstance(value, list) else [value] for tag, value in sorted({**fields, **more}.items())}
    long = (256, 257, starts_field, 278, lengths_field, 513, 514)

    def packed(tag: int) -> bytes:
        return struct.pack(f"<{len(fields[tag])}{'I' if tag in long else 'H'}", *fields[tag])

    values_at = 8 + 2 + 12 * len(fields) + 4
    at = values_at + sum(len(packed(tag)) for tag in fields if len(packed(tag)) > 4)
    if ahead:
        fields[513] = [at]
    for k, block in enumerate(blocks):
        fields[starts_field][k] = at + len(ahead)
        at += len(block)
    entries, values = struct.pack("<H", len(fields)), b""
    for tag, value in fields.items():
        data = packed(tag)
        place = data.ljust(4, b"\0") if len(data) <= 4 else struct.pack("<I", values_at + len(values))
        values += data if len(data) > 4 else b""
        entries += struct.pack("<HHI", tag, 4 if tag in long else 3, len(value)) + place
    return b"II*\0" + struct.pack("<I", 8) + entries + bytes(4) + values + ahead + b"".join(blocks)


def tiles(plane: np.ndarray) -> list[bytes]:
    """16 x 16 pixels each, filled up with zeros."""
    height, width = plane.shape
    padded = np.pad(plane, ((0, -height % 16), (0, -width % 16)))
    return [padded[y : y + 16, x : x + 16].tobytes() for y in range(0, height, 16) for x in range(0, width, 16)]


def from_lab(samples: np.ndarray) -> np.ndarray:
    """CIELAB of 8 bits, relative to D50, in sRGB. By the formulas, between which LittleCMS interpolates."""
    lightness, a, b = samples[..., 0] * (100 / 255), *(samples[..., k].astype(np.int8).astype(float) for k in (1, 2))
    y = (lightness + 16) / 116
    f = np.stack([y + a / 500, y, y - b / 200], -1)
    xyz = np.where(f > 6 / 29, f**3, 3 * (6 / 29) ** 2 * (f - 4 / 29)) * (0.96422, 1, 0.82521)
    to_xyz = np.array([(0.436066, 0.385151, 0.143078), (0.222493, 0.716887, 0.060617), (0.013924, 0.097081, 0.714099)])
    linear = np.clip(xyz @ np.linalg.inv(to_xyz).T, 0, 1)
    return np.rint(255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055))
