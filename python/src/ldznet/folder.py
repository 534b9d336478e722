"""Whole folders in one run of the program."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Iterator, Sequence

from .command import Option, find_program, flags
from .errors import error_of_exit
from .messages import Messages
from .results import Segmentation, segmentation_of

# Exit codes of runs whose failed pictures have a line each: some failed, or the only one is unusable or missing.
_TOLD = (1, 65, 66)


def segment_folder(
    inputs: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    prompts: str | Sequence[str],
    *,
    program: str | os.PathLike[str] | None = None,
    **options: Option,
) -> Iterator[Segmentation]:
    """Segments the pictures of a folder, or of several files and folders, and yields each as soon as it is done.

    The options are those of `ldznet segment` with `_` for `-`: `recursive=True`, `output="masks"`, `resume=True`,
    `threshold=0.4` and so on. Without `output` and `save` no files are written. A picture that cannot be segmented is
    yielded, too: its `error` says why and its `results` are empty. Raises a subclass of LdznetError for everything
    that ends the whole run. When the iterator is closed early, the run is stopped.
    """
    named = [inputs] if isinstance(inputs, (str, os.PathLike)) else list(inputs)
    wanted = [prompts] if isinstance(prompts, str) else list(prompts)
    command = [find_program(program), "segment", "--json", *flags(options)]
    command += [f"--prompt={prompt}" for prompt in wanted] + ["--", *(os.fspath(path) for path in named)]
    messages = Messages()
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        reader = threading.Thread(target=messages.add_all, args=(process.stderr,), daemon=True)
        reader.start()
        failed = 0
        try:
            for line in process.stdout:
                picture = segmentation_of(json.loads(line))
                failed += picture.error is not None
                yield picture
        except BaseException:  # closed early: the program must not wait for someone to read its results
            process.terminate()
            process.stdout.close()
            raise
        finally:
            status = process.wait()
            reader.join()
    if status != 0 and not (failed and status in _TOLD):
        raise error_of_exit(status, messages.text())
