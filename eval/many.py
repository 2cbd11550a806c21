"""Made-up documents in any number, made of the example documents' sentences and words; the same seed, the same files.

`write_files` makes small files, none like another; `write_passages` makes a few large ones of many passages.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"
SEED = 20251125
PER_FILE = 200  # passages
_BYTES = 1024
_DAYS = 300  # a folder each, below its month's
_FIRST_DAY = date(2025, 1, 6)
_NUMBER = re.compile(r"\d+")
_WORDS = 16  # of a passage
_WORD = re.compile(r"\b[a-z]{3,}\b")


def write_files(folder: Path, count: int, seed: int = SEED) -> None:
    """Write `count` texts of about 1 KB, none like another, below `folder`: month/day/name.txt or .md."""
    dice = random.Random(seed)
    languages = [sentences for _, sentences in sorted(corpus_sentences().items())]
    weights = [len(sentences) for sentences in languages]
    for number in range(count):
        day = _FIRST_DAY + timedelta(days=number % _DAYS)
        (sentences,) = dice.choices(languages, weights)
        title, text = note(sentences, day, dice)
        place = folder / f"{day:%Y-%m}" / f"{day:%d}"
        place.mkdir(parents=True, exist_ok=True)
        name = "-".join(re.findall(r"\w+", title.lower())[:5])
        (place / f"{number:05}-{name}.{'md' if number % 4 == 0 else 'txt'}").write_text(text, encoding="utf-8")


def note(sentences: Sequence[str], day: date, dice: random.Random) -> tuple[str, str]:
    """Make one text: its title, and the whole, dated and in paragraphs."""
    drawn = iter(dice.sample(sentences, len(sentences)))
    title = " ".join(next(drawn).rstrip(".!?").split()[:8])
    text = f"# {title}\n\n{day.isoformat()}\n\n"
    for sentence in drawn:
        sentence = _NUMBER.sub(lambda found: str(dice.randrange(10 ** len(found.group()))), sentence)
        if len((text + sentence).encode()) > _BYTES:
            break
        text += sentence + dice.choice(("\n\n", " ", " ", " "))
    return title, text.rstrip() + "\n"


def corpus_sentences() -> dict[str, list[str]]:
    """Return the sentences of the example documents by language, those short enough that several fit into 1 KB."""
    from index.language import detect_language
    from index.readers import read
    from index.segments import segments
    from index.sentences import split_sentences

    found: dict[str, list[str]] = {}
    for path in sorted(CORPUS.iterdir()):
        parsed = read(path, path.read_bytes())
        language = detect_language(parsed.text)
        for segment in segments(parsed):
            for sentence in split_sentences(parsed.text, segment, language):
                text = " ".join(parsed.text[sentence.start : sentence.end].split())
                if 40 <= len(text) <= _BYTES // 3:
                    found.setdefault(language, []).append(text)
    return found


def write_passages(folder: Path, count: int, seed: int = SEED) -> None:
    """Write `count` passages below `folder`, 200 a file: notes of one sentence, of 16 words drawn at random.

    Under each stands a line of tags, which is no part of a chunk: so each note is a chunk of its own, and short enough
    that a hundred thousand are embedded within minutes.
    """
    dice, words = random.Random(seed), _WORD.findall(" ".join(corpus_sentences()["en"]))
    folder.mkdir(parents=True, exist_ok=True)
    for first in range(0, count, PER_FILE):
        notes = []
        for _ in range(min(PER_FILE, count - first)):
            one, other, *said = dice.choices(words, k=_WORDS + 2)
            notes.append(f"{' '.join(said).capitalize()}.\n#{one} #{other}\n")
        (folder / f"{first // PER_FILE:05}.txt").write_text("\n".join(notes), encoding="utf-8")
