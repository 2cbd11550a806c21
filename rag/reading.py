"""How a draft is read: what a model wrote -> sentences without their marks, and the excerpts each one cites.

Knows nothing of prompts or of checking. Models wrap an answer in thinking, template tokens, JSON, Markdown and
courtesies, and write their marks in many ways. The reading goes from the outside in, each step a small one:

    text -> the answer alone -> lines in plain words, every mark as [n] -> sentences -> statement and marks

A sentence lost here costs little, because its source is quoted instead. One that keeps a stray mark would be shown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from rag.marks import plain_marks
from rag.wordings import (
    ABOUT_EXCERPT,
    AS_EXCERPTS_SAY,
    CITED_IN_WORDS,
    COURTEOUS,
    END_MATTER,
    EXCERPT_SAYS,
    FROM_EXCERPTS,
    LABEL,
    MARKS,
    NOTE,
    REFUSAL,
    SAYS,
    SMALL_TALK,
)

_CUT = "\ue000"  # stands where the token limit cut the draft, and goes with whatever is dropped there
_LONGEST = 20_000  # characters of an answer; what is longer is babble

# --- What is around the answer. ---
# Qwen, DeepSeek <think>; Claude <thinking>; EXAONE <thought>; Seed <seed:think>; Kimi ◁think▷; Magistral [THINK];
# Command A <|START_THINKING|>; gpt-oss channels, also with their tokens stripped; Gemma 4 channels; Granite 3.2 words.
_TAGS = r"(?:seed:)?think(?:ing)?|thoughts?|reasoning|reflection|scratchpad"
_THINKING = re.compile(
    rf"(?P<open><(?:{_TAGS})>|◁think▷|\[THINK\]|<\|START_THINKING\|>|<\|begin_of_thought\|>|<\|channel>thought"
    r"|<\|channel\|>(?:analysis|commentary)[^<\n]{0,80}<\|message\|>|\Aanalysis(?=[A-Z])|here is my thought process:)"
    rf"|(?P<close></(?:{_TAGS})>|◁/think▷|\[/THINK\]|<\|END_THINKING\|>|<\|end_of_thought\|>|<channel\|>"
    r"|<\|channel\|>final[^<\n]{0,80}<\|message\|>|assistantfinal|here is my response:|^grounded answer:)",
    re.IGNORECASE | re.MULTILINE,
)
_ROLE = re.compile(
    r"(?:<\|im_start\|>|<\|start_header_id\|>|<start_of_turn>|<\|start\|>|<\|start_of_role\|>|<\|turn>)"
    r"\s?(?:assistant|model)\b",
    re.IGNORECASE,
)
_TURN_END = re.compile(
    r"<\|(?:im_end|im_start|eot_id|eom_id|end|return|end_of_text|endoftext|start_header_id|user|END_OF_TURN_TOKEN"
    r"|END_RESPONSE)\|>|</s>|<end_of_turn>|<start_of_turn>|<eos>|<turn\|>|<｜(?:end▁of▁sentence|User)｜>|\[INST\]"
    r"|^[ \t]*\**(?:question|user|human|utilisateur)\s?:",
    re.IGNORECASE | re.MULTILINE,
)
# Granite 3.3: a fact between the tokens, or the document's number alone.
_GRANITE_CITE = re.compile(
    r"<\|start_of_cite\|>\s?\{\s?\"?document_id\"?\s?:\s?\"?(\d{1,3})\"?\s?\}([^<\n]{0,500})<\|end_of_cite\|>"
)
_COHERE_CITE = re.compile(r"</co:\s?([\d:,\[\] ]{1,40})>")  # Command R: </co: 1,2>; Command A: </co: 0:[1,2]>
_TOKEN = re.compile(r"<\|[^|<>\n]{1,40}\|?>|<｜[^｜\n]{1,40}｜>|</?[A-Za-z][^<>\n]{0,80}>|\[/?INST\]")
_FENCE = re.compile(r"^\s{0,9}(?:```|~~~)\w*[ \t]*$", re.MULTILINE)
_SUP = re.compile(
    r"<sup>\s?\[?(\d{1,3}(?:\s?,\s?\d{1,3}){0,9})\]?\s?</sup>|\$?\^\{(\d{1,3}(?:,\d{1,3}){0,9})\}\$?", re.IGNORECASE
)
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_JSON = re.compile(r"^[ \t]*(?:\[\s{0,9})?\{\s{0,9}\"", re.MULTILINE)
_JSON_TEXTS = frozenset("answer text sentence statement claim content response final_answer reponse réponse".split())
_JSON_MARKS = frozenset(
    "citation citations source sources excerpt excerpts mark marks reference references extrait extraits".split()
)

# --- Markdown. ---
_ESCAPED = re.compile(r"\\([\[\]()*_#])|\\boxed\{([^{}\n]{0,2000})\}")
_LINE_START = re.compile(r"^\s*(?:(?:[-*•–—+▪◦‣●→>]|\d{1,2}[.)]|\(\d{1,2}\)|#{1,6})(?:\s+|$))+")
_HEADING = re.compile(r"#{1,6}\s+(.*)|(?:[-*•]\s+)?\*\*([^*]+)\*\*\s?:?")
_BOLD_LABEL = re.compile(r"^\*\*[^*\n]{1,60}(?::\s?\*\*|\*\*\s?:)\s+(?=[A-ZÀ-Ý]\S*(?:\s+\S+){3})")
_EMPHASIS = re.compile(r"(?<![\w*_])(\*{1,3}|_{1,3})(?=[^\s*_])([^*_\n]*[^\s*_])\1(?!\w)|\*\*|__|`|~~")
_LINK = re.compile(r"!?\[([^\[\]\n]{1,200})\]\((?:https?:|#|\.?/)[^()\s]{0,300}\)")

# --- Marks, all of them [n] by now. ---
_MARK = re.compile(r"\[(\d{1,3})\]")
_DEFINITION = re.compile(r"\[(\d{1,3})\][\s:.]*(?:\[(\d{1,3})\])?")
_AFTER_STOP = re.compile(r"(?<![.!?…])([.!?…]+(?:\s?[»”\"’)])*)\s{0,3}((?:\[\d{1,3}\]\s{0,3})+)([»”\"]*)(?![.,;])")
_EXCERPT_AS_SUBJECT = re.compile(rf"(?<=[.!?…»”\"])\s{{0,3}}(?={MARKS}{SAYS}\b)", re.IGNORECASE)  # "… . [2] says that"
_ENDS_WITH_MARK = re.compile(r"\[\d{1,3}\][\s.!?…»”\")]*$")
_CUT_MARK = re.compile(r"(?:[\[(【<◁][^\])】>\n]{0,30}|[\^†]\d{0,3})" + _CUT)


@dataclass(frozen=True, slots=True)
class DraftSentence:
    """One sentence of a draft in plain words, and the excerpts it cites: numbers that exist, perhaps wrong or none."""

    text: str
    marks: tuple[int, ...]


def read_draft(text: str, language: str, excerpts: int, finished: bool = True) -> list[DraftSentence]:
    """Read the statements of a draft, in order, each once; refusals and words about the answer are none.

    Args:
        text: what the model wrote.
        language: an ISO 639-1 code, for the splitting into sentences.
        excerpts: how many it was given; a number is a mark only from 1 to this.
        finished: whether the model came to an end; if not, a last sentence without full stop is dropped.
    """
    drafted: dict[str, DraftSentence] = {}
    for sentence in _sentences(text, language, excerpts, finished):
        statement = None if _refuses(sentence) else _statement(sentence)
        if statement:
            key = statement.text.rstrip(".!?… ").casefold()
            earlier = drafted[key].marks if key in drafted else ()
            marks = tuple(dict.fromkeys(earlier + statement.marks))
            drafted[key] = DraftSentence(drafted[key].text if key in drafted else statement.text, marks)
    return list(drafted.values())


def _refuses(sentence: str) -> bool:
    return bool(REFUSAL.search(_MARK.sub("", sentence).strip()))


def _sentences(text: str, language: str, excerpts: int, finished: bool) -> Iterator[str]:
    """Yield the answer's sentences with their marks as [n], without courtesies, headings and lists of sources."""
    from sentencex import segment

    text = text.encode(errors="ignore").decode()  # a lone surrogate is no text
    answer = _answer(text.replace(_CUT, "") + ("" if finished else _CUT))
    lines, notes = _body([_plain(line, excerpts) for line in _lines(answer)])
    waiting = ""  # a sentence is held until it is known whether marks follow on a line of their own
    for line in lines:
        parts = [
            part.strip() for piece in _with_marks_inside(line.replace(_CUT, "")) for part in segment(language, piece)
        ]
        if _CUT in line and parts and not _whole(parts[-1]):
            parts.pop()
        for part in parts:
            part = _MARK.sub(lambda mark: f"[{notes.get(int(mark[1]), int(mark[1]))}]", part)
            bare = _MARK.sub("", part)
            if not re.search(r"\w", bare):
                waiting += part if waiting and not _MARK.search(waiting) else ""
            elif not _is_talk(bare.strip(), marked=bare != part):
                if waiting:
                    yield waiting
                waiting = part
    if waiting:
        yield waiting


