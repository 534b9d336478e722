"""The program's errors as exceptions. `code` is the name that the program's JSON gives them."""

from __future__ import annotations


class LdznetError(Exception):
    """Any error of this package or of the program."""

    code = "internal"


class UsageError(LdznetError):
    """An option or a prompt is wrong."""

    code = "usage"


class BadImageError(LdznetError):
    """The picture is damaged, or of a type that the program does not read."""

    code = "bad_image"


class MissingInputError(LdznetError):
    """The picture does not exist, or may not be read."""

    code = "missing_input"


class DeviceError(LdznetError):
    """The requested device is not available."""

    code = "device"


class InternalError(LdznetError):
    """An error in the program or in a network."""

    code = "internal"


class CannotWriteError(LdznetError):
    """An output cannot be written."""

    code = "cannot_write"


class OutOfMemoryError(LdznetError):
    """Memory ran out; the message names the option that helps."""

    code = "out_of_memory"


class BadConfigError(LdznetError):
    """The bundle or the configuration cannot be used."""

    code = "bad_config"


class ProgramNotFoundError(LdznetError):
    """There is no program at the given place, in $LDZNET or on the PATH."""

    code = "program_not_found"


class WorkerDiedError(LdznetError):
    """The worker ended while it worked on this request, and so did the one that was started in its place."""

    code = "worker_died"


_ERROR = "ldznet: error: "

# The exit codes of sysexits that the program uses.
_BY_EXIT_CODE: dict[int, type[LdznetError]] = {
    64: UsageError,
    65: BadImageError,
    66: MissingInputError,
    69: DeviceError,
    70: InternalError,
    73: CannotWriteError,
    75: OutOfMemoryError,
    78: BadConfigError,
}
EXIT_CODES = {error.__name__: code for code, error in _BY_EXIT_CODE.items()}
_BY_CODE = {error.code: error for error in _BY_EXIT_CODE.values()}


def error_of_code(code: str, message: str) -> LdznetError:
    """The exception for the `error` of a JSON line."""
    return _BY_CODE.get(code, InternalError)(message)


def error_of_exit(status: int, stderr: str) -> LdznetError:
    """The exception for a program that ended with `status` and this text on stderr."""
    lines = stderr.splitlines()
    errors = [number for number, line in enumerate(lines) if line.startswith(_ERROR)]
    if status < 0:
        message = f"ldznet was ended by signal {-status}"
    elif errors:  # lines after it show the place of a mistake
        message = "\n".join(lines[errors[-1] :]).removeprefix(_ERROR)
    else:
        message = stderr.strip() or f"ldznet ended with exit code {status}"
    return _BY_EXIT_CODE.get(status, InternalError)(message)
