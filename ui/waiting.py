"""The line in front of the one model: first come, first served, and nobody's second question before your first.

Knows neither the model nor the screen: only who waits, and how many are before them.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Iterator


class WaitingLine:
    """A line in which one ticket at a time has its turn; people take turns, each person's tickets in their order.

    Whoever has had a turn goes behind everybody who is waiting at its end; whoever is new joins at the end. So a
    person waits for at most one turn of each other person, however many tickets the others hold.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._serving: Ticket | None = None
        self._waiting: OrderedDict[str, deque[Ticket]] = OrderedDict()  # by person, the next person first

    def __len__(self) -> int:
        """Return how many tickets are in the line, the one whose turn it is among them."""
        with self._changed:
            return sum(map(len, self._waiting.values())) + (self._serving is not None)

    def ticket(self, person: str) -> Ticket:
        """Return a ticket for a person; it is in the line as long as its `with` block lasts."""
        return Ticket(self, person)

    def _enter(self, ticket: Ticket) -> None:
        with self._changed:
            if self._holds(ticket):
                raise RuntimeError("the ticket is in the line already")
            self._waiting.setdefault(ticket.person, deque()).append(ticket)
            self._advance()

    def _leave(self, ticket: Ticket) -> None:
        with self._changed:
            if ticket is self._serving:
                self._serving = None
                if ticket.person in self._waiting:
                    self._waiting.move_to_end(ticket.person)
            elif self._holds(ticket):
                self._take(ticket)
            self._advance()

    def _advance(self) -> None:
        if self._serving is None and self._waiting:
            ticket = next(iter(self._waiting.values()))[0]
            self._take(ticket)
            self._serving = ticket
        self._changed.notify_all()

    def _take(self, ticket: Ticket) -> None:
        tickets = self._waiting[ticket.person]
        tickets.remove(ticket)
        if not tickets:
            del self._waiting[ticket.person]

    def _holds(self, ticket: Ticket) -> bool:
        return ticket is self._serving or ticket in self._waiting.get(ticket.person, ())

    def _ahead(self, ticket: Ticket) -> int:
        """Count the tickets that have their turn before this one, if nobody comes or leaves."""
        if ticket is self._serving:
            return 0
        if self._serving is None or not self._holds(ticket):
            raise RuntimeError("the ticket is not in the line: wait inside its “with” block")
        turn = self._waiting[ticket.person].index(ticket)  # so many of the person's own come first
        people = list(self._waiting)
        if self._serving.person in self._waiting:  # who is served goes to the end
            people.remove(self._serving.person)
            people.append(self._serving.person)
        place = people.index(ticket.person)
        sooner = (min(len(self._waiting[person]), turn + 1) for person in people[:place])
        later = (min(len(self._waiting[person]), turn) for person in people[place + 1 :])
        return 1 + turn + sum(sooner) + sum(later)

    def _ahead_unless(self, ticket: Ticket, told: int | None, seconds: float) -> int:
        """Return how many are before a ticket: as soon as it isn't the number told, or after so many seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._ahead(ticket) != told, seconds)
            return self._ahead(ticket)


class Ticket:
    """A place in the line. It may be entered, waited with and left in different threads, one after the other."""

    def __init__(self, line: WaitingLine, person: str) -> None:
        self._line = line
        self.person = person

    def __enter__(self) -> Ticket:
        self._line._enter(self)
        return self

    def __exit__(self, *_: object) -> None:
        self._line._leave(self)

    def wait(self, poll: float = 0.1) -> Iterator[int]:
        """Yield how many tickets are before this one, until it is its turn; nothing if that is so at once.

        The number comes when it changes, and every `poll` seconds anyway, so that the caller can look whether it is
        to stop. Never 0: the end of the iteration is the turn.
        """
        told = None
        while ahead := self._line._ahead_unless(self, told, poll):
            yield ahead
            told = ahead
