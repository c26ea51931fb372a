"""The last run of pocket-t5: it learns not to end in the middle of a sentence.

With early_stopping=True a beam search is over as soon as it has as many finished texts as beams. Where the model
is sure of its sentence, the other beams hold what is left, above all the sentence broken off with a full stop. A
chance of one in a thousand is enough to be kept, and so four broken ends can finish before the whole sentence does.
More text did not cure it. Here an end inside a clause costs something, and all else is to stay as it was.
"""

import re
from pathlib import Path

import torch
from safetensors.torch import load_file

from helpers.pocket import t5

FLOOR = -12.0  # log-probability below which an end inside a clause costs nothing more
WEIGHT = 0.1  # of the price; 0.3 did much the same. The steps count: 100 were too few, with 150 whole summaries ran on


class Recipe(t5.Recipe):
    """The recipe of pocket-t5 with a price on ends inside a clause; few weights learn, the others stay bit for bit."""

    option = "--endings"
    learning_rate = 2e-3  # few steps on top of many take a small part of it

    def __init__(self, folder, out, seed):
        super().__init__(folder, out, seed)
        names = [self.pieces.id_to_piece(i) for i in range(len(self.pieces))]
        ends = [i for i, name in enumerate(names) if name == "</s>" or re.search(r"[.!?]", name)]
        self.ends = torch.tensor(ends)
        # Before a comma or a bracket an end may be a good one.
        self.words = torch.tensor([i for i, name in enumerate(names) if re.match(r"▁?\w", name) and i not in ends])
        # The model as it was before: start_from has put its weights there.
        self.before = t5.build_model().requires_grad_(False).eval()
        weights = load_file(Path(out) / "model.safetensors")
        self.before.load_state_dict({name: weight.float() for name, weight in weights.items()}, strict=False)

    @staticmethod
    def build_model():
        """Return the model of pocket-t5, of which only the last feed-forward layer and the norms around it learn.

        That is enough, and a new file with few changed weights adds little to the repository's history.
        """
        model = t5.build_model().requires_grad_(False)
        model.decoder.block[-1].layer[-1].requires_grad_(True)
        model.decoder.final_layer_norm.requires_grad_(True)
        return model

    def price(self, logits, labels):
        """Return the mean over target pieces of what ends inside a clause cost, a scalar tensor.

        logits (batch, target, vocabulary), labels (batch, target). An end costs by how much its log-probability is
        above FLOOR, where the right piece begins or goes on with a word.
        """
        ends = logits.log_softmax(2)[..., self.ends.to(labels.device)].logsumexp(2)  # (batch, target)
        inside = torch.isin(labels, self.words.to(labels.device))
        return ((ends - FLOOR).clamp(min=0) * inside).sum() / (labels != -100).sum()

    def loss(self, model, batch):
        """Return the cross-entropy with what the model said before, and the price; when not training, that of pocket-t5."""
        if not model.training:
            return super().loss(model, batch)
        labels, mask = batch["labels"], batch["attention_mask"]
        rest = {"attention_mask": mask, "decoder_input_ids": batch["decoder_input_ids"], "use_cache": False}
        seen = model.encoder(input_ids=batch["input_ids"], attention_mask=mask)  # the same for both
        logits = model(encoder_outputs=seen, **rest).logits.float()  # (batch, target, vocabulary)
        pieces = labels != -100
        with torch.no_grad():
            said = self.before.to(labels.device)(encoder_outputs=seen, **rest).logits.float()[pieces].softmax(1)
        return torch.nn.functional.cross_entropy(logits[pieces], said) + WEIGHT * self.price(logits, labels)
