"""Panel 1: every entry of a query, three keys and three values on a slider; products, scores, weights and the blend."""

import ipywidgets as widgets
import numpy as np

from helpers import validate
from helpers.attention import attention
from helpers.figures.bars import Bars
from helpers.figures.blend import Blend
from helpers.figures.heatmap import Heatmap
from helpers.figures.style import GREEN
from helpers.figures.words import number
from helpers.panels.control import Entry
from helpers.panels.panel import Panel

REACH, VALUE_REACH = 2.0, 5.0  # entries of query and keys lie in -2 to 2, values in -5 to 5


class AttentionPanel(Panel):
    """query: (features,). key: (words, features). value: (words, 1). words: one name a key; asker: the query's name.

    Entries of query and key lie between -2 and 2, values between -5 and 5. Raises TypeError or ValueError otherwise.
    """

    def __init__(self, query, key, value, words, asker="query"):
        query, key = validate.numbers("query", query, (1,)), validate.numbers("key", key, (2,))
        value = validate.numbers("value", value, (2,))
        if value.shape[1] != 1:
            raise ValueError(f"value must have shape (words, 1), but its shape is {value.shape}.")
        attention(query, key, value, scale=1)  # shapes that do not fit are told before any slider is made
        words = validate.words("words", words, len(key))
        if len(set(words)) < len(words):
            raise ValueError(f"words must all differ, because each names its sliders, but they are {list(words)}.")
        self.names, self.features = list(words), len(query)
        entries = {f"query[{j}]": Entry(f"query[{j}]", x, -REACH, REACH, 0.1) for j, x in enumerate(query.tolist())}
        for word, row, (worth,) in zip(words, key.tolist(), value.tolist(), strict=True):
            entries |= {f"{word} key[{j}]": Entry(f"{word} key[{j}]", x, -REACH, REACH, 0.1) for j, x in enumerate(row)}
            entries[f"{word} value"] = Entry(f"{word} value", worth, -VALUE_REACH, VALUE_REACH, 0.5)

        rows = [list(entries.values())[: self.features]]
        rest = list(entries.values())[self.features :]
        rows += [rest[i : i + self.features + 1] for i in range(0, len(rest), self.features + 1)]
        controls = [widgets.HBox(row, layout={"flex_flow": "row wrap"}) for row in rows]
        super().__init__(
            "attention of one query over its keys", (7.6, 4.7), controls, entries, _presets(query, key, asker, words)
        )

    def place(self, figure):
        """Four pictures in the order of the computation: products, scores, weights, output."""
        products, scores, weights, blend = figure.subplots(2, 2).flat
        columns, most = [f"[{j}]" for j in range(self.features)], REACH * REACH
        self.products = Heatmap(products, self.names, columns, "query x key, entry by entry", -most, most)
        most *= self.features
        self.scores = Bars(scores, self.names, "scores: the row sums", -most, most)
        self.weights = Bars(weights, self.names, "weights: softmax(scores)", 0, 1, colour=GREEN)
        self.blend = Blend(blend, self.names, "output: a blend of values", -VALUE_REACH, VALUE_REACH)
        return self.products, self.scores, self.weights, self.blend

    def show(self):
        """Compute the chapter's attention, without the scale that chapter 2 adds, and move the artists."""
        at = {name: entry.value for name, entry in self.entries.items()}
        query = np.array([at[f"query[{j}]"] for j in range(self.features)])
        key = np.array([[at[f"{word} key[{j}]"] for j in range(self.features)] for word in self.names])
        value = np.array([[at[f"{word} value"]] for word in self.names])
        output, weights = attention(query, key, value, scale=1)
        self.products.update(key * query)
        self.scores.update(key @ query)
        self.weights.update(weights)
        self.blend.update(value[:, 0], weights, output[0])

    def says(self):
        """Name the best match, its weight and the output, as drawn."""
        weights, shown = [bar.get_height() for bar in self.weights.bars], self.blend.numbers[-1].get_text()
        best = int(np.argmax(np.round(weights, 9)))
        if max(weights) - min(weights) < 0.005:
            return f"Every key matches the query equally well, so the output {shown} is the plain mean of the values."
        return f"{self.names[best]} matches best and gets the weight {number(weights[best])}; the output is {shown}."


def _presets(query, key, asker, words):
    """Settings worth seeing: the query looks for the first word, for nothing, and for the last word loudly."""
    loud = {f"query[{j}]": 2.0 * np.sign(x) for j, x in enumerate(key[-1])}
    loud |= {f"{words[-1]} key[{j}]": 2.0 * np.sign(x) for j, x in enumerate(key[-1])}
    return {
        f"{asker} meets {words[0]}": {f"query[{j}]": float(x) for j, x in enumerate(key[0])},
        "nothing matches": {f"query[{j}]": 0.0 for j in range(len(query))},
        "one key wins": loud,
    }
