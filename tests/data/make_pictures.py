#!/usr/bin/env python3
"""Makes the pictures of decode_test.cpp and resize_test.cpp, with what Pillow says they should become.

    tests/data/make_pictures.py       rewrites tests/data/pictures and tests/data/resize beside it

pictures/NAME.EXT goes with pictures/NAME.ppm: upright RGB, alpha on white. A picture without a .ppm must be refused.
"""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

HERE = Path(__file__).resolve().parent
PICTURES, RESIZE = HERE / "pictures", HERE / "resize"
ORIENTATION = 0x0112


def colourful(width: int, height: int, channels: int = 3, seed: int = 1) -> np.ndarray:
    """Smooth ramps and a little noise, uint8 (height, width, channels)."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    planes = [x * 255 / max(width - 1, 1), y * 255 / max(height - 1, 1), (x + y) * 7 % 256, 255 - x * 9 % 200]
    planes = [p + rng.normal(0, 6, p.shape) for p in planes[:channels]]
    return np.clip(np.stack(planes, -1), 0, 255).astype(np.uint8)


def save_ppm(pixels: np.ndarray, path: Path) -> None:
    path.write_bytes(b"P6\n%d %d\n255\n" % (pixels.shape[1], pixels.shape[0]) + pixels.astype(np.uint8).tobytes())


def expect(picture: Image.Image) -> np.ndarray:
    """What Pillow makes of it: upright RGB, alpha on white."""
    picture = ImageOps.exif_transpose(picture)
    if "A" in picture.getbands() or "transparency" in picture.info:
        rgba = np.asarray(picture.convert("RGBA")).astype(np.int64)
        alpha = rgba[..., 3:]
        return (rgba[..., :3] * alpha + 255 * (255 - alpha) + 127) // 255
    return np.asarray(picture.convert("RGB"))


def add(name: str, data: bytes, expected: np.ndarray | None = None) -> None:
    (PICTURES / name).write_bytes(data)
    save_ppm(expect(Image.open(io.BytesIO(data))) if expected is None else expected, PICTURES / (name + ".ppm"))


def encode(picture: Image.Image, kind: str, **options) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, depth: int, colour: int, rows: bytes) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    body = png_chunk(b"IHDR", head) + png_chunk(b"IDAT", zlib.compress(rows)) + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def sixteen_bit() -> None:
    rng = np.random.default_rng(3)
    for name, channels, colour in (("gray16", 1, 0), ("rgb16", 3, 2), ("rgba16", 4, 6)):
        values = rng.integers(0, 65536, (5, 6, channels))
        rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
        eight = np.rint(values / 257).astype(np.int64)
        if channels == 4:
            eight = (eight[..., :3] * eight[..., 3:] + 255 * (255 - eight[..., 3:]) + 127) // 255
        add(f"{name}.png", png(6, 5, 16, colour, rows), np.broadcast_to(eight, (5, 6, 3)))


def orientations() -> None:
    base = Image.fromarray(colourful(24, 16))
    for value in range(1, 9):
        exif = Image.Exif()
        exif[ORIENTATION] = value
        add(f"orientation{value}.jpg", encode(base, "JPEG", quality=95, subsampling=0, exif=exif))
        add(f"orientation{value}.tiff", encode(base, "TIFF", tiffinfo={ORIENTATION: value}))
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    add("orientation6.png", encode(base, "PNG", exif=exif))
    add("orientation6.webp", encode(base, "WEBP", lossless=True, exif=exif.tobytes()))


def kinds() -> None:
    rgb, rgba = Image.fromarray(colourful(13, 9)), Image.fromarray(colourful(13, 9, 4), "RGBA")
    gray = rgb.convert("L")
    add("rgb.png", encode(rgb, "PNG"))
    add("rgba.png", encode(rgba, "PNG"))
    add("gray.png", encode(gray, "PNG"))
    add("gray-alpha.png", encode(Image.merge("LA", (gray, rgba.getchannel("A"))), "PNG"))
    add("palette.png", encode(rgb.quantize(8), "PNG"))
    add("palette-transparent.png", encode(rgb.quantize(8), "PNG", transparency=2))
    add("bilevel.png", encode(rgb.convert("1"), "PNG"))
    add("rgb.webp", encode(rgb, "WEBP", lossless=True))
    add("rgba.webp", encode(rgba, "WEBP", lossless=True, exact=True))
    add("rgb.bmp", encode(rgb, "BMP"))
    add("palette.bmp", encode(rgb.quantize(8), "BMP"))
    add("rgb.tiff", encode(rgb, "TIFF"))
    add("lzw.tiff", encode(rgb, "TIFF", compression="tiff_lzw"))
    add("rgb.ppm", encode(rgb, "PPM"))
    add("gray.pgm", encode(gray, "PPM"))
    add("gray.jpg", encode(gray, "JPEG", quality=95))
    add("progressive.jpg", encode(rgb, "JPEG", quality=95, subsampling=0, progressive=True))
    add("cmyk.jpg", encode(rgb.convert("CMYK"), "JPEG", quality=95, subsampling=0))
    add("a-png-called.jpg", encode(rgb, "PNG"))
    add("one-pixel.png", encode(Image.new("RGB", (1, 1), (10, 200, 30)), "PNG"))
    add("one-wide.png", encode(Image.fromarray(colourful(1, 5000)), "PNG"))
    frames = [Image.fromarray(colourful(10, 8, seed=s)) for s in (1, 2)]
    more = {"save_all": True, "append_images": frames[1:]}
    add("animated.webp", encode(frames[0], "WEBP", lossless=True, **more), np.asarray(frames[0]))
    add("animated.png", encode(frames[0], "PNG", **more), np.asarray(frames[0]))
    add("pages.tiff", encode(frames[0], "TIFF", **more), np.asarray(frames[0]))


def refused() -> None:
    whole = {
        kind: encode(Image.fromarray(colourful(40, 30)), kind) for kind in ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "PPM")
    }
    for kind, data in whole.items():
        (PICTURES / f"truncated.{kind.lower()}").write_bytes(data[: len(data) * 2 // 3])
    bytes_of = bytearray(whole["PNG"])
    bytes_of[len(bytes_of) // 2] ^= 0xFF
    (PICTURES / "flipped-bit.png").write_bytes(bytes_of)
    (PICTURES / "text.png").write_text("this is no picture\n")
    (PICTURES / "empty.png").write_bytes(b"")
    (PICTURES / "signature-only.png").write_bytes(whole["PNG"][:8])
    (PICTURES / "animation.gif").write_bytes(encode(Image.fromarray(colourful(8, 8)), "GIF"))
    (PICTURES / "bomb.png").write_bytes(png(60000, 60000, 8, 2, b"\0"))
    (PICTURES / "bomb.ppm").write_bytes(b"P6\n# big\n99999 99999\n255\n\0\0\0")
    (PICTURES / "nothing-wide.bmp").write_bytes(whole["BMP"][:18] + b"\0\0\0\0" + whole["BMP"][22:])


def resizes() -> None:
    sources = {
        "97x61": colourful(97, 61),
        "7x5": colourful(7, 5),
        "200x3": colourful(200, 3),
        "1x120": colourful(1, 120),
    }
    sources["noise"] = np.random.default_rng(9).integers(0, 256, (50, 64, 3)).astype(np.uint8)
    targets = [(64, 64), (32, 48), (64, 128), (97, 30), (50, 61), (3, 2)]
    for name, pixels in sources.items():
        save_ppm(pixels, RESIZE / f"{name}.ppm")
        for width, height in targets:
            resized = Image.fromarray(pixels).resize((width, height), Image.Resampling.LANCZOS)
            save_ppm(np.asarray(resized), RESIZE / f"{name}-to-{width}x{height}.ppm")


def main() -> None:
    for folder in (PICTURES, RESIZE):
        folder.mkdir(exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
    sixteen_bit()
    orientations()
    kinds()
    refused()
    resizes()


if __name__ == "__main__":
    main()