def _answer(text: str) -> str:
    """Return the answer alone: no thinking, no template's tokens, nothing after the model's turn, no JSON."""
    kept: list[str] = []
    thinking, last = False, 0
    for tag in _THINKING.finditer(text):
        if not thinking and tag["open"]:
            kept.append(text[last : tag.start()])
        elif not thinking:
            kept.clear()  # the opening tag stood in the prompt: all before the closing one was thought
        thinking, last = bool(tag["open"]), tag.end()
    answer = "".join([*kept, "" if thinking else text[last:]])
    answer = next((turn for turn in _TURN_END.split(_ROLE.sub("", answer)) if re.search(r"\w", turn)), "")
    answer = answer if len(answer) <= _LONGEST else answer[:_LONGEST] + _CUT
    answer = _GRANITE_CITE.sub(r"\2 [\1]", _CUT_MARK.sub(_CUT, answer))
    answer = _COHERE_CITE.sub(lambda cite: f" [{','.join(_cohere_numbers(cite[1]))}]", answer)
    answer = _SUP.sub(lambda sup: (sup[1] or sup[2]).translate(_RAISED), answer)
    return _from_json(_FENCE.sub("", _TOKEN.sub("", answer)))


def _cohere_numbers(cite: str) -> list[str]:
    inner = re.findall(r"\[([\d, ]*)\]", cite)
    return re.findall(r"\d+", " ".join(inner) if inner else cite)


