"""Segments pictures with Ray, on this machine or on a cluster.

    python -m ldznet.ray photos --prompts panda sky --output results --actors 2

Writes a line of JSON per picture into files in the output folder, or rows of Parquet. Without --address, Ray starts on
this machine. On a cluster all machines must see the pictures and the output folder under the same paths, or both are
URIs such as s3://bucket/pictures.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path

import ray
import ray.data

from ..errors import EXIT_CODES
from .output import FORMATS, finished, remove_failed, write
from .segment import segment

# The program's list of picture files in folders.
_SUFFIXES = frozenset(
    [
        ".png",
        ".jpg",
        ".jpeg",
        ".webp",
        ".bmp",
        ".tif",
        ".tiff",
        ".pnm",
        ".ppm",
        ".pgm",
        ".pbm",
        ".gif",
        ".heic",
        ".heif",
        ".avif",
        ".jxl",
        ".jp2",
        ".j2k",
    ]
)
_PICTURES_A_FILE = 1024  # of results, at most: what a killed actor has to do again
_SOME_FAILED, _USAGE, _MISSING, _INTERNAL, _CANNOT_WRITE = 1, 64, 66, 70, 73


class _Parser(argparse.ArgumentParser):
    """Mistakes in the command line have exit code 64, as with the program."""

    def error(self, message: str) -> None:  # type: ignore[override]
        self.print_usage(sys.stderr)
        self.exit(_USAGE, f"{self.prog}: error: {message}\n")


def _parse() -> argparse.Namespace:
    parser = _Parser(
        prog="python -m ldznet.ray", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("inputs", nargs="*", metavar="INPUT", help="picture, folder (read recursively), or URI of one")
    parser.add_argument("--list", type=Path, metavar="FILE", help="also read paths from FILE, one a line")
    parser.add_argument("-p", "--prompts", nargs="+", required=True, metavar="TEXT", help="what to find")
    parser.add_argument("-o", "--output", required=True, metavar="FOLDER", help="folder or URI for the results")
    parser.add_argument("--format", choices=FORMATS, default="jsonl", help="of the results (default: jsonl)")
    parser.add_argument("--resume", action="store_true", help="skip pictures that have results in the output folder")
    parser.add_argument("--actors", type=int, default=1, metavar="N", help="workers at the same time (default: 1)")
    parser.add_argument("--num-cpus", type=float, default=1, metavar="N", help="cores of an actor (default: 1)")
    parser.add_argument("--num-gpus", type=float, default=0, metavar="N", help="GPUs of an actor (default: 0)")
    parser.add_argument(
        "--batch-rows", type=int, default=16, metavar="N", help="pictures that an actor gets at a time (default: 16)"
    )
    parser.add_argument("--address", help="of a Ray cluster, for example auto (default: start Ray here)")
    parser.add_argument("-m", "--model", help="folder of the bundle")
    parser.add_argument("--program", help="path of ldznet (default: $LDZNET, else the one on the PATH)")
    parser.add_argument(
        "--worker-option",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="option of ldznet worker, for example threshold=0.4; repeatable",
    )
    options = parser.parse_args()
    if not options.inputs and options.list is None:
        parser.error("name pictures or folders, or a file with --list")
    for option in options.worker_option:
        if "=" not in option:
            parser.error(f"--worker-option {option}: write NAME=VALUE")
    return options


def _paths(options: argparse.Namespace) -> Iterator[str]:
    """The pictures' paths. Raises FileNotFoundError."""
    inputs = list(options.inputs)
    if options.list is not None:
        inputs += [line for line in options.list.read_text("utf-8").splitlines() if line.strip()]
    for path in inputs:
        if not os.path.isdir(path):
            os.stat(path)
            yield path
        for folder, folders, files in os.walk(path):
            folders.sort()
            yield from (
                os.path.join(folder, file) for file in sorted(files) if os.path.splitext(file)[1].lower() in _SUFFIXES
            )


def _run(options: argparse.Namespace) -> int:
    remote = [path for path in options.inputs if "://" in path]
    if remote and (len(remote) < len(options.inputs) or options.list is not None):
        print("ldznet.ray: URIs and paths cannot be mixed", file=sys.stderr)
        return _USAGE
    paths = [] if remote else list(dict.fromkeys(os.path.abspath(path) for path in _paths(options)))
    done = finished(options.output)
    if done and not options.resume:
        print(f"ldznet.ray: {options.output} has results; add --resume or name another folder", file=sys.stderr)
        return _CANNOT_WRITE
    remove_failed(options.output)
    missing = [path for path in paths if path not in done]
    if not missing and not remote:
        print(f"{len(paths)} pictures: nothing to do")
        return 0
    ray.init(address=options.address, log_to_driver=False)
    if remote:
        dataset, column = ray.data.read_binary_files(remote, include_paths=True), "bytes"
    else:
        blocks = max(-(-len(missing) // _PICTURES_A_FILE), min(len(missing), 4 * options.actors))
        dataset = ray.data.from_items([{"image": path} for path in missing], override_num_blocks=blocks)
        column = "image"
    results = segment(
        dataset,
        options.prompts,
        column=column,
        done=done if remote else (),
        actors=options.actors,
        num_cpus=options.num_cpus,
        num_gpus=options.num_gpus,
        batch_rows=options.batch_rows,
        program=options.program,
        **{"model": options.model, **dict(option.split("=", 1) for option in options.worker_option)},
    )
    written, failed = write(results, options.output, format=options.format)
    print(f"{written} pictures done, {failed} failed, {len(done)} skipped")
    return _SOME_FAILED if failed else 0


def main() -> int:
    options = _parse()
    try:
        return _run(options)
    except FileNotFoundError as error:
        print(f"ldznet.ray: {error.filename}: does not exist", file=sys.stderr)
        return _MISSING
    except Exception as error:  # Ray's errors have the actor's as text
        trace = "".join(traceback.format_exception(error))
        reasons = re.findall(r"^ldznet\.errors\.(\w+): (.+)$", trace, re.M)
        if not reasons:
            raise
        kind, message = reasons[-1]
        print(f"ldznet.ray: {message}", file=sys.stderr)
        return EXIT_CODES.get(kind, _INTERNAL)


if __name__ == "__main__":
    sys.exit(main())
