"""The last exercise of chapter 8: a beam search, on small models made by hand."""

import numpy as np

from helpers.attention import softmax
from helpers.checks.check import Exercise, Mistake


class Table(np.ndarray):
    """A model that a hint can show: row i holds the log-probabilities of what follows token i. Called with all ids."""

    def __call__(self, ids):
        return np.asarray(self)[ids[-1]]


class Model:
    """A model that reads all ids: its log-probabilities depend on each of them and on their order."""

    def __init__(self, seed, rows, tokens):
        self.logs = np.log(softmax(np.random.default_rng(seed).normal(size=(rows, tokens)) * 1.5))

    def __call__(self, ids):
        state = 0
        for token in ids:
            state = (3 * state + int(token) + 1) % len(self.logs)
        return self.logs[state]


def _together(grown, beams):
    return sorted(grown, reverse=True)[:beams]


def _each_its_best(grown, beams, how_many=1):
    """Each hypothesis goes on by itself, with its own best tokens; only the first step takes the best of all."""
    if len(grown[0][1]) == 2:  # start and one token
        return _together(grown, beams)
    parents = dict.fromkeys(tuple(ids[:-1]) for _, ids in grown)
    families = ([one for one in grown if tuple(one[1][:-1]) == parent] for parent in parents)
    return [one for family in families for one in _together(family, how_many)]


def _search(next_logs, start, end, beams, longest, penalty, **wrong):
    """The beam search. wrong: what makes a mistake of it; the names say which."""
    choose, added, counted = wrong.get("choose", _together), wrong.get("added", 1), wrong.get("counted", 0)
    running, finished = [(0.0, [start])], []
    for n in range(1, longest + 1):
        logs = [next_logs(ids).tolist() for _, ids in running]
        grown = [
            (added * total + log, [*ids, token])
            for (total, ids), row in zip(running, logs)
            for token, log in enumerate(row)
        ]
        kept = choose(grown, beams)
        ended = [one for one in kept if one[1][-1] == end and not wrong.get("blind")]
        running = kept if wrong.get("runs_on") else [one for one in kept if one not in ended]
        if wrong.get("refilled"):
            running = [one for one in _together(grown, 2 * beams) if one[1][-1] != end][:beams]
        if n == longest and not wrong.get("cut_lost"):
            ended = kept
        finished += [(total / (n + counted) ** penalty, ids) for total, ids in ended]
        if not running or finished and wrong.get("first"):
            break
    return max(finished)


def _mistaken(**wrong):
    return lambda *inputs: _search(*inputs, **wrong)


def _with_penalty(change):
    return lambda *inputs: _search(*inputs[:-1], change * inputs[-1])


def _table(*rows):
    return np.log(np.array(rows)).view(Table)


# Tokens: 0 starts, 1 ends, 2 and 3 are words. A row holds the probabilities behind that token.
_FORK = _table([0.01, 0.03, 0.63, 0.33], [0.01, 0.59, 0.2, 0.2], [0.01, 0.21, 0.45, 0.33], [0.01, 0.75, 0.18, 0.06])
_EARLY = _table([0.01, 0.15, 0.04, 0.8], [0.01, 0.59, 0.2, 0.2], [0.01, 0.5, 0.2, 0.29], [0.01, 0.7, 0.15, 0.14])
_CLOSE = _table([0.01, 0.36, 0.6, 0.03], [0.01, 0.59, 0.2, 0.2], [0.01, 0.36, 0.33, 0.3], [0.01, 0.66, 0.09, 0.24])
_LONG = _table([0.01, 0.13, 0.05, 0.81], [0.01, 0.59, 0.2, 0.2], [0.01, 0.5, 0.2, 0.29], [0.01, 0.02, 0.75, 0.22])

_TWO_STEPS = _EARLY, 0, 1, 2, 3, 1.0  # start, end, beams, longest, penalty
_PLACES = _CLOSE, 0, 1, 2, 3, 1.0
_MISSED = _FORK, 0, 1, 2, 4, 1.0
_CUT = _LONG, 0, 1, 2, 2, 1.0
_REMEMBERS = Model(5, 11, 6), 0, 1, 3, 6, 1.0

