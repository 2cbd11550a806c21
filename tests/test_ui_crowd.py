"""Eight people at once, with the real models: nobody gets another's words or an error, and everybody sees the line.

Until everybody has two answers; CROWD_SECONDS=120 makes it last two minutes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.ui_helpers import REPOSITORY, Server, Visitor

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SECONDS = float(os.environ.get("CROWD_SECONDS", "0"))
ANSWERS = 2
QUESTIONS = [
    "what does Russia demand?",
    "Which oil companies did Trump put under sanctions?",
    "Where did the Alaska summit take place?",
    "Who wrote Don Quixote?",
    "How many children are on the list?",
    "Que veut la Russie ?",
    "Combien de pays sont dans la coalition des volontaires ?",
    "Why did the US stop sending weapons to Kyiv in March?",
]
# What a page shows: the last question, how many are answered, what is being done, and the last answer's statements.
STATE = """() => {
  const text = (part) => document.querySelector("#live " + part)?.textContent || "";
  return [text(".turn h2"), document.querySelectorAll(".turn:not(.live)").length, text(".stage"),
    [...document.querySelectorAll("#live .statement .text")].map((e) => e.textContent)];
}"""


def test_eight_people_at_once_each_get_their_own_answers(browser: Browser, corpus_library: Path) -> None:
    with Server(corpus_library) as server:
        expected = _answers(server)
        # Their eight screens are painted by the machine that answers: no animation, so that it gets to it.
        people = [Visitor(browser, server, reduced_motion="reduce") for _ in QUESTIONS]
        for person in people:
            person.visit()
        answered, waited = [0] * len(people), 0
        began = time.monotonic()
        asked = [False] * len(people)

        def goes_on() -> bool:
            return min(answered) < ANSWERS or time.monotonic() < began + SECONDS

        while goes_on() or any(asked):
            assert time.monotonic() < began + SECONDS + 140, "somebody's last answer never came"
            for number, person in enumerate(people):
                question = QUESTIONS[number]
                if not asked[number]:
                    if goes_on():
                        person.page.fill("#box textarea", question)
                        person.page.press("#box textarea", "Enter")
                        asked[number] = True
                    continue
                shown, settled, stage, statements = person.page.evaluate(STATE)
                waited += "before yours" in stage
                if settled == answered[number] + 1:
                    assert (shown, statements) == (f"You: {question}", expected[question])
                    answered[number] += 1
                    asked[number] = False
            time.sleep(0.3)
        assert waited, "nobody was told that others come first"
        assert min(answered) >= max(answered) - 1, f"the line is not fair: {answered}"
        for person in people:
            assert person.page.locator(".chats li").count() == 1
            assert person.complaints == []
            person.context.close()
        assert server.log().count("\n") == 1, server.log()
        took = time.monotonic() - began
        print(f"{sum(answered)} answers in {took:.0f} s, each person {min(answered)} to {max(answered)}")


def _answers(server: Server) -> dict[str, list[str]]:
    """What each question is answered when nobody else asks."""
    command = [sys.executable, "-m", "ui.cli", "ask", "--json", "--library", str(server.library), "-"]
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(
        command, input="\n".join(QUESTIONS), capture_output=True, text=True, check=False, env=environment
    )
    given = [json.loads(line) for line in done.stdout.splitlines()]
    return {answer["question"]: [one["text"] for one in answer["statements"]] for answer in given}
