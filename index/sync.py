"""Bring a library in step with files and folders: read what is new or changed, drop what has vanished.

Incremental by content: a file is read again only when its size or time changed, embedded again only when its bytes
did. What is embedded together is written together, and reported after that: whatever was reported as done stays done,
and a run that is interrupted anywhere is taken up by the next.
"""

from __future__ import annotations

import os
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Sequence, Set
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal

from index import extras
from index.chunks import Span, split_chunks
from index.duplicates import find_copies
from index.embedder import EmbeddingModel
from index.errors import RagError, ReadError, ReadInterrupted, UsageError
from index.files import Found, is_below, walk
from index.headers import embedded_text, searched_words
from index.isolation import Isolated, Read
from index.kinds import is_archive
from index.language import detect_language
from index.library import Library
from index.members import Loader, archive_of, members_of
from index.parsed import Parsed
from index.pdf import UNREAD
from index.readers import fingerprint, identify
from index.scans import Scans
from index.segments import Segment, left_out, segments
from index.sentences import split_sentences
from index.store import NEVER, FileRecord, Store
from index.switch import described
from index.types import Document, Sentence

if TYPE_CHECKING:
    from index.embedder import Vectors

CHUNK_TOKENS = 128
CHUNKING = 2  # how documents are cut, and what is searched with them; raised, it has every library made again
_BATCH_CHUNKS = 96  # embedded together: enough to sort by length, little enough that progress is seen
# Chunks stored before what is searched with is made anew, in a run that goes on; a quarter of the library where that is
# more. Whoever asks meanwhile compares those since one by one.
_UNKEPT_CHUNKS = 20_000
_BATCH_FILES = 500  # dealt with in one transaction where nothing is embedded
_RACY_NS = 2_000_000_000  # a file changed this shortly before it was seen may have changed again within its timestamp

Outcome = Literal["added", "updated", "removed", "moved", "unchanged", "failed"]


@dataclass(frozen=True, slots=True)
class Progress:
    """One file is dealt with, and safely so: `done` of `total`."""

    path: str
    outcome: Outcome
    reason: str | None
    done: int
    total: int


@dataclass(slots=True)
class SyncReport:
    """What a sync did: paths by outcome, `failed` with reasons.

    `left_out` counts what was not looked at, by what excludes it; a folder, whatever it holds, counts as one.
    """

    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    scanned: list[str] = field(default_factory=list)  # of those added or updated, with pages that were not recognised
    chunks_embedded: int = 0

    @property
    def readable(self) -> int:
        """How many of the files seen are now in the library."""
        return len(self.added) + len(self.updated) + len(self.moved) + len(self.unchanged)

    @property
    def changed(self) -> bool:
        """Whether the library holds something else than before."""
        return bool(self.added or self.updated or self.moved or self.removed)


@dataclass(frozen=True, slots=True)
class _Prepared:
    found: Found
    outcome: Outcome
    document: Document
    sentences: list[Sentence]
    spans: list[Span]
    set_aside: tuple[str, ...]


def sync(
    library: Library,
    paths: Sequence[Path],
    model: EmbeddingModel,
    *,
    only: Set[Path] | None = None,
    keep: bool = False,
    exclude: Sequence[str] = (),
    on_progress: Callable[[Progress], None] | None = None,
    on_stage: Callable[[str], None] | None = None,
    on_step: Callable[[str, int], None] | None = None,
    read: Read | None = None,
) -> SyncReport:
    """Bring `library` in step with `paths`, files or folders; with `only`, with what is at or below these of them.

    With `keep`, documents whose files have vanished stay. Files that can't be read are reported and the rest goes on;
    they are not read again until they change, or the readers do. `exclude` are patterns as in a .gitignore file.
    `on_progress` is told of every file once it is safely dealt with, `on_stage` what takes long besides. `on_step` is
    told the path at hand and the number of files (0 while they are looked for) whenever the run may be held up or
    ended: before a file is read, and, from another thread, between the batches that are embedded meanwhile. It may
    wait, and whatever it or `on_progress` raises ends the run. Files are read in a child process with limits, or by
    `read` where it is given.
    Raises UsageError when a path doesn't exist or a pattern is none, EmbedderMismatch, LibraryBusy.
    """
    roots = [existing(path) for path in paths]
    with library.writing(), Isolated() as isolated, Loader() as loader:
        library.check_embedder(model)
        _forget_problems_of_other_readers(library)
        former = _last_of_former_chunking(library.store)
        run = _Run(library, model, on_progress, on_stage, on_step, read or isolated.read, loader, only)
        run.look_for(roots, exclude)
        with run:
            run.add_all()
            if not keep:
                run.remove_vanished(roots)
            run.name_heirs()
            run.renew(former)
        find_copies(library.store, run.step, on_stage)
        if library.store.counts()[1]:
            model.prepare_questions(on_stage)
        library.renew()
    return run.report


