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
    ("first statement",
     "share of the answerable questions whose first statement contains a reference answer, or a nugget where the gold "
     "has only those"),
    ("quotes that are verbatim",
     "share of quotes that are what their document says at their offsets, to the character"),
    ("citation recall",
     "share of statements that their quotes support: all their numbers stand there, and at least 60% of their words. "
     "ALCE's measure, with words in place of an entailment model. A sentence quoted whole supports itself"),
    ("citation precision",
     "ALCE's too: share of citations that their statement needs. One is not needed when the statement isn't "
     "supported, or when it doesn't support it and the others do without it; 0 for an answer that cites nothing"),
    ("gold evidence that is quoted",
     "share of the places marked in the gold that a quote agrees with: half of the shorter of the two is shared"),
    ("quotes that are gold evidence",
     "share of quotes that agree with a marked place. A lower bound: a quote that adds context, or that answers from a "
     "place nobody marked, counts as wrong; 0 for an answer that cites nothing"),
    ("quotes from a document of the gold evidence", "share of quotes whose document has a marked place"),
    ("false answers",
     "share of the unanswerable questions that were answered. RGB's negative rejection is 1 minus this, less failures"),
    ("false refusals", "share of the answerable questions that were not answered, or failed"),
    ("risk-coverage",
     "mean share of the answer missing (1 for an unanswerable question) over all cuts of the questions by "
     "confidence; 0 is best, and a random order of confidence gives the mean loss"),
    ("total time", "measured from outside, question to finished answer"),
    ("peak memory", "of the whole process; the baseline runs after the assistant in the same one, so never less"),
)  # fmt: skip
