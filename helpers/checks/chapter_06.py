"""The exercises of chapter 6: probabilities from logits, the loss, a confusion table, what a word adds."""

import math

import numpy as np

from helpers.attention import softmax
from helpers.checks.check import Exercise, Mistake

_RANDOM = np.random.default_rng(6)


def _shares(logits):
    return logits / logits.sum(axis=1, keepdims=True)


def _exp(x):
    return np.exp(np.asarray(x, dtype=float))


_THREE = (np.array([[0.0, 1.0], [2.0, -1.0], [0.5, 3.5]]),)
_LARGE = (np.array([[1000.0, 999.0], [0.0, 1.0]]),)
_FAR = (np.array([[1000.0, 999.0], [-1000.0, -1001.0]]),)

check_probabilities = Exercise(
    name="my_probabilities",
    task="write my_probabilities(logits). It returns the probability of each label for each text, (texts, labels), also for "
    "logits like 1000.",
    expected=lambda logits: softmax(logits),
    cases=(_THREE, (_RANDOM.normal(size=(5, 4)),), _LARGE, _FAR),
    mistakes=(
        Mistake(
            "logits read as probabilities",
            "these are the logits themselves. A logit may be negative or above 1, and those of a text do not sum to 1, so it "
            "is no probability.",
            lambda logits: logits,
            _THREE,
        ),
        Mistake(
            "shares of the logits",
            "each logit is divided by the sum of its text's logits, without exp. A negative logit then gets a negative "
            "probability.",
            _shares,
            _THREE,
        ),
        Mistake(
            "clipped",
            "the logits are cut off at 0 and 1. They lie between 0 and 1 now, but they do not sum to 1, and what was above 1 "
            "has become certain.",
            lambda logits: np.clip(logits, 0, 1),
            _THREE,
        ),
        Mistake(
            "each label alone",
            "each logit goes through 1 / (1 + exp(-logit)) by itself. That answers a yes or no for each label; here exactly "
            "one label is right, so the labels of a text must share 1.",
            lambda logits: 1 / (1 + _exp(-logits)),
            _THREE,
        ),
        Mistake(
            "wrong axis",
            "the columns sum to 1: the texts compete with each other. Within a text, its labels compete.",
            lambda logits: softmax(logits, axis=0),
            _THREE,
        ),
        Mistake(
            "whole table",
            "all entries together sum to 1. Each text has answers of its own, so each row sums to 1.",
            lambda logits: softmax(logits.reshape(-1)).reshape(logits.shape),
            _THREE,
        ),
        Mistake(
            "no shift",
            "small logits are right, large ones are not: exp(1000) is too large for a float, and infinity divided by infinity "
            "is not a number (nan).",
            lambda logits: _exp(logits) / _exp(logits).sum(axis=1, keepdims=True),
            _LARGE,
        ),
        Mistake(
            "one shift for all",
            "the largest logit of the whole table is subtracted, not that of the text. A text with small logits then underflows "
            "to 0 / 0 (nan), as in chapter 3.",
            lambda logits: _exp(logits - logits.max()) / _exp(logits - logits.max()).sum(axis=1, keepdims=True),
            _FAR,
        ),
    ),
    right="the labels of a text share the probability 1, whatever the logits are.",
    try_this="add 5 to both logits of a text, then to one of them only. Which of the two changes the probabilities?",
)


def _got(probabilities, labels):
    return probabilities[np.arange(len(labels)), labels]


_ANSWERS = np.array([[0.6, 0.4], [0.2, 0.8], [0.9, 0.1]]), np.array([0, 1, 1])
_MORE = softmax(_RANDOM.normal(size=(6, 3))), np.array([2, 0, 1, 1, 0, 2])