def _from_json(text: str) -> str:
    """Return the sentences of an answer in JSON, each with its marks; nothing of JSON that is broken or cut off."""
    if not (start := _JSON.search(text)):
        return text
    try:
        value, _ = json.JSONDecoder().raw_decode(text[start.start() :].lstrip())
        return "\n".join(_json_lines(value))
    except (ValueError, RecursionError):
        return text[: start.start()]


def _json_lines(value: object) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from [item] if isinstance(item, str) else _json_lines(item)
    elif isinstance(value, dict):
        cited = [item for key, item in value.items() if key.casefold() in _JSON_MARKS]
        numbers = re.findall(r"\b\d{1,3}\b", str(cited)) if all(isinstance(c, int | str | list) for c in cited) else []
        marks = "".join(f" [{number}]" for number in numbers)
        for key, item in value.items():
            if key.casefold() in _JSON_TEXTS and isinstance(item, str):
                yield item + marks
            elif isinstance(item, dict | list) and item not in cited:
                yield from _json_lines(item)


def _lines(text: str) -> Iterator[str]:
    """Yield the lines; of a table's row the cells that may be sentences, each with the row's marks."""
    for line in text.splitlines():
        if not line.lstrip().startswith("|"):
            yield line
            continue
        cells = line.replace(_CUT, "").split("|")
        marks = " ".join(cell.strip() for cell in cells if len(cell.split()) < 4 and re.search(r"[\[(【]", cell))
        yield from (f"{cell.strip()} {marks}" for cell in cells if len(cell.split()) >= 4)


