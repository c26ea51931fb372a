"""A 5-gram language model with interpolated Kneser-Ney smoothing: the baseline of pocket-gpt2.

Chen and Goodman (1998), section 2.8, with one discount per order. It counts the same tokens as the
model, so both are measured in bits per byte of the same text.
"""

import numpy as np


class KneserNey:
    """An n-gram model over token ids below `vocabulary`.

    `tokens` is a one-dimensional array of ids. Raises ValueError if an n-gram does not fit 63 bits.
    """

    def __init__(self, tokens, vocabulary, order=5):
        if vocabulary**order >= 2**63:
            raise ValueError(f"order: got {order} with {vocabulary} tokens, expected vocabulary ** order below 2 ** 63")
        self.vocabulary, self.order, self.tables = vocabulary, order, []
        keys, counts = np.unique(self.codes(tokens, order), return_counts=True)
        for size in range(order, 0, -1):
            self.tables.append(self.table(keys, counts))
            if size > 1:
                # Below the top, an n-gram counts once for each different token seen before it.
                shorter = np.sort(keys % vocabulary ** (size - 1))
                keys, counts = np.unique(shorter, return_counts=True)
        self.tables.reverse()

    def codes(self, tokens, size):
        """Return one int64 for each n-gram of `size` tokens, in order."""
        tokens = np.asarray(tokens).astype(np.int64)
        codes = np.zeros(len(tokens) - size + 1, dtype=np.int64)
        for place in range(size):
            codes = codes * self.vocabulary + tokens[place : len(tokens) - size + 1 + place]
        return codes

    def table(self, keys, counts):
        """Return the sorted n-grams, their discounted counts, and totals and back-off mass of each context."""
        once, twice = (counts == 1).sum(), (counts == 2).sum()
        discount = once / (once + 2 * twice) if once else 0.5
        contexts, first, kinds = np.unique(keys // self.vocabulary, return_index=True, return_counts=True)
        return keys, counts - discount, contexts, np.add.reduceat(counts, first), discount * kinds

    def probabilities(self, tokens):
        """Return p(token | the order - 1 tokens before it) for tokens[order - 1:], in (0, 1)."""
        tokens = np.asarray(tokens).astype(np.int64)
        found = np.full(len(tokens) - self.order + 1, 1 / self.vocabulary)
        for size, (keys, counts, contexts, totals, masses) in enumerate(self.tables, 1):
            codes = self.codes(tokens[self.order - size :], size)
            place, known = look_up(contexts, codes // self.vocabulary)
            spot, seen = look_up(keys, codes)
            hit = np.where(seen, counts[spot], 0.0)
            found = np.where(known, (hit + masses[place] * found) / totals[place], found)
        return found


def look_up(table, wanted):
    """Return (places in the sorted table, whether each wanted value is there)."""
    place = np.minimum(np.searchsorted(table, wanted), len(table) - 1)
    return place, table[place] == wanted