check_loss = Exercise(
    name="my_loss",
    task="write my_loss(probabilities, labels). It returns one number: minus the natural logarithm of the probability that "
    "the right label got, averaged over the texts.",
    expected=lambda probabilities, labels: (
        sum(-math.log(row[label]) for row, label in zip(probabilities, labels)) / len(labels)
    ),
    cases=(_ANSWERS, _MORE),
    mistakes=(
        Mistake(
            "minus forgotten",
            "this is negative. The logarithm of a number below 1 is negative, and a loss grows when the answers get worse.",
            lambda probabilities, labels: np.log(_got(probabilities, labels)).mean(),
            _ANSWERS,
        ),
        Mistake(
            "not averaged",
            "this is the sum over the texts: a larger batch would have a larger loss, however good its answers are.",
            lambda probabilities, labels: -np.log(_got(probabilities, labels)).sum(),
            _ANSWERS,
        ),
        Mistake(
            "one loss a text",
            "these are the losses of the single texts. Training needs one number for the batch.",
            lambda probabilities, labels: -np.log(_got(probabilities, labels)),
            _ANSWERS,
        ),
        Mistake(
            "logarithm of the mean",
            "the probabilities are averaged first, and the logarithm comes last. One sure mistake then hides among good "
            "answers.",
            lambda probabilities, labels: -np.log(_got(probabilities, labels).mean()),
            _ANSWERS,
        ),
        Mistake(
            "all labels",
            "the logarithms of all labels are averaged, the wrong ones too. Only the probability of the right label counts.",
            lambda probabilities, labels: -np.log(probabilities).mean(),
            _ANSWERS,
        ),
        Mistake(
            "label 1 always",
            "this is the loss of a batch in which label 1 is always right. The labels have no effect.",
            lambda probabilities, labels: -np.log(probabilities[:, 1]).mean(),
            _ANSWERS,
        ),
        Mistake(
            "largest probability",
            "the probability of the predicted label is taken, not that of the right one. A model that is sure and wrong would "
            "then have a small loss.",
            lambda probabilities, labels: -np.log(probabilities.max(axis=1)).mean(),
            _ANSWERS,
        ),
        Mistake(
            "share of mistakes",
            "this is the share of wrong answers. It does not say how sure the model was, and it does not change when a weight "
            "moves a little, so nothing can be learnt from it.",
            lambda probabilities, labels: (probabilities.argmax(axis=1) != labels).mean(),
            _MORE,
        ),
    ),
    right="the loss is small when the right label gets much, and large when it gets little.",
    try_this="one text that gives its right label 0.5, 0.1, 0.01 and 0.001. By how much does the loss grow each time?",
)


def _count(labels, predicted, count):
    return np.array([
        [sum(1 for a, b in zip(labels, predicted) if (a, b) == (i, j)) for j in range(count)] for i in range(count)
    ])


_FIVE = np.array([0, 0, 1, 1, 1]), np.array([0, 1, 1, 1, 1]), 2
_KINDS = _RANDOM.integers(0, 3, 20), _RANDOM.integers(0, 3, 20), 3

check_table = Exercise(
    name="my_table",
    task="write my_table(labels, predicted, count). It returns the confusion table, (count, count): row i, column j says how "
    "many texts of label i were called j.",
    expected=_count,
    cases=(_FIVE, _KINDS),
    mistakes=(
        Mistake(
            "rows and columns swapped",
            "rows and columns are swapped: here a row is what the texts were called. Praise taken for complaint would be read "
            "as complaint taken for praise.",
            lambda labels, predicted, count: _count(predicted, labels, count),
            _FIVE,
        ),
        Mistake(
            "counted once",
            "no entry is above 1: a kind of answer that comes a second time is not counted again.",
            lambda labels, predicted, count: np.minimum(_count(labels, predicted, count), 1),
            _FIVE,
        ),
        Mistake(
            "right ones only",
            "only the right answers are counted. A confusion table is about the others as well.",
            lambda labels, predicted, count: np.diag(np.diag(_count(labels, predicted, count))),
            _FIVE,
        ),
        Mistake(
            "wrong ones only",
            "the right answers are missing: the diagonal is empty.",
            lambda labels, predicted, count: (table := _count(labels, predicted, count)) - np.diag(np.diag(table)),
            _FIVE,
        ),
        Mistake(
            "shares",
            "these are shares of all texts. The table holds numbers of texts.",
            lambda labels, predicted, count: _count(labels, predicted, count) / len(labels),
            _FIVE,
        ),
        Mistake(
            "shares of the rows",
            "each row is divided by its sum. That is useful too, but it no longer says how many texts there were.",
            lambda labels, predicted, count: (
                (table := _count(labels, predicted, count)) / table.sum(axis=1, keepdims=True)
            ),
            _FIVE,
        ),
    ),
    right="every text is counted once, in the row of what it is and the column of what it was called.",
    try_this="a model that calls everything positive. Where are its mistakes, and what is its accuracy on a balanced set?",
)