def _plain(line: str, excerpts: int) -> str:
    """Return a line without Markdown, its marks written as [n]; a heading ends with a colon."""
    cut = _CUT if _CUT in line else ""
    line = _ESCAPED.sub(lambda found: found[1] or found[2] or "", line.replace(_CUT, "").strip())
    heading = _HEADING.fullmatch(line)
    line = (heading[1] or heading[2] or "").strip() if heading else _BOLD_LABEL.sub("", _LINE_START.sub("", line))
    line = _LINK.sub(lambda link: f"[{link[1]}]" if link[1].lstrip("^").isdigit() else link[1], line)
    line = plain_marks(_EMPHASIS.sub(r"\2", line), excerpts)
    if heading and not _MARK.search(line) and not re.search(r"[.!?…»”]$", line):
        line = line.rstrip(": ") + ":"
    return _LINE_START.sub("", line).strip() + cut


def _body(lines: list[str]) -> tuple[list[str], dict[int, int]]:
    """Part the answer from the footnotes and sources after it; a footnote [^1]: Excerpt 3 makes the mark 1 mean 3."""
    body: list[str] = []
    used: set[int] = set()
    notes: dict[int, int] = {}
    ended = False
    for line in lines:
        ended = ended or bool(body and END_MATTER.fullmatch(line.replace(_CUT, "")))
        definition = _DEFINITION.match(line)
        if ended or (definition and int(definition[1]) in used):
            if definition and definition[2]:
                notes[int(definition[1])] = int(definition[2])
        elif line:
            if not _in_front(line):
                used.update(int(mark[1]) for mark in _MARK.finditer(line, 1))
            body.append(line)
    return body, notes


def _in_front(line: str) -> bool:
    return bool(_MARK.match(line)) and not _ENDS_WITH_MARK.search(line)


def _with_marks_inside(line: str) -> list[str]:
    """Put each mark inside its sentence: before the full stop, unless marks stand in front ("[1] One. [2] Two.")."""
    if _in_front(line):
        return re.split(r"(?<=[.!?…»”\"])\s{0,3}(?=\[\d)", line)
    pieces = _EXCERPT_AS_SUBJECT.split(line)
    return [_AFTER_STOP.sub(lambda found: f" {found[2].strip()}{found[1]}{found[3]} ", piece) for piece in pieces]


def _whole(sentence: str) -> bool:
    """Whether a sentence came to its end; "3." may have become "3.5"."""
    return bool(re.search(r"[.!?…]\s?[\"”»’)]*$", sentence)) and not re.search(r"(?<!\d)\d{1,3}\.$", sentence)


def _is_talk(bare: str, marked: bool) -> bool:
    """Whether a sentence is not about the question's matter: a courtesy, an announcement, a heading, a question."""
    return not marked and bool(bare.endswith((":", "?")) or SMALL_TALK.match(bare))


def _statement(sentence: str) -> DraftSentence | None:
    """Take the marks, and words like "according to excerpt 2", out of a sentence."""
    text = sentence
    for opening in (COURTEOUS, LABEL, NOTE):
        text = opening.sub("", text)
    text = EXCERPT_SAYS.sub(r"\1\2", FROM_EXCERPTS.sub(r"\1", text))
    text = AS_EXCERPTS_SAY.sub("", CITED_IN_WORDS.sub(r" \1 ", text))
    if ABOUT_EXCERPT.match(text):
        return None
    marks = tuple(dict.fromkeys(int(mark[1]) for mark in _MARK.finditer(text) if mark[1] != "0"))
    text = re.sub(r"\s*\[\d{1,3}\]", "", text)
    text = re.sub(r"\s+([.,])(?=\s|$)", r"\1", text)
    text = re.sub(r"[ \t]+", " ", text).strip(" \t*_").lstrip(",;: ")
    if not re.search(r"\w", text):
        return None
    if text.split()[0] != _MARK.sub("", sentence).split()[0]:  # words before it were taken out
        text = text[0].upper() + text[1:]
    return DraftSentence(text.removesuffix(":").rstrip() + "." if text.endswith(":") else text, marks)