def warm_up(model: EmbeddingModel, read: Read) -> None:
    """Load all that reading and embedding a file takes, so that the next one doesn't wait for it."""
    with suppress(ReadError):  # on a machine that is very busy
        parsed = read(Path("warm-up.txt"), b"The first file waits for what is loaded here; the next one need not.")
        prepared = _cut(parsed, Found("", 0, 0), "added", "", model)
        model.encode_documents(_texts(prepared.document, prepared.spans))


def remove(library: Library, paths: Sequence[Path]) -> list[str]:
    """Take files or whole folders out of the library; the files themselves are left alone. Returns their paths."""
    with library.writing():
        known = library.store.files()
        targets = {Path(os.path.abspath(path.expanduser())) for path in paths}
        gone = [path for path in known if is_below(Path(path), targets)]
        with library.store.transaction():
            for path in gone:
                library.store.remove_file(path)
        library.renew()
    return gone


def _forget_problems_of_other_readers(library: Library) -> None:
    if library.store.meta("readers") != (mine := fingerprint()):
        with library.store.transaction():
            library.store.forget_problems()
            library.store.look_again(_unread(library.store))
            library.store.set_meta("readers", mine)


def _unread(store: Store) -> set[str]:
    """Return the documents with scanned pages that were not recognised and now can be, by their paths."""
    if not extras.has_ocr():
        return set()
    return {path for path, told in store.set_aside().items() if _is_unread(told)}


def _is_unread(set_aside: Sequence[str]) -> bool:
    return any(line.startswith(UNREAD) for line in set_aside)


def existing(path: Path) -> Path:
    """Return the absolute form of a path. Raises UsageError when there is nothing."""
    absolute = Path(os.path.abspath(path.expanduser()))
    if not absolute.exists():
        raise UsageError(f"no such file or folder: {path}")
    return absolute


