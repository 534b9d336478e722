"""Contact sheets: pictures with a caption below each, in rows."""

from collections.abc import Sequence

from PIL import Image, ImageDraw

GAP = 8  # pixels between tiles
LINE = 14  # pixels of a line of a caption


def tile_sheet(tiles: Sequence[Image.Image], captions: Sequence[str], columns: int) -> Image.Image:
    """The tiles, centred in cells of the largest one's size, on white. Captions may have several lines."""
    width, height = (max(tile.size[side] for tile in tiles) for side in (0, 1))
    below = 4 + LINE * max(1 + caption.count("\n") for caption in captions)
    rows = -(-len(tiles) // columns)
    sheet = Image.new("RGB", (columns * (width + GAP), rows * (height + below)), "white")
    draw = ImageDraw.Draw(sheet)
    for index, (tile, caption) in enumerate(zip(tiles, captions, strict=True)):
        x, y = index % columns * (width + GAP), index // columns * (height + below)
        sheet.paste(tile, (x + (width - tile.width) // 2, y + (height - tile.height) // 2))
        draw.text((x + 2, y + height + 2), caption, fill="black")
    return sheet


def side_by_side(one: Image.Image, other: Image.Image) -> Image.Image:
    """Two pictures of one size as a tile."""
    both = Image.new("RGB", (2 * one.width, one.height))
    both.paste(one, (0, 0))
    both.paste(other, (one.width, 0))
    return both


def in_two_lines(text: str, width: int) -> str:
    """The text, its characters after the first `width` on a second line, which is always there."""
    return f"{text[:width]}\n{text[width:]}"
