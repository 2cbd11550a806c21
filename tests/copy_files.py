"""An article, what people's folders hold of it besides, and articles that only look like it."""

from __future__ import annotations

ARTICLE = """date 2025-03-04

Harbour of Porto to close for dredging

The harbour of Porto closes to large ships on Monday, and it will stay closed for eleven weeks. Ana Prado, who runs the
port authority, said that the channel had lost two metres of depth since the floods. Without the work, she said, no
tanker could enter at low tide by the end of the year.

The dredging costs 48 million euros. Half of it comes from Lisbon, the rest from the fees that shipping companies pay.
The union of dockers fears for 320 jobs during the closure. Its chairman, Rui Tavares, called the plan a lockout by
another name and announced a march to the town hall.

Fishing boats may leave and return through the northern lock between six and nine in the morning. Ferries to the
islands depart from Leixoes instead, where two berths have been set aside for them. Passengers keep their tickets.

Environmental groups had asked for a study of the sludge, which holds mercury from the old tannery. The ministry
refused in January. A court in Braga is to rule on their complaint before the summer.

Wine exporters are sending their casks by rail for now. A litre costs them four cents more that way. The first train
left Gaia on Thursday with sixty wagons.
"""
TOMORROW = ARTICLE.replace(
    "date 2025-03-04", "date 2025-03-05"
)  # the next day's edition, where a copy has to come last


def _paragraphs(text: str) -> list[str]:
    return text.split("\n\n")


def headline() -> str:
    """The text of the agency under another paper's headline."""
    date, _, *rest = _paragraphs(TOMORROW)
    return "\n\n".join([date, "Porto shuts its port", *rest])


def page() -> str:
    """The same as a saved web page, other quotation marks, other lines."""
    body = "".join(f"<p>{' '.join(part.split())}</p>" for part in _paragraphs(ARTICLE)[2:])
    head = '<meta property="article:published_time" content="2025-03-06">'
    return f"<html><head>{head}</head><body><nav>Home News Sport</nav><h1>Porto shuts its port</h1>{body}</body></html>"


def wrapped() -> str:
    """The same with words broken at the ends of lines, in capitals, with signs that typesetters change."""
    return TOMORROW.replace("lockout", "lock-\nout").replace("Environmental", "ENVIRON-\nMENTAL").replace(",", " ,")


def commented() -> str:
    """The same with what readers wrote under it."""
    chatter = "\n\n".join(f"I told you so! They never asked us about pier {n}." for n in range(30))
    return f"{TOMORROW}\nComments\n\n{chatter}\n"


def revised() -> str:
    """The second version of a report: one figure is another, and one sentence is denied."""
    return TOMORROW.replace("320 jobs", "410 jobs").replace("The ministry\nrefused", "The ministry has not\nrefused")


def cut() -> str:
    """The same without its last paragraph, for lack of space."""
    return "\n\n".join(_paragraphs(TOMORROW)[:-1])


COPIES = {
    "headline.txt": headline(),
    "page.html": page(),
    "wrapped.txt": wrapped(),
    "commented.txt": commented(),
    "revised.txt": revised(),
    "cut.txt": cut(),
}

TRANSLATED = """Le port de Porto ferme pour dragage

Le port de Porto ferme lundi aux grands navires, et il restera fermé onze semaines. Ana Prado, qui dirige l'autorité
portuaire, a dit que le chenal avait perdu deux mètres de profondeur depuis les crues. Sans ces travaux, a-t-elle dit,
aucun pétrolier ne pourrait entrer à marée basse à la fin de l'année. Le dragage coûte 48 millions d'euros. La moitié
vient de Lisbonne, le reste des taxes que paient les compagnies. Le syndicat des dockers craint pour 320 emplois.
"""


def daily(day: int, ships: int, tons: int, ill: int, wind: float) -> str:
    """The harbour master's report of a day: the same words, other figures."""
    return f"""Daily report of the harbour master, {day} March 2025

All movements in the outer and the inner harbour were carried out under the supervision of the duty officer.
The lights on the northern mole, the fog signal and the radio beacon were tested in the morning and found in
order. {ships} ships entered the harbour. {tons} tons of goods were unloaded at the eastern quay.

The fire brigade, the pilot station and the customs office were fully staffed throughout the day and the
night. The infirmary treated {ill} persons. The mean speed of the wind was {wind} metres per second.

Masters of vessels are reminded that discharging oily water inside the moles is forbidden and is reported to
the public prosecutor. Complaints about noise are to be addressed in writing to the office of the harbour
master, which answers them within four weeks. Small craft keep to the starboard side of the channel and give
way to whatever is under tow. Anchors are not dropped over the cables, which are marked on the chart in the
pilot station and on the board at the lock. Crews that wish to go ashore register at the gate and carry their
papers with them.

This report has been drawn up from the log of the duty officer and is valid without signature.
"""


OTHERS = {
    "translated.txt": TRANSLATED,
    "monday.txt": daily(3, 14, 8120, 2, 6.1),
    "tuesday.txt": daily(4, 9, 5377, 0, 11.4),
    "wednesday.txt": daily(5, 21, 12006, 5, 3.8),
    "vote.txt": "date 2025-02-11\n\nThe council of Porto voted for the dredging of the harbour by nineteen to six. "
    "The mayor called the closure of the port a bitter pill. A motion for a study of the sludge was lost.\n",
    "wine.txt": "date 2025-04-20\n\nPort wine sold better than ever while the harbour was closed. The exporters "
    "praised the railway and asked for a second train a day. Dockers protested at the station.\n",
    "ferry.txt": "date 2025-03-28\n\nThe ferries from Leixoes are full. Passengers for the islands wait for hours, "
    "said a spokeswoman of the harbour, and nobody knows how long the closure will last.\n",
}
