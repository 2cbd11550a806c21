"""Everything that can go wrong for a person, as one tree. Only the command line makes exit codes of them.

RagError                    shown to the user as one line, exit status 2
├── UsageError              the question or the arguments can't be used as they are
├── SettingsError           a settings file, variable or flag holds something unknown or impossible
├── ModelError              a model file is missing, damaged or can't be run
│   └── HubUnreachable      the hub of models can't be reached, or must not be
└── LibraryError            the library is missing, busy, damaged or made by something else
    ├── LibraryMissing      there is no library yet
    ├── LibraryBusy         another process is writing to it
    └── EmbedderMismatch    it was made with another embedding model

ReadError                   one file can't be read; it is reported and the rest goes on
└── ReadInterrupted         it couldn't be read this time, and is tried again the next
"""

from __future__ import annotations


class RagError(Exception):
    """Base of all errors whose message is written for the user: what happened, and what to do."""


class UsageError(RagError):
    """The question or an argument can't be used."""


class SettingsError(RagError):
    """A setting is unknown or impossible."""


class ModelError(RagError):
    """A model is missing, damaged or can't be run."""


class HubUnreachable(ModelError):
    """There is no way to the hub of models: no network, or offline on purpose."""


class LibraryError(RagError):
    """The library can't be used as it is."""


class LibraryMissing(LibraryError):
    """There is no library at this place yet."""


class LibraryBusy(LibraryError):
    """Another process is writing to the library."""


class EmbedderMismatch(LibraryError):
    """The library's vectors were made by another embedding model than the one in the settings."""


class ReadError(Exception):
    """One file can't be read. `str(error)` is the reason, without the file's name."""


class ReadInterrupted(ReadError):
    """Reading a file took too long, too much memory or crashed: another time, it may not."""


def one_line(text: str, most: int = 300) -> str:
    """Make a short line, fit to be shown, of what somebody else's program or file says in an error."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:most]
