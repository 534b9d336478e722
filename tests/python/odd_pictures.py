"""Broken and unusual pictures, as cameras, scanners, web servers and failing disks produce them."""

import io
import struct
import zlib

import numpy as np
from conftest import picture
from PIL import Image, ImageOps

BASE = picture(3, 40, 30)
ORIENTATION = 0x0112


def encode(image: Image.Image, kind: str, **options) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, depth=8, colour=2, rows=b"") -> bytes:
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"".join(k + struct.pack("<I", len(b)) + b + b"\0" * (len(b) % 2) for k, b in chunks)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def bmp(width: int, height: int) -> bytes:
    return b"BM" + struct.pack("<IHHIIiiHHIIiiII", 54, 0, 0, 54, 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)


def tiff(width: int, height: int, next_page: int = 0) -> bytes:
    """The header of a TIFF with one gray strip; the pixels follow at byte 122."""
    tags = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 122),
            (277, 3, 1, 1), (278, 4, 1, height), (279, 4, 1, width * height % 2**32)]  # fmt: skip
    entries = b"".join(struct.pack("<HHII", *tag) for tag in tags)
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + struct.pack("<I", next_page)


def jpeg_head(width: int, height: int) -> bytes:
    frame = struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00"
    return b"\xff\xd8\xff\xc0" + struct.pack(">H", len(frame) + 2) + frame + b"\xff\xd9"


def flipped(data: bytes, at: int) -> bytes:
    changed = bytearray(data)
    changed[at] ^= 0xFF
    return bytes(changed)


WHOLE = {
    "png": encode(BASE, "PNG"),
    "jpg": encode(BASE, "JPEG"),
    "webp": encode(BASE, "WEBP"),
    "bmp": encode(BASE, "BMP"),
    "tiff": encode(BASE, "TIFF"),
    "ppm": encode(BASE, "PPM"),
}


