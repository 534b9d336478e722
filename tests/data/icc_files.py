"""Colour profiles, for make_pictures.py."""

import struct


def icc_profile(space: bytes, gamma: float, primaries: list[tuple[float, float, float]]) -> bytes:
    """A monitor's profile of version 2: gamma curves, and primaries as XYZ in D50."""

    def xyz(values: tuple[float, float, float]) -> bytes:
        return b"XYZ \0\0\0\0" + b"".join(struct.pack(">i", round(value * 65536)) for value in values)

    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    white = (0.9642, 1.0, 0.8249)
    text = b"desc\0\0\0\0" + struct.pack(">I", 5) + b"test\0" + bytes(78 + 1)
    tags = [(b"desc", text), (b"cprt", b"text\0\0\0\0none\0\0\0\0"), (b"wtpt", xyz(white))]
    if space == b"GRAY":
        tags.append((b"kTRC", curve))
    else:
        tags += [(name + b"XYZ", xyz(value)) for name, value in zip((b"r", b"g", b"b"), primaries, strict=True)]
        tags += [(name + b"TRC", curve) for name in (b"r", b"g", b"b")]
    table, body = struct.pack(">I", len(tags)), b""
    for name, data in tags:
        table += name + struct.pack(">II", 128 + 4 + 12 * len(tags) + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    head = struct.pack(">I4sI4s4s4s", 0, b"none", 0x02100000, b"mntr", space, b"XYZ ") + bytes(12) + b"acsp"
    head += bytes(28) + b"".join(struct.pack(">i", round(value * 65536)) for value in white) + bytes(48)
    profile = head + table + body
    return struct.pack(">I", len(profile)) + profile[4:]