check_beam_search = Exercise(
    name="my_beam_search",
    task="write my_beam_search(next_logs, start, end, beams, longest, penalty). It returns the best finished hypothesis: "
    "its score, and the list of its ids, start included.",
    expected=lambda next_logs, start, end, beams, longest, penalty: _search(
        next_logs, start, end, beams, longest, penalty
    ),
    cases=(
        _TWO_STEPS,
        _PLACES,
        _MISSED,
        _CUT,
        _REMEMBERS,
        (Model(6, 23, 40), 2, 7, 4, 12, 0.6),
        (_FORK, 0, 1, 1, 5, 1.0),
        (Model(7, 7, 5), 0, 1, 30, 3, 0.0),
    ),
    returns=("score", "ids"),
    mistakes=(
        Mistake(
            "greedy",
            "this is the greedy answer: one hypothesis is followed, whatever beams is. A second-best token that leads to a "
            "better end is never seen.",
            lambda next_logs, start, end, beams, *others: _search(next_logs, start, end, 1, *others),
            _MISSED,
        ),
        Mistake(
            "beams apart",
            "each beam goes on by itself with its own best token. Beams compete: two that continue one hypothesis may both be "
            "kept, and another hypothesis may die out.",
            _mistaken(choose=_each_its_best),
            _MISSED,
        ),
        Mistake(
            "nobody dropped",
            "each hypothesis keeps as many continuations as there are beams, so their number multiplies at every step. A few "
            "steps later no machine can follow them.",
            lambda *inputs: _search(*inputs, choose=lambda grown, beams: _each_its_best(grown, beams, beams)),
            _MISSED,
        ),
        Mistake(
            "last token's score",
            "a hypothesis is judged by its last token alone. A likely token behind unlikely ones makes no likely sentence.",
            _mistaken(added=0),
            _MISSED,
        ),
        Mistake(
            "sums compared",
            "the finished ones are compared by their sums, whatever penalty is. Every token lowers the sum, so short "
            "answers win.",
            _with_penalty(0),
            _MISSED,
        ),
        Mistake(
            "penalty turned round",
            "the sum is multiplied by tokens ** penalty. It is below 0, so a long answer is punished twice.",
            _with_penalty(-1),
            _MISSED,
        ),
        Mistake(
            "start counted",
            "the start token is counted as if it had been chosen. It has no log-probability of its own.",
            _mistaken(counted=1),
            _MISSED,
        ),
        Mistake(
            "first one wins",
            "the search stops at the first end token. One that still runs may have the better score in the end.",
            _mistaken(first=True),
            _TWO_STEPS,
        ),
        Mistake(
            "end ignored",
            "a hypothesis runs on behind its end token. What follows there is no part of the sentence.",
            _mistaken(blind=True),
            _MISSED,
        ),
        Mistake(
            "runs on",
            "a finished hypothesis counts, but it also runs on. So it takes places from those that are not finished, and "
            "comes back with words behind its end.",
            _mistaken(runs_on=True),
            _MISSED,
        ),
        Mistake(
            "places filled",
            "when a hypothesis finishes, the next best one takes its place in the same step. So does the library, and so did "
            "chapter 8. Here, by rule 2, a step keeps the best sums, finished or not.",
            _mistaken(refilled=True),
            _PLACES,
        ),
        Mistake(
            "cut ones lost",
            "those that still run at the limit are thrown away. Then a poor short answer wins over a good one that was cut, "
            "and if all were cut there is no answer.",
            _mistaken(cut_lost=True),
            _CUT,
        ),
        Mistake(
            "last token only",
            "next_logs gets the last token alone. A model must read the whole hypothesis to know how it goes on.",
            lambda next_logs, *others: _search(lambda ids: next_logs(ids[-1:]), *others),
            _REMEMBERS,
        ),
    ),
    right="hypotheses compete at every step by their sums, and in the end by their scores per token.",
    try_this="the same call with penalty 0, 1 and 2, and with more beams. Which answers are short, and why?",
)