def _praise(words):
    """A toy in the place of the model: it counts good and bad words, and a `not` turns the next word around."""
    worth, sign = 0.0, 1
    for word in words:
        worth += sign * {"good": 1.5, "great": 2.0, "bad": -1.5, "slow": -0.5}.get(word, 0.1)
        sign = -1 if word == "not" else 1
    return 1 / (1 + math.exp(-worth))


def _without(words, place):
    return words[:place] + words[place + 1 :]


def _places(words, function):
    return np.array([function(i) for i in range(len(words))])


_PLAIN = ["good", "but", "slow"], _praise
_TWICE = ["not", "bad", "and", "not", "slow", "not", "great"], _praise

check_added = Exercise(
    name="my_added",
    task="write my_added(words, positive). For each word it returns the probability of the whole list minus that of the list "
    "without this word, an array of shape (words,).",
    expected=lambda words, positive: np.array([
        positive(words) - positive([word for j, word in enumerate(words) if j != i]) for i in range(len(words))
    ]),
    cases=(_PLAIN, _TWICE, (["good"], _praise)),
    mistakes=(
        Mistake(
            "sign turned round",
            "the signs are turned round: a word that helps gets a negative number. What a word adds is what is lost without "
            "it.",
            lambda words, positive: _places(words, lambda i: positive(_without(words, i)) - positive(words)),
            _PLAIN,
        ),
        Mistake(
            "whole not subtracted",
            "these are the probabilities of the shorter lists. What a word adds is a difference: the whole list has to be "
            "compared with them.",
            lambda words, positive: _places(words, lambda i: positive(_without(words, i))),
            _PLAIN,
        ),
        Mistake(
            "word alone",
            "each word was asked alone, without its company. The question is what the others say without it.",
            lambda words, positive: _places(words, lambda i: positive([words[i]])),
            _PLAIN,
        ),
        Mistake(
            "word alone, compared",
            "the whole list is compared with the word alone. What has to go is this word, not all the others.",
            lambda words, positive: _places(words, lambda i: positive(words) - positive([words[i]])),
            _PLAIN,
        ),
        Mistake(
            "one after the other",
            "each word is compared with the words before it only. So a word's number depends on what has been read so far, and "
            "the first words are judged without the rest.",
            lambda words, positive: _places(words, lambda i: positive(words[: i + 1]) - positive(words[:i])),
            _PLAIN,
        ),
        Mistake(
            "cut off",
            "from each word on, everything to the end is left out. Only the word itself may go.",
            lambda words, positive: _places(words, lambda i: positive(words) - positive(words[:i])),
            _PLAIN,
        ),
        Mistake(
            "every copy left out",
            "a word that comes twice was left out in all its places. Each place is asked about on its own.",
            lambda words, positive: _places(
                words, lambda i: positive(words) - positive([word for word in words if word != words[i]])
            ),
            _TWICE,
        ),
        Mistake(
            "first copy left out",
            "of a word that comes twice, the first place was left out each time. Each place is asked about on its own.",
            lambda words, positive: _places(
                words, lambda i: positive(words) - positive(_without(words, words.index(words[i])))
            ),
            _TWICE,
        ),
    ),
    right="what a word adds is what is lost when it alone is left out.",
    try_this='a function that returns 1.0 if "good" or "great" is among the words, else 0.0. What do the two words add to '
    '["good", "great"], and why?',
)