class _Run:
    """One sync under way: the files to deal with, those read and waiting to be embedded, and the report.

    Files are read and stored by the thread that called; in a `with` block another one embeds meanwhile.
    """

    def __init__(
        self,
        library: Library,
        model: EmbeddingModel,
        on_progress: Callable[[Progress], None] | None,
        on_stage: Callable[[str], None] | None,
        on_step: Callable[[str, int], None] | None,
        read: Read,
        loader: Loader,
        only: Set[Path] | None,
    ) -> None:
        self._scans = Scans(library.store, read, self._tell_page)
        self.read = self._scans.read
        self.loader = loader
        self.only = only
        self.library = library
        self.store = library.store
        self.model = model
        self.found: list[Found] = []
        self.known = self.store.files(only)
        self._paths = sorted(self.known)
        self.on_progress = on_progress
        self.on_stage = on_stage
        self.on_step = on_step
        self.report = SyncReport()
        self._pending: dict[str, _Prepared] = {}
        self._embedded: tuple[dict[str, _Prepared], Future[Vectors]] | None = None  # or about to be
        self._pool = ThreadPoolExecutor(1, "embedding")
        self._over = False
        self._unkept = 0
        self._noted: list[tuple[FileRecord, Outcome]] = []
        self._present: set[str] = set()
        self._moved: set[str] = set()  # where the documents were that are now elsewhere
        self._heirs: list[str] = []  # files that documents are known by from now on, since others have gone
        self._done = 0
        self._began_ns = time.time_ns()  # no file was looked at before

    def __enter__(self) -> _Run:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over = True
        self._scans.close()
        self._pool.shutdown()

    def look_for(self, roots: Sequence[Path], exclude: Sequence[str]) -> None:
        """Find the files to deal with, and the members of archives."""
        for item in walk(roots, self.library.folder, exclude, self.only):
            if item.left_out:
                self.report.left_out[item.left_out] += 1
                continue
            if self.on_step:
                self.on_step(item.path, 0)
            self.found += self._members(item) if is_archive(item.path) and not item.problem else [item]
        self._present = {item.path for item in self.found}

    def _members(self, archive: Found) -> list[Found]:
        """List an archive's members; one that is as it was isn't opened. What can't be opened stands for itself."""
        known = self._known_below(archive.path)
        if known and all(_untouched(archive, before) for before in known):
            return [Found(one.path, archive.size, archive.mtime_ns, archive=archive.path) for one in known]
        try:
            return members_of(archive)
        except ReadError as error:
            return [replace(archive, problem=str(error))]
        except OSError as error:  # it may come back (a network drive): what the library has of it stays
            problem = f"can't be read: {error.strerror or error}"
            return [replace(archive, size=0, problem=problem, closed=True)]

    def _known_below(self, path: str) -> list[FileRecord]:
        """Return what is known of an archive and of its members."""
        first, last = bisect_left(self._paths, f"{path}/"), bisect_left(self._paths, f"{path}0")  # 0 comes after /
        own = [self.known[path]] if path in self.known else []
        return [*own, *(self.known[below] for below in self._paths[first:last])]

    def add_all(self) -> None:
        """Deal with every file found."""
        for item in self.found:
            self.step(item.path)
            try:
                self._add(item)
            except ReadError as error:
                before = self.known.get(item.path)
                if before is None or before.problem != str(error) or not item.problem:
                    record = self._record(item, None, str(error))
                    if isinstance(error, ReadInterrupted):
                        record = replace(record, seen_ns=NEVER)
                    self._noted.append((record, "failed"))
                else:
                    self._finish(item.path, "failed", str(error))
            except OSError as error:  # it may come back (a network drive): what the library has of it stays
                self._finish(item.path, "failed", f"can't be read: {error.strerror or error}")
            if sum(len(p.spans) for p in self._pending.values()) >= _BATCH_CHUNKS:
                self._flush()
            if len(self._noted) >= _BATCH_FILES:
                self._write_notes()
        self._flush()
        self._store()
        self._write_notes()

    def remove_vanished(self, roots: Sequence[Path]) -> None:
        """Drop the files below `roots` that are known and no longer there.

        The library's own folder, with what was uploaded to it, is walked only when it is named: what it holds has not
        vanished because a folder around it was read. Nor has what lies in a folder that couldn't be opened.
        """
        closed = {Path(item.path) for item in self.found if item.closed}
        unnoticed = self._moved | {item.archive for item in self.found}  # which failed before its members were known
        home = self.library.folder.resolve()
        everywhere = {root for root in roots if root.exists()}  # or a drive that went meanwhile would take all with it
        inside = {root for root in roots if root.resolve().is_relative_to(home)}
        gone: list[str] = []
        for path in [path for path in self.known if path not in self._present]:
            if is_below(Path(path), closed):
                continue
            own = Path(path).resolve().is_relative_to(home)
            if is_below(Path(path), inside if own else everywhere):
                gone.append(path)
        for start in range(0, len(gone), _BATCH_FILES):
            batch = gone[start : start + _BATCH_FILES]
            with self.store.transaction():
                for path in batch:
                    self._inherit(self.store.remove_file(path))
            self.report.removed += [path for path in batch if path not in unnoticed]

    def name_heirs(self) -> None:
        """Read the files that documents are known by since this run: title and date may come from a file's name."""
        for path, record in self.store.files(map(Path, self._heirs)).items():
            with suppress(ReadError, OSError):
                data = self.loader.load(Found(path, 0, 0, archive=archive_of(path)))
                document_id = identify(Path(path), data)
                former = self.store.documents([document_id]).get(document_id)
                if former and former.path == record.path:
                    parsed = self.read(Path(path), data)
                    with self.store.transaction():
                        self._set_origin(former, path, parsed)

    def renew(self, former: int) -> None:
        """Cut and embed again, from the stored text, the documents that have chunks up to the number `former`."""
        outdated = self.store.documents_up_to(former)
        if outdated and self.on_stage:
            self.on_stage(f"Bringing {len(outdated)} document{'s'[: len(outdated) > 1]} of the library up to date")
        for document_id in outdated:
            document = self.store.documents([document_id])[document_id]
            spans = _cut_again(document, self.store, self.model)
            vectors = self._encode([(document, spans)])
            terms = _terms(document, spans)
            with self.store.transaction():
                self.store.put_chunks(document_id, spans, terms, vectors)
            self.report.chunks_embedded += len(vectors)

    def _inherit(self, heir: str | None) -> None:
        if heir:
            self._heirs.append(heir)

    def _set_origin(self, former: Document, path: str, parsed: Parsed) -> None:
        document = replace(former, path=path, title=parsed.title or "", date=parsed.date)
        self.store.update_origin(document)
        self.store.put_terms(document.id, _terms(document, self.store.spans(document.id)))

    def _add(self, item: Found) -> None:
        if item.problem:
            raise ReadError(item.problem)
        before = self.known.get(item.path)
        if before and _untouched(item, before):
            self._finish(item.path, "failed" if before.problem else "unchanged", before.problem)
            return
        data = self.loader.load(item)
        document_id = identify(Path(item.path), data)
        if document_id in self._pending:  # a copy of a file in the same batch
            self._flush()
        if self._embedded and document_id in self._embedded[0]:
            self._store()
        again = before is not None and before.document_id == document_id and before.seen_ns == NEVER
        if self.store.has_document(document_id) and not again:
            self._add_known(item, before, document_id, data)
        else:
            outcome: Outcome = "updated" if before and before.document_id else "added"
            self._pending[document_id] = self._prepare(item, outcome, document_id, data)

    def _add_known(self, item: Found, before: FileRecord | None, document_id: str, data: bytes) -> None:
        """Note a file whose content the library already has: touched, copied, moved, or changed into a copy."""
        if before is not None and before.document_id == document_id:
            self._noted.append((self._record(item, document_id), "unchanged"))
            return
        former = self.store.documents([document_id])[document_id]
        moved = not self._is_there(former.path)
        parsed = self.read(Path(item.path), data) if moved else None  # before the transaction: it may take a while
        if moved:
            self._moved.add(former.path)
        with self.store.transaction():
            if parsed:
                self._set_origin(former, item.path, parsed)
            self._inherit(self.store.put_file(self._record(item, document_id)))
        self._finish(item.path, "moved" if moved else "updated" if before else "added")

    def _write_notes(self) -> None:
        """Write down, together, the files that are as they were and those that can't be read."""
        noted, self._noted = self._noted, []
        if not noted:
            return
        with self.store.transaction():
            for record, _ in noted:
                self._inherit(self.store.put_file(record))
        for record, outcome in noted:
            self._finish(record.path, outcome, record.problem)

    def _is_there(self, path: str) -> bool:
        return path in self._present or Path(archive_of(path) or path).exists()

    def _prepare(self, item: Found, outcome: Outcome, document_id: str, data: bytes) -> _Prepared:
        """Read a file and cut it into sentences and chunks, all but the embedding. Raises ReadError."""
        parsed = self.read(Path(item.path), data)
        try:
            return _cut(parsed, item, outcome, document_id, self.model)
        except (ReadError, RagError):
            raise
        except Exception as error:  # one file that trips a parser must not stop ten thousand others
            raise ReadError(f"can't be parsed: {type(error).__name__}: {error}") from error

    def _flush(self) -> None:
        """Have what was read embedded, and store what was embedded before it."""
        batch, self._pending = self._pending, {}
        if not batch:
            return
        self.model.prepare_documents(self.on_stage)
        chunked = [(prepared.document, prepared.spans) for prepared in batch.values()]
        vectors = self._pool.submit(self._encode, chunked)
        self._store()
        self._embedded = batch, vectors

    def _store(self) -> None:
        if not self._embedded:
            return
        batch, vectors = list(self._embedded[0].values()), self._embedded[1].result()
        self._embedded = None
        self.report.chunks_embedded += len(vectors)
        terms = [_terms(prepared.document, prepared.spans) for prepared in batch]  # before the transaction
        position = 0
        with self.store.transaction():
            self.store.embedder = described(self.model)
            for prepared, theirs in zip(batch, terms, strict=True):
                document, spans = prepared.document, prepared.spans
                ours = vectors[position : position + len(spans)]
                position += len(spans)
                self.store.put_document(document, prepared.sentences, spans, theirs, ours, prepared.set_aside)
                self._inherit(self.store.put_file(self._record(prepared.found, document.id)))
                if _is_unread(prepared.set_aside):
                    self.report.scanned.append(document.path)
        for prepared in batch:
            self._finish(prepared.found.path, prepared.outcome)
        self._unkept += len(vectors)
        if self._unkept >= _UNKEPT_CHUNKS and self._unkept >= self.store.counts()[1] // 4:
            self.library.renew()
            self._unkept = 0

    def _encode(self, chunked: Sequence[tuple[Document, Sequence[Span]]]) -> Vectors:
        texts = [text for document, spans in chunked for text in _texts(document, spans)]
        owners = [document.path for document, spans in chunked for _ in spans]

        def on_batch(number: int) -> None:
            if self._over:
                raise InterruptedError
            self.step(owners[number])

        return self.model.encode_documents(texts, on_batch)

    def _record(self, item: Found, document_id: str | None, problem: str | None = None) -> FileRecord:
        return FileRecord(item.path, document_id, item.size, item.mtime_ns, self._began_ns, problem)

    def step(self, path: str) -> None:
        """Let others get a word in, before what concerns the file at `path` is gone on with."""
        if self.on_step:
            self.on_step(path, len(self.found))

    def _tell_page(self, path: Path, number: int, count: int) -> None:
        """Tell which of a file's scanned pages is looked at."""
        self.step(str(path))
        if self.on_stage:
            self.on_stage(f"Recognising the words on scanned page {number} of {count} of {path.name}")

    def _finish(self, path: str, outcome: Outcome, reason: str | None = None) -> None:
        if outcome == "failed":
            self.report.failed.append((path, reason or ""))
        else:
            getattr(self.report, outcome).append(path)
        self._done += 1
        if self.on_progress:
            self.on_progress(Progress(path, outcome, reason, self._done, len(self.found)))


