"""Errors that a script reports in one line; `code` is its exit code (sysexits.h)."""


class UserError(Exception):
    """Something that the user can mend; the message names the file or the option."""

    code = 70


class CheckpointError(UserError):
    """A checkpoint or tokenizer that cannot be used."""

    code = 65


class MissingInputError(CheckpointError):
    """An input that does not exist."""

    code = 66


class OutputError(UserError):
    """An output that cannot be written."""

    code = 73
