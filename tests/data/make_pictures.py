#!/usr/bin/env python3
"""Makes the pictures of decode_test.cpp and resize_test.cpp, with what Pillow says they should become.

    tests/data/make_pictures.py       rewrites tests/data/pictures and tests/data/resize beside it

pictures/NAME.EXT goes with pictures/NAME.ppm: upright RGB, alpha on white. A picture without a .ppm must be refused.
HEIC and JPEG XL, which Pillow does not write, are written by libvips' command `vips` (Debian: libvips-tools).
"""

import io
import struct
import subprocess
import tempfile
import zlib
from pathlib import Path

import numpy as np
from icc_files import icc_profile
from PIL import Image, ImageCms, ImageOps
from tiff_files import from_lab, tiff, tiles

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
    indexed = encode(rgb.quantize(8), "BMP")
    add("palette.bmp", indexed)
    add("palette-offset.bmp", indexed[:10] + struct.pack("<I", 54) + indexed[14:], expect(rgb.quantize(8)))
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


def written_by_vips(picture: Image.Image, suffix: str, options: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        picture.save(f"{folder}/in.png")
        subprocess.run(["vips", "copy", f"{folder}/in.png", f"{folder}/out{suffix}[{options}]"], check=True)
        return Path(f"{folder}/out{suffix}").read_bytes()


def new_kinds() -> None:
    rgb = Image.fromarray(colourful(13, 9))
    y, x = np.mgrid[0:48, 0:64]
    smooth = Image.fromarray(np.stack([x * 4, y * 5, 255 - x * 2 - y * 2], -1).astype(np.uint8))
    add("rgb.gif", encode(rgb, "GIF"))
    add("rgb.jp2", encode(rgb, "JPEG2000"))
    add("smooth.avif", encode(smooth, "AVIF", quality=95, subsampling="4:4:4"))
    add("rgb.jxl", written_by_vips(rgb, ".jxl", "lossless"), np.asarray(rgb))
    add("smooth.heic", written_by_vips(smooth, ".heic", "compression=hevc,Q=95"), np.asarray(smooth))
    frames = [Image.fromarray(colourful(10, 8, seed=s)).quantize(64) for s in (1, 2)]
    add("animated.gif", encode(frames[0], "GIF", save_all=True, append_images=frames[1:]))


def profiles() -> None:
    # Adobe RGB (1998): its primaries, adapted to D50, and its gamma.
    adobe = icc_profile(
        b"RGB ", 2.19921875, [(0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457)]
    )
    gray_profile = icc_profile(b"GRAY", 1.8, [])
    srgb = ImageCms.createProfile("sRGB")
    rgb, rgba = Image.fromarray(colourful(13, 9)), Image.fromarray(colourful(13, 9, 4), "RGBA")
    gray = rgb.convert("L")

    def in_srgb(picture: Image.Image, profile: bytes) -> Image.Image:
        from_profile = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.profileToProfile(picture, from_profile, srgb, outputMode="RGB")

    add("adobe-rgb.png", encode(rgb, "PNG", icc_profile=adobe), np.asarray(in_srgb(rgb, adobe)))
    add("adobe-rgb.tiff", encode(rgb, "TIFF", icc_profile=adobe), np.asarray(in_srgb(rgb, adobe)))
    converted = in_srgb(rgba.convert("RGB"), adobe)
    converted.putalpha(rgba.getchannel("A"))
    add("adobe-rgb-alpha.png", encode(rgba, "PNG", icc_profile=adobe), expect(converted))
    add("gray-profile.png", encode(gray, "PNG", icc_profile=gray_profile), np.asarray(in_srgb(gray, gray_profile)))
    add("srgb-profile.png", encode(rgb, "PNG", icc_profile=ImageCms.ImageCmsProfile(srgb).tobytes()))
    add("wrong-profile.png", encode(gray, "PNG", icc_profile=adobe))
    add("damaged-profile.png", encode(rgb, "PNG", icc_profile=adobe[:200]))


def scientific() -> None:
    """TIFF and PNM files of scanners, cameras and programs for maps and measurements."""
    pixels = colourful(29, 18)
    gray = pixels[..., 0]
    size, shown = (29, 18), np.broadcast_to(gray[..., None], (18, 29, 3))
    planar = {284: 2, 322: 16, 323: 16}
    add(
        "tiled-planes.tiff",
        tiff(size, [8] * 3, 2, [t for c in range(3) for t in tiles(pixels[..., c])], planar),
        pixels,
    )
    alpha = colourful(29, 18, 4)[..., 3:].astype(np.int64) * 257
    multiplied = np.concatenate([(pixels.astype(np.int64) * alpha + 127) // 255, alpha], -1).astype("<u2")
    on_white = np.rint((multiplied[..., :3].astype(np.int64) + 65535 - alpha) / 257)
    deep = [t for c in range(4) for t in tiles(multiplied[..., c])]
    add("tiled-planes-alpha.tiff", tiff(size, [16] * 4, 2, deep, planar | {338: 1}), on_white)
    rgba = np.dstack([pixels, alpha // 257]).astype(np.uint8)
    add("unnamed-alpha.tiff", tiff(size, [8] * 4, 2, [rgba.tobytes()]), expect(Image.fromarray(rgba, "RGBA")))
    twelve = np.rint(gray / 255 * 4095).astype(np.int64)
    rows = [np.unpackbits(row.astype(">u2").view(np.uint8)).reshape(-1, 16)[:, 4:] for row in twelve]
    add("twelve-bits.tiff", tiff(size, [12], 1, [np.packbits(row).tobytes() for row in rows]), shown)
    inverse = [np.packbits(1 - row).tobytes() for row in rows]
    add("twelve-bits-white.tiff", tiff(size, [12], 0, inverse), shown)
    half = np.rint(gray / 255 * 32767).astype("<i2")
    add("signed16.tiff", tiff(size, [16], 1, [half.tobytes()], {339: 2}), shown)
    (PICTURES / "negative.tiff").write_bytes(tiff(size, [16], 1, [(half - 1000).tobytes()], {339: 2}))
    add("signed8.tiff", tiff(size, [8], 1, [gray.tobytes()], {339: 2}), shown)
    lab = np.dstack([pixels[..., 0], (pixels[..., 1:] // 2).astype(np.int64) - 64]).astype(np.uint8)
    add("lab.tiff", tiff(size, [8] * 3, 8, [lab.tobytes()]), from_lab(lab))
    floats = (gray / 255).astype("<f4")[::-1]
    add("gray.pfm", b"Pf\n29 18\n-1.0\n" + floats.tobytes(), shown)
    (PICTURES / "bright.pfm").write_bytes(b"Pf\n29 18\n-1.0\n" + (floats * 9).tobytes())
    add("colour.pfm", b"PF\n29 18\n1\n" + (pixels / 255).astype(">f4")[::-1].tobytes(), pixels)
    bits = b"".join(b"1" if value < 128 else b"0" for value in gray.flat)
    add("close.pbm", b"P1\n# 1\n29 18\n" + bits[:70] + b"\n" + bits[70:], np.where(shown < 128, 0, 255))


def luma_and_chroma() -> None:
    """TIFF files with fewer samples of chroma: as they are, and in the kind of JPEG before TIFF's technical note 2."""
    y, x = np.mgrid[0:16, 0:24]
    smooth = Image.fromarray(np.stack([x * 9, y * 14, 255 - x * 4 - y * 7], -1).astype(np.uint8))
    ycbcr = np.asarray(smooth.convert("YCbCr")).astype(np.int64)
    chroma = (ycbcr[..., 1:].reshape(8, 2, 12, 2, 2).sum((1, 3)) + 2) // 4
    units = ycbcr[..., 0].reshape(8, 2, 12, 2).transpose(0, 2, 1, 3).reshape(8, 12, 4)
    coded = np.concatenate([units, chroma], -1).astype(np.uint8)
    shown = np.dstack([ycbcr[..., :1], chroma.repeat(2, 0).repeat(2, 1)]).astype(np.uint8)
    shown = Image.fromarray(shown, "YCbCr")
    add("chroma.tiff", tiff((24, 16), [8] * 3, 6, [coded.tobytes()], {530: [2, 2]}), expect(shown))
    jpeg = encode(smooth, "JPEG", quality=95, subsampling=2)
    at = jpeg.index(b"\xff\xda")
    at += 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
    more = {259: 6, 530: [2, 2], 513: 0, 514: at}
    old = tiff((24, 16), [8] * 3, 6, [jpeg[at:-2]], more, ahead=jpeg[:at])
    add("old-jpeg.tiff", old)


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
    new_kinds()
    profiles()
    scientific()
    luma_and_chroma()
    refused()
    resizes()


if __name__ == "__main__":
    main()
