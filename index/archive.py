"""Opens the ZIP archives and the XML that many formats consist of, so that no file can do harm.

Nothing is ever written; a bomb, an entity and a network address are refused before they cost anything.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import Any

from index.errors import ReadError

MAX_ENTRIES = 20_000
MAX_TOTAL = 512 * 2**20  # bytes, unpacked: pictures and all
MAX_PART = 48 * 2**20  # bytes of one part that is read
MAX_RATIO = 200  # unpacked to packed; text comes down to a tenth, an eager table to a hundredth
_SMALL = 4 * 2**20  # bytes; what unpacks to less is no bomb
_PIECE = 2**20  # bytes

# Namespaces that several formats share.
DC = "{http://purl.org/dc/elements/1.1/}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"

Element = Any  # lxml has no types

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLD = (("WordDocument", "Word", "docx"), ("Workbook", "Excel", "xlsx"), ("PowerPoint Document", "PowerPoint", "pptx"))


class Archive:
    """A ZIP archive whose parts are read into memory, one by one, within limits."""

    def __init__(self, data: bytes, kind: str) -> None:
        """Open an archive; `kind` is what it should be, "a Word file". Raises ReadError."""
        refuse_ole(data)
        if not data.startswith(b"PK"):
            raise ReadError(f"not {kind}: it is no ZIP archive")
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError, OverflowError) as error:
            raise ReadError(f"damaged {kind.split(' ', 1)[-1]}: {error}") from None
        self._kind = kind
        self._entries = {info.filename: info for info in self._zip.infolist()}
        self._check()

    def _check(self) -> None:
        infos = self._zip.infolist()
        total = sum(info.file_size for info in infos)
        if len(infos) > MAX_ENTRIES:
            raise ReadError(f"refused: {len(infos)} files in one archive, the limit is {MAX_ENTRIES}")
        if total > MAX_TOTAL:
            raise ReadError(f"refused: it unpacks to {total >> 20} MB, the limit is {MAX_TOTAL >> 20} MB")
        for info in infos:
            if expands_too_far(info):
                raise ReadError(f"refused: {info.filename!r} unpacks to more than {MAX_RATIO} times its size")
            if info.flag_bits & 1:
                raise ReadError("encrypted: needs a password")

    @property
    def names(self) -> list[str]:
        """The names of the parts."""
        return list(self._entries)

    def part(self, name: str) -> bytes | None:
        """Read a part; None when there is none of this name. Raises ReadError when it is damaged or too large."""
        info = self._entries.get(name.lstrip("/"))
        if info is None:
            return None
        if info.file_size > MAX_PART:
            raise ReadError(
                f"too large: {info.filename} is {info.file_size >> 20} MB, the limit is {MAX_PART >> 20} MB"
            )
        return read_entry(self._zip, info, self._kind.split(" ", 1)[-1])

    def need(self, name: str) -> bytes:
        """Read a part that must be there."""
        data = self.part(name)
        if data is None:
            raise ReadError(f"not {self._kind}: {name} is missing in it")
        return data

    def tree(self, name: str) -> Element:
        """Parse an XML part that must be there; returns its root element."""
        return parse_xml(self.need(name), name)

    def tree_or_none(self, name: str) -> Element:
        """Parse an XML part; None when there is none of this name."""
        data = self.part(name)
        return None if data is None else parse_xml(data, name)


def expands_too_far(info: zipfile.ZipInfo) -> bool:
    """Tell whether an entry says of itself that it is a bomb."""
    return info.file_size > max(_SMALL, MAX_RATIO * info.compress_size)


def read_entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo, kind: str) -> bytes:
    """Inflate an entry, piece by piece and never to more than the archive says of it.

    Raises ReadError when it is damaged, naming what `kind` of file is.
    """
    pieces = []
    try:
        with archive.open(info) as stream:
            while piece := stream.read(_PIECE):  # at once, it would inflate whatever the entry holds
                pieces.append(piece)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise ReadError(f"damaged {kind}: {error or 'it is cut off'}") from None
    return b"".join(pieces)


def parse_xml(data: bytes, name: str) -> Element:
    """Parse XML without entities, network or depth beyond 256 elements; returns the root element. Raises ReadError."""
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ReadError(
            f"damaged: {name} can't be parsed: {str(error).splitlines()[0] if str(error) else error}"
        ) from None
    declared = root.getroottree().docinfo.internalDTD
    if declared is not None and list(declared.iterentities()):
        raise ReadError(f"refused: {name} declares entities")
    return root


def refuse_ole(data: bytes) -> None:
    """Raise ReadError with the remedy when the bytes are an Office file of before 2007, or an encrypted one."""
    if not data.startswith(_OLE):
        return
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise ReadError("encrypted: needs a password; save it without one")
    for stream, program, suffix in _OLD:
        if stream.encode("utf-16-le") in data:
            raise ReadError(f"an old {program} file: save it as .{suffix}")
    raise ReadError("an old Office file: save it in today's format")
