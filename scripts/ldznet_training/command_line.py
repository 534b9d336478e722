"""What the scripts' command lines share."""

import argparse
import sys


class Parser(argparse.ArgumentParser):
    """Mistakes in the command line have exit code 64, as with the program."""

    def error(self, message: str):
        self.print_usage(sys.stderr)
        self.exit(64, f"{self.prog}: error: {message}\n")
