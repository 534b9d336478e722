"""What the scripts' command lines share."""

import argparse
import sys
from typing import Callable


class Parser(argparse.ArgumentParser):
    """Mistakes in the command line have exit code 64, as with the program."""

    def error(self, message: str):
        self.print_usage(sys.stderr)
        self.exit(64, f"{self.prog}: error: {message}\n")


def whole(least: int, most: int = 10**9) -> Callable[[str], int]:
    """The argparse type of whole numbers in a range."""

    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number from {least} to {most}")
        return value

    return read
