"""Panel 7: what temperature, top-k and top-p make of the next token's probabilities; the text grows step by step."""

import html

import ipywidgets as widgets
import numpy as np

from helpers.figures.token_bars import TokenBars
from helpers.models.gpt2 import draw, next_logits, next_token_probabilities, prompt_ids, visible
from helpers.panels.control import Entry, TextBox
from helpers.panels.model_panel import ModelPanel

SHOWN = 8  # tokens with a row of their own
MOST_TOKENS = 256  # of prompt and new text together: more would make the original GPT-2 slow here


class NextTokenPanel(ModelPanel):
    """model, tokenizer: a GPT2LMHeadModel and its GPT2Tokenizer. prompt: what the text box holds first.

    Settings act on the tokens that are yet to come. A new prompt starts over; so does "start over", which also sets
    the random numbers back: the same seed and settings then write the same text again.
    """

    def __init__(self, model, tokenizer, prompt):
        self.model, self.tokenizer = model, tokenizer
        self.most = min(MOST_TOKENS, model.config.n_positions)
        self.vocabulary = model.config.vocab_size
        self._prompt, self._asked = None, None
        settings = {
            "temperature": Entry("temperature", 1.0, 0.1, 2.0, 0.1, live=False),
            "top-k": Entry("top-k", 0, 0, 100, 1, live=False),
            "top-p": Entry("top-p", 1.0, 0.05, 1.0, 0.05, live=False),
            "seed": Entry("seed", 0, 0, 99, 1, live=False),
        }
        self.entries = {"prompt": TextBox("prompt", prompt)} | settings
        self.story = widgets.HTML(layout={"min_height": "44px", "max_width": "820px"})
        rows = [
            self.entries["prompt"],
            widgets.HBox(list(settings.values()), layout={"flex_flow": "row wrap"}),
            self.story,
        ]
        presets = {
            "nearly greedy": {"temperature": 0.1},
            "hot": {"temperature": 2.0},
            "top-k 5": {"top-k": 5},
            "top-p 0.5": {"top-p": 0.5},
        }
        actions = {
            "add 1 token": lambda: self.add(1),
            "add 10 tokens": lambda: self.add(10),
            "start over": self.start_over,
        }
        self._read()
        super().__init__("the next token", (8.6, 5.2), rows, self.entries, presets, actions)

    def place(self, figure):
        """A row for each of the likeliest tokens and one for all others together."""
        title = "probability of the next token"
        self.bars = TokenBars(figure.subplots(), SHOWN + 1, title, ("before", "after"))
        return (self.bars,)

    def apply(self, preset):
        """Reset brings back the first prompt and starts over; any other preset leaves prompt, seed and text."""
        with self.held():
            for name, entry in self.entries.items():
                if preset == "Reset" or name not in ("prompt", "seed"):
                    entry.value = self.presets[preset].get(name, entry.start)
            if preset == "Reset":
                self._prompt = None  # read it again, even if it is the same

    def add(self, count):
        """Draw `count` tokens, one after the other, each from the probabilities as they are set now."""
        self._read()
        if self.ended:
            raise ValueError("The model has drawn its end token: this text is finished. Press start over.")
        if len(self.ids) >= self.most:
            raise ValueError(
                f"The text has {len(self.ids)} tokens, and here is room for {self.most}. Press start over."
            )
        for _ in range(min(count, self.most - len(self.ids))):
            token = draw(self._after(), self.rng)
            if token == self.tokenizer.eos_token_id:
                self.ended = True
                return
            self.ids.append(token)

    def start_over(self):
        """Throw the added tokens away and set the random numbers back."""
        self._prompt = None
        self._read()

    def show(self):
        """Compare the probabilities as the model gives them with those after the settings; write the text."""
        self._read()
        before, after = next_token_probabilities(self._logits()), self._after()
        best = np.argsort(-before, kind="stable")[:SHOWN]
        self.kept = int((after > 0).sum())
        names = [visible(self.tokenizer, token) for token in best] + [f"{self.vocabulary - SHOWN} others"]
        # Not 1 - the sum of the best: that is 0, as if all others were cut, where they are only very small.
        rest = [np.delete(values, best).sum() for values in (before, after)]
        if self.kept <= SHOWN:
            rest[1] = 0.0  # a last bit is no probability
        self.bars.update(names, *([*values[best], left] for values, left in zip((before, after), rest, strict=True)))
        old, new = (
            html.escape(self.tokenizer.decode(part)) for part in (self.ids[: self.start], self.ids[self.start :])
        )
        self.story.value = (
            f"<p style='white-space: pre-wrap; line-height: 1.5'>{old}<mark>{new}</mark>{self._end()}</p>"
        )

    def says(self):
        """Name the likeliest token before and after, how many tokens are kept, and what was added."""
        before, after = (labels[0].get_text() for labels in self.bars.numbers)
        added = "".join(visible(self.tokenizer, token) for token in self.ids[self.start :])
        text = f"Added {len(self.ids) - self.start} tokens" + (f': "{added}"' if added else "") + self._end()
        return (
            f"{text}. The likeliest next token is {self.bars.tokens[0].get_text()}: {before} before, {after} after. "
            f"{self.kept} of {self.vocabulary} tokens can be drawn."
        )

    def _end(self):
        return " (the model has ended its text)" if self.ended else ""

    def _read(self):
        """Take the prompt if it is new, and start its text; take the seed if it is new."""
        prompt, seed = self.entries["prompt"].value, self.entries["seed"].value
        if prompt != self._prompt:
            ids = prompt_ids(self.tokenizer, prompt, self.most)  # raises before anything has changed
            self.ids, self.start, self.ended, self._prompt, self._seed = ids, len(ids), False, prompt, None
        if seed != self._seed:
            self.rng, self._seed = np.random.default_rng(seed), seed

    def _logits(self):
        """Run the model unless it was asked the same before."""
        if self.ids != self._asked:
            self._kept_logits, self._asked = next_logits(self.model, self.ids), list(self.ids)
        return self._kept_logits

    def _after(self):
        values = [self.entries[name].value for name in ("temperature", "top-k", "top-p")]
        return next_token_probabilities(self._logits(), *values)