def _cut(parsed: Parsed, item: Found, outcome: Outcome, document_id: str, model: EmbeddingModel) -> _Prepared:
    language = detect_language(parsed.text[parsed.body :])
    document = Document(document_id, item.path, parsed.title or "", parsed.date, language, parsed.text, parsed.places)
    parts = segments(parsed)
    sentences = [sentence for part in parts for sentence in split_sentences(parsed.text, part, language)]
    spans = _chunk(parsed.text, parts, sentences, model)
    if not spans:
        raise ReadError("empty: no sentence in it")
    return _Prepared(item, outcome, document, sentences, spans, (*parsed.set_aside, *left_out(parsed, parts)))


def _chunk(text: str, parts: Sequence[Segment], sentences: Sequence[Sentence], model: EmbeddingModel) -> list[Span]:
    return [
        span
        for part in parts
        for span in split_chunks(
            text,
            part,
            [sentence for sentence in sentences if part.start <= sentence.start < part.end],
            model.count_tokens,
            CHUNK_TOKENS,
        )
    ]


def _cut_again(document: Document, store: Store, model: EmbeddingModel) -> list[Span]:
    former = _segments_of(document, store.spans(document.id))
    return _chunk(document.text, former, store.sentences(document.id), model)


def _last_of_former_chunking(store: Store) -> int:
    """Return the number of the last chunk that was made in another way than CHUNKING; it is noted by the first run."""
    if store.meta("chunking") != CHUNKING:
        with store.transaction():
            store.set_meta("chunking", CHUNKING)
            store.set_meta("former_chunking", store.last_chunk)
    return int(store.meta("former_chunking"))


def _segments_of(document: Document, spans: Sequence[Span]) -> list[Segment]:
    """Find a stored document's segments again: runs of chunks in one voice with nothing but white space between."""
    found: list[Segment] = []
    for span in spans:
        last = found[-1] if found else None
        if last and last.voice == span.voice and not document.text[last.end : span.start].strip():
            found[-1] = Segment(last.start, span.end, span.voice)
        else:
            found.append(Segment(span.start, span.end, span.voice))
    return found


def _texts(document: Document, spans: Sequence[Span]) -> list[str]:
    return [embedded_text(document, span.start, span.end) for span in spans]


def _terms(document: Document, spans: Sequence[Span]) -> list[list[str]]:
    return [searched_words(document, span.start, span.end) for span in spans]


def _untouched(item: Found, before: FileRecord) -> bool:
    return (item.size, item.mtime_ns) == (before.size, before.mtime_ns) and (
        before.seen_ns - before.mtime_ns > _RACY_NS
    )
