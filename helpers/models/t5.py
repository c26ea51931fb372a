"""T5 for the panels of chapters 8 and 9: text in, text out, and what the decoder looks at on the way."""

from dataclasses import dataclass

import numpy as np

from helpers import validate

TRANSLATE = "translate English to French: "  # the task is part of the text: T5 was trained with this prefix
SUMMARIZE = "summarize: "


def pieces(tokenizer, ids):
    """Return the vocabulary's pieces of these ids, a list of texts. A piece that begins a word begins with a low bar."""
    return tokenizer.convert_ids_to_tokens([int(i) for i in ids])


def generate_text(model, tokenizer, prompt, **generation):
    """Return what the model writes for the prompt, as text. generation: the options of `model.generate`.

    The prompt holds its prefix; it goes in as it is, newlines too. Without options: greedy, at most 64 new tokens.
    """
    import torch

    inputs = tokenizer(prompt, return_tensors="pt")
    with torch.no_grad():
        output = model.generate(**inputs, **({"num_beams": 1, "max_new_tokens": 64} | generation))
    return tokenizer.decode(output[0], skip_special_tokens=True)


def translate(model, tokenizer, text, beams=4, max_new_tokens=64, length_penalty=1.0):
    """Return the French of an English text. beams: 1 is greedy, where the length penalty has no part."""
    beams = validate.whole_number("beams", beams)
    options = {"length_penalty": float(length_penalty)} if beams > 1 else {}
    return generate_text(model, tokenizer, TRANSLATE + text, num_beams=beams, max_new_tokens=max_new_tokens, **options)


def cross_attention(model, tokenizer, source, target):
    """Return (source tokens, target tokens, weights): where the decoder looks in the source before each token it writes.

    source: the prompt with its prefix. target: what is written, a text or a list of ids; a text gets its </s>.
    weights: NumPy (layers, heads, target, source), each row sums to 1. Row t is the look that leads to target token t:
    the decoder's input at that place is the token before (a <pad> for the first).
    The model must be loaded with attn_implementation="eager", or it keeps no weights: ValueError.
    """
    import torch

    inputs = tokenizer(source, return_tensors="pt")
    ids = tokenizer(target).input_ids if isinstance(target, str) else [int(i) for i in target]
    if not ids:
        raise ValueError("target has no tokens: it must hold one or more.")
    decoder_input = torch.tensor([[model.config.decoder_start_token_id, *ids[:-1]]])  # (1, target)
    with torch.no_grad():
        output = model(**inputs, decoder_input_ids=decoder_input, output_attentions=True)
    if not output.cross_attentions or output.cross_attentions[0] is None:
        raise ValueError('model gives no attention weights: load it with attn_implementation="eager".')
    weights = torch.cat(output.cross_attentions).numpy()  # (layers, heads, target, source)
    return pieces(tokenizer, inputs.input_ids[0]), pieces(tokenizer, ids), weights


@dataclass(frozen=True)
class Candidate:
    """One hypothesis of a step, `ids` without the start token: the best 2 x beams of a step are candidates.

    parent: the place of the hypothesis that it continues, among the candidates of the step before (-1 in the first).
    score: the sum of the log-probabilities of its tokens. fate: "kept" goes on, "finished" has ended well enough to be
    an answer, "dropped" is neither.
    """

    ids: tuple
    parent: int
    score: float
    fate: str


@dataclass(frozen=True)
class Search:
    """A whole beam search. steps: one list of candidates a step, the best first. answers: [(score per token, step,
    place)] of the finished ones that are left, the best first: score / tokens ** length_penalty.
    """

    steps: list
    answers: list

    @property
    def best(self):
        """The ids of the best answer, without the start token."""
        _, step, place = self.answers[0]
        return self.steps[step][place].ids

    def tree(self, tokenizer):
        """The steps as a figure draws them: [[(piece that is added, parent, score, fate)]]."""
        return [[(pieces(tokenizer, c.ids[-1:])[0], c.parent, c.score, c.fate) for c in step] for step in self.steps]

    def path(self):
        """The place of the best answer's hypothesis in each step, from the first to its last."""
        _, step, place = self.answers[0]
        places = []
        while step >= 0:
            places.append(place)
            place, step = self.steps[step][place].parent, step - 1
        return places[::-1]


def beam_search(model, tokenizer, prompt, beams=4, max_new_tokens=64, length_penalty=1.0):
    """Do what `model.generate(num_beams=beams)` does, and keep every step: returns a Search.

    As there, a step takes the best 2 x beams continuations; of the best `beams` of them those that end with </s> are
    answers, and the best `beams` that do not end go on. The search stops when no hypothesis that goes on has a better
    score per token than the worst of `beams` answers. Ties go to the smaller number of row and token.
    """
    import torch

    beams, most = validate.whole_number("beams", beams), validate.whole_number("max_new_tokens", max_new_tokens)
    inputs = tokenizer(prompt, return_tensors="pt")
    start, end = model.config.decoder_start_token_id, model.config.eos_token_id
    running, steps, answers = [(-1, Candidate((), -1, 0.0, "kept"))], [], []
    with torch.no_grad():
        encoded = model.get_encoder()(**inputs)
        for step in range(1, most + 1):
            rows = torch.tensor([[start, *candidate.ids] for _, candidate in running])  # (running, tokens so far)
            states = encoded.last_hidden_state.expand(len(rows), -1, -1)  # (running, source, d_model)
            mask = inputs.attention_mask.expand(len(rows), -1)
            logits = model(encoder_outputs=(states,), attention_mask=mask, decoder_input_ids=rows).logits[:, -1]
            new = torch.log_softmax(logits.float(), dim=-1).numpy()  # (running, vocabulary)
            total = new + np.array([[candidate.score] for _, candidate in running], dtype=np.float32)
            found, following = [], []
            for place, flat in enumerate(np.argsort(-total, axis=None, kind="stable")[: 2 * beams]):
                row, token = divmod(int(flat), total.shape[1])
                parent, candidate = running[row]
                ids, score, fate = (*candidate.ids, token), float(total[row, token]), "dropped"
                if token == end or step == most:
                    if place < beams:
                        fate = "finished"
                        answers.append((score / step**length_penalty, step - 1, place))
                elif len(following) < beams:
                    fate = "kept"
                found.append(Candidate(ids, parent, score, fate))
                if fate == "kept":
                    following.append((place, found[-1]))
            steps.append(found)
            answers = sorted(answers, key=lambda answer: -answer[0])[:beams]
            running = following
            if not running:
                break
            if len(answers) == beams and running[0][1].score / step**length_penalty <= answers[-1][0]:
                break
    return Search(steps, answers)
