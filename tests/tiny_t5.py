"""A T5 with random weights that is small enough for a test, and a tokenizer of letters: quick, and no weights to wait for."""

import numpy as np
import torch
from transformers import BatchEncoding, T5Config, T5ForConditionalGeneration

LOUD = 3.0
LETTERS = "abcdefghijklmnopqrstuvwxyzTEF:. "


class Letters:
    """Ids 0 to 2 are <pad>, </s> and <unk>, then a low bar for a blank, then one id a letter; every text gets its </s>."""

    pad_token_id, eos_token_id, unk_token_id = 0, 1, 2
    tokens = ["<pad>", "</s>", "<unk>", *LETTERS.replace(" ", "▁")]

    def __call__(self, text, return_tensors=None, add_special_tokens=True):
        ids = [self.convert_tokens_to_ids(letter.replace(" ", "▁")) for letter in text]
        ids += [1] if add_special_tokens else []
        if return_tensors is None:
            return BatchEncoding({"input_ids": ids, "attention_mask": [1] * len(ids)})
        rows = torch.tensor([ids])
        return BatchEncoding({"input_ids": rows, "attention_mask": torch.ones_like(rows)})

    def convert_tokens_to_ids(self, token):
        return self.tokens.index(token) if token in self.tokens else 2

    def convert_ids_to_tokens(self, ids):
        return [self.tokens[i] for i in ids]

    def decode(self, ids, skip_special_tokens=False):
        return "".join(self.tokens[int(i)] for i in ids if int(i) > 2 or not skip_special_tokens).replace("▁", " ")


def tiny_t5(seed=0, attention="eager"):
    """Return a model of two layers and two heads whose weights are large enough that its answers vary.

    NumPy draws them: torch's random numbers differ between processors. </s> is made likely, so that some texts end.
    """
    config = T5Config(
        vocab_size=len(Letters.tokens), d_model=16, d_kv=4, num_heads=2, d_ff=24, num_layers=2, num_decoder_layers=2,
        dropout_rate=0.0, decoder_start_token_id=0, pad_token_id=0, eos_token_id=1, tie_word_embeddings=False,
    )  # fmt: skip
    model = T5ForConditionalGeneration._from_config(config, attn_implementation=attention)
    rng = np.random.default_rng(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.ndim == 2:
                size = 0.5 if "shared" in name else 1.0 if "bias" in name else LOUD / np.sqrt(parameter.shape[1])
                parameter.copy_(torch.from_numpy(size * rng.standard_normal(tuple(parameter.shape))))
        model.lm_head.weight[1] *= 2
    return model.eval()