def refused() -> dict[str, bytes]:
    """Name -> bytes of files that are not pictures, or damaged ones."""
    rng = np.random.default_rng(1)
    files = {
        "empty.png": b"",
        "one-byte.jpg": b"\xff",
        "text.png": b"this is no picture\n" * 9,
        "page.html": b"<!DOCTYPE html><title>404</title>",
        "error.jpg": b'{"error": "not found"}',
        "drawing.svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
        "icon.ico": encode(BASE, "ICO"),
        "paper.pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
        "archive.zip": b"PK\x03\x04" + bytes(40),
        "phone.heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
        "film.mp4": b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom",
        "layers.psd": b"8BPS\0\x01" + bytes(30),
        "program.png": b"\x7fELF" + bytes(60),
        "zeros.jpg": bytes(5000),
        "noise.png": rng.bytes(3000),
        "noise-behind-signature.png": WHOLE["png"][:8] + rng.bytes(3000),
        "noise-behind-signature.jpg": WHOLE["jpg"][:3] + rng.bytes(3000),
        "bomb.png": png(60000, 60000),
        "bomb-one-over.png": png(13378, 13378),
        "bomb.jpg": jpeg_head(65535, 65535),
        "bomb.bmp": bmp(30000, 30000),
        "bomb.tiff": tiff(100000, 100000),
        "bomb.ppm": b"P6\n99999 99999\n255\n\0",
        "bomb-canvas.webp": riff((b"VP8X", bytes(4) + b"\xff\x7f\0" + b"\xff\x7f\0")),
        "bomb-lossless.webp": riff((b"VP8L", b"\x2f\xff\xff\xff\x0f" + bytes(8))),
        "bomb-wide.png": png(2**31 - 1, 1),
        "bomb-overflow.png": png(2**31, 2**31),
        "no-width.png": png(0, 5),
        "no-height.jpg": jpeg_head(9, 0),
        "no-size.bmp": bmp(0, 0),
        "no-width.ppm": b"P6\n0 5\n255\n",
        "negative-width.bmp": bmp(-8, 8),
        "depth-3.png": png(4, 4, depth=3, rows=bytes(80)),
        "colour-5.png": png(4, 4, colour=5, rows=bytes(80)),
        "no-rows.png": png(4, 4),
        "wrong-sum-of-head.png": flipped(WHOLE["png"], 30),
        "wrong-sum-of-rows.png": flipped(WHOLE["png"], len(WHOLE["png"]) // 2),
        "no-frame.jpg": b"\xff\xd8\xff\xd9" + bytes(20),
        "no-scan.jpg": jpeg_head(8, 8),
        "words.ppm": b"P6\nwide high\n255\n",
        "no-chunk.webp": b"RIFF\x04\0\0\0WEBP",
        "no-directory.tiff": b"II*\0\xff\xff\xff\x7f" + bytes(8),
        "signature.bmp": b"BM" + bytes(30),
    }
    for kind, data in WHOLE.items():
        files[f"signature.{kind}"] = data[: {"png": 8, "jpg": 3, "webp": 12, "bmp": 14, "tiff": 8, "ppm": 3}[kind]]
        for part in (15, 50, 90):
            files[f"cut-{part}.{kind}"] = data[: len(data) * part // 100]
    return files


def readable() -> dict[str, bytes]:
    """Name -> bytes of unusual pictures that can be read."""
    rgba = BASE.convert("RGBA")
    rgba.putalpha(BASE.convert("L"))
    frames = {"save_all": True, "append_images": [picture(4, 40, 30)]}
    sixteen = Image.fromarray(np.asarray(BASE.convert("L")).astype(np.uint16) * 257)
    files = {
        "png-called.jpg": WHOLE["png"],
        "jpg-called.png": WHOLE["jpg"],
        "webp-called.bmp": WHOLE["webp"],
        "no-suffix": WHOLE["tiff"],
        "UPPER.JPEG": WHOLE["jpg"],
        "garbage-behind.png": WHOLE["png"] + b"garbage" * 9,
        "garbage-behind.jpg": WHOLE["jpg"] + b"garbage" * 9,
        "gray.png": encode(BASE.convert("L"), "PNG"),
        "gray-alpha.png": encode(rgba.convert("LA"), "PNG"),
        "alpha.png": encode(rgba, "PNG"),
        "palette.png": encode(BASE.quantize(9), "PNG"),
        "palette-alpha.png": encode(BASE.quantize(9), "PNG", transparency=1),
        "one-bit.png": encode(BASE.convert("1"), "PNG"),
        "16-bit.png": encode(sixteen, "PNG"),
        "16-bit-colour.png": png(3, 2, depth=16, rows=(b"\0" + bytes(18)) * 2),
        "16-bit.tiff": encode(sixteen, "TIFF"),
        "animated.png": encode(BASE, "PNG", **frames),
        "animated.webp": encode(BASE, "WEBP", **frames),
        "pages.tiff": encode(BASE, "TIFF", **frames),
        "lossless.webp": encode(BASE, "WEBP", lossless=True),
        "alpha.webp": encode(rgba, "WEBP"),
        "cmyk.jpg": encode(BASE.convert("CMYK"), "JPEG"),
        "gray.jpg": encode(BASE.convert("L"), "JPEG"),
        "animation.gif": encode(BASE, "GIF", **frames),
        "progressive.jpg": encode(BASE, "JPEG", progressive=True),
        "coarse-colour.jpg": encode(BASE, "JPEG", subsampling=2, quality=5),
        "comment.jpg": encode(BASE, "JPEG", comment=b"\xff\xd8 <script>"),
        "pages-in-a-loop.tiff": tiff(8, 6, next_page=8) + bytes(range(48)),
        "lzw.tiff": encode(BASE, "TIFF", compression="tiff_lzw"),
        "deflate.tiff": encode(BASE, "TIFF", compression="tiff_deflate"),
        "palette.bmp": encode(BASE.quantize(200), "BMP"),
        "one-bit.bmp": encode(BASE.convert("1"), "BMP"),
        "alpha.bmp": encode(rgba, "BMP"),
        "letters.ppm": b"P3 # a comment\n2 1\n255\n255 0 0  0 0 255\n",
        "letters.pbm": b"P1\n3 2\n1 0 1\n0 1 0\n",
        "letters.pgm": b"P2\n2 2\n9\n0 3\n6 9\n",
        "bits.pbm": encode(BASE.convert("1"), "PPM"),
        "16-bit.pgm": b"P5\n2 1\n65535\n" + b"\0\0\xff\xff",
        "pixel.png": encode(Image.new("RGB", (1, 1)), "PNG"),
        "pixel.jpg": encode(Image.new("RGB", (1, 1)), "JPEG"),
        "tower.png": encode(picture(5, 1, 8192), "PNG"),
        "thread.png": encode(picture(6, 8192, 1), "PNG"),
        "strip.jpg": encode(picture(7, 3000, 2), "JPEG"),
    }
    for value in range(1, 9):
        exif = Image.Exif()
        exif[ORIENTATION] = value
        files[f"orientation-{value}.jpg"] = encode(BASE, "JPEG", exif=exif)
    for value in (0, 9, 65535):
        exif = Image.Exif()
        exif[ORIENTATION] = value
        files[f"orientation-{value}.jpg"] = encode(BASE, "JPEG", exif=exif)
    return files


def upright_size(data: bytes) -> tuple[int, int]:
    """Width and height after Pillow has applied the EXIF orientation."""
    return ImageOps.exif_transpose(Image.open(io.BytesIO(data))).size
