"""The waiting line: one at a time, in order, fair between people, and no place is ever lost or kept too long."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Generator
from contextlib import ExitStack, closing

import pytest

from ui.waiting import Ticket, WaitingLine


def served(tickets: list[Ticket]) -> list[str]:
    """Return the people in the order in which they are served; each leaves as soon as it is their turn."""
    order: list[str] = []
    waiting = list(tickets)
    while waiting:
        (turn,) = [ticket for ticket in waiting if next(ticket.wait(0), 0) == 0]
        order.append(turn.person)
        turn.__exit__()
        waiting.remove(turn)
    return order


def enter(line: WaitingLine, people: str) -> list[Ticket]:
    return [line.ticket(person).__enter__() for person in people]


def test_an_empty_line_is_nobodys_wait() -> None:
    line = WaitingLine()
    with line.ticket("a") as ticket:
        assert list(ticket.wait()) == []
        assert len(line) == 1
    assert len(line) == 0


@pytest.mark.parametrize(
    ("people", "order"),
    [
        ("abcd", "abcd"),
        ("aab", "aba"),
        ("aaaab", "abaaa"),
        ("aaaabbc", "abcabaa"),
        ("baaac", "bacaa"),
        ("abab", "abab"),
        ("abba", "abab"),
    ],
)
def test_people_take_turns(people: str, order: str) -> None:
    line = WaitingLine()
    tickets = enter(line, people)
    assert len(line) == len(people)
    assert "".join(served(tickets)) == order
    assert len(line) == 0
    assert not line._waiting


def test_whoever_has_had_a_turn_goes_behind_who_came_meanwhile() -> None:
    line = WaitingLine()
    first, second = enter(line, "aa")
    (new,) = enter(line, "b")
    first.__exit__()
    assert list(new.wait()) == []
    assert next(second.wait()) == 1


@pytest.mark.parametrize("people", ["abcd", "aab", "aaaabbc", "baaac", "abba", "abcabcaab"])
def test_the_number_told_is_how_many_are_served_before(people: str) -> None:
    line = WaitingLine()
    tickets = enter(line, people)
    waiting = list(tickets)
    while waiting:
        ahead = [next(ticket.wait(0), 0) for ticket in waiting]
        assert sorted(ahead) == list(range(len(waiting)))
        turn = waiting[ahead.index(0)]
        turn.__exit__()
        waiting.remove(turn)
        assert [next(ticket.wait(0), 0) for ticket in waiting] == [number - 1 for number in ahead if number]


def test_the_number_comes_when_it_changes_and_again_and_again() -> None:
    line = WaitingLine()
    first, second, third = enter(line, "abc")
    waits = third.wait(poll=0.01)
    assert [next(waits) for _ in range(3)] == [2, 2, 2]
    second.__exit__()
    assert next(waits) == 1
    first.__exit__()
    assert next(waits, "my turn") == "my turn"


def test_a_change_is_told_at_once() -> None:
    line = WaitingLine()
    first, second = enter(line, "ab")
    waits = second.wait(poll=60)
    assert next(waits) == 1
    threading.Timer(0.05, first.__exit__).start()
    started = time.monotonic()
    assert list(waits) == []
    assert time.monotonic() - started < 10


def test_waiting_sleeps() -> None:
    line = WaitingLine()
    _, second = enter(line, "ab")
    waits = second.wait(poll=0.3)
    next(waits)
    started = time.thread_time()
    next(waits)
    assert time.thread_time() - started < 0.1


def test_an_exception_frees_the_place() -> None:
    line = WaitingLine()
    with pytest.raises(ZeroDivisionError), line.ticket("a"):
        raise ZeroDivisionError
    assert len(line) == 0


def asking(line: WaitingLine, person: str) -> Generator[str, None, None]:
    with line.ticket(person) as ticket:
        for ahead in ticket.wait(0.01):
            yield f"{ahead} before"
        yield "answer"
        yield "sources"


def test_a_closed_generator_frees_its_place_while_waiting_and_while_served() -> None:
    line = WaitingLine()
    first, second, third = (asking(line, person) for person in "abc")
    assert [next(first), next(second), next(third)] == ["answer", "1 before", "2 before"]
    second.close()
    assert next(third) == "1 before"
    first.close()
    assert list(third) == ["answer", "sources"]
    assert len(line) == 0


def test_a_forgotten_generator_frees_its_place() -> None:
    line = WaitingLine()
    forgotten = asking(line, "a")
    next(forgotten)
    del forgotten
    assert len(line) == 0


def test_leaving_in_the_middle_keeps_the_order() -> None:
    line = WaitingLine()
    tickets = enter(line, "abacb")
    tickets[1].__exit__()
    tickets[1].__exit__()  # leaving twice is leaving
    assert "".join(served([tickets[0], *tickets[2:]])) == "abca"
    assert len(line) == 0


def test_a_ticket_is_in_the_line_once_and_waits_only_there() -> None:
    line = WaitingLine()
    ticket = line.ticket("a")
    with pytest.raises(RuntimeError, match="not in the line"):
        next(ticket.wait())
    with ticket, pytest.raises(RuntimeError, match="already"):
        ticket.__enter__()
    with line.ticket("b"), ticket:
        assert next(ticket.wait()) == 1
    with pytest.raises(RuntimeError, match="not in the line"):
        next(ticket.wait())


def test_each_step_may_run_in_another_thread() -> None:
    line = WaitingLine()
    steps: list[str] = []
    with ExitStack() as stack:
        first = stack.enter_context(line.ticket("a"))
        generator = stack.enter_context(closing(asking(line, "b")))
        for number in range(4):
            if number == 2:
                first.__exit__()
            thread = threading.Thread(target=lambda: steps.append(next(generator)))
            thread.start()
            thread.join()
    assert steps == ["1 before", "1 before", "answer", "sources"]
    assert len(line) == 0


def test_never_two_at_once_and_none_lost() -> None:
    line, lock = WaitingLine(), threading.Lock()
    count = {"inside": 0, "most": 0, "served": 0, "left": 0}

    def person(number: int) -> None:
        chance = random.Random(number)
        for _ in range(20):
            with line.ticket(f"person {number % 17}") as ticket:
                for _ahead in ticket.wait(0.05):
                    if chance.random() < 0.02:
                        with lock:
                            count["left"] += 1
                        break
                else:
                    with lock:
                        count["inside"] += 1
                        count["most"] = max(count["most"], count["inside"])
                    time.sleep(0.0002)
                    with lock:
                        count["inside"] -= 1
                        count["served"] += 1

    threads = [threading.Thread(target=person, args=(number,), daemon=True) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    assert (count["most"], count["served"] + count["left"], len(line)) == (1, 1000, 0)
    assert count["served"] > 500
