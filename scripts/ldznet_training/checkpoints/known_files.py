"""Published files that are recognised by their sha256."""

from pathlib import Path

from ..bundle import describe

# sha256 -> name. docs/checkpoints.md names where each hash is published.
PUBLISHED = {
    "fe4efff1e174c627256e44ec2991ba279b3816e364b49f9be2abc0b3ff3f8556": "sd-v1-4.ckpt",
    "14749efc0ae8ef0329391ad4436feb781b402f4fece4883c7ad8d10556d8a36a": "sd-v1-4-full-ema.ckpt",
}
SIZES = {"sd-v1-4.ckpt": 4_265_380_512}


class SourceFile:
    """An input: its size, sha256 and, if it is known, its published name."""

    def __init__(self, path: Path):
        self.path = path
        found = describe(path)
        self.bytes, self.sha256 = found["bytes"], found["sha256"]
        self.published = PUBLISHED.get(self.sha256)

    def remark(self) -> str | None:
        """What is to be said about the file, if anything."""
        if self.published:
            return f"{self.path.name}: this is {self.published} as published"
        if SIZES.get(self.path.name) == self.bytes:
            return f"{self.path.name}: has the size of the published file, but another sha256: changed or damaged"
        return None
