"""What the measures mean, a sentence or two each, for those who read a report. The formulas stand with the code."""

DEFINITIONS: tuple[tuple[str, str], ...] = (
    ("recall@k", "share of the relevant documents, or of the gold evidence, among the first k that the search found"),
    ("MRR@10", "1 / rank of the first relevant one, 0 when it is not among ten"),
    ("nDCG@10", "how much of the relevance stands how high, against the best possible order"),
    ("evidence", "a passage shows a piece of gold evidence when it holds at least half of its characters"),
    ("nugget recall",
     "share of the facts asked for that the answer's own sentences state, by pattern; whatever the outcome"),
    ("nugget recall, quotes read too", "the same, for a reader who also reads the quotes that are cited"),
    ("contains, exact match, token F1", "against short reference answers, normalised as SQuAD does"),
    ("quotes that are verbatim",
     "share of quotes that are what their document says at their offsets, to the character"),
    ("citation recall",
     "share of sentences with at least one quote that agrees with gold evidence: half of the shorter is shared. A "
     "lower bound, since gold evidence is never complete"),
    ("citation precision", "share of quotes that agree with gold evidence, 0 for an answer that cites nothing"),
    ("statements supported",
     "share of sentences whose numbers all stand in their quotes, and at least 60% of their words"),
    ("false answers", "share of the unanswerable questions that were answered"),
    ("false refusals", "share of the answerable questions that were not"),
    ("risk-coverage",
     "mean share of the answer missing (1 for an unanswerable question) over all cuts of the questions by "
     "confidence; 0 is best, and a random order of confidence gives the mean loss"),
    ("total time", "measured from outside, question to finished answer"),
)  # fmt: skip
