"""What chapter 5's panels ask BERT for: attention maps of a text, and one vector a sentence."""

import numpy as np

from helpers.models.text import check_text, check_tokens

LONGEST = 400  # characters of a text


def bert_ids(name, tokenizer, text, most):
    """Return the ids of a text with [CLS] in front and [SEP] behind.

    most: how many tokens there may be, these two counted. Raises TypeError or ValueError that begins with `name` for a
    text that is empty, too long, or only of words that the vocabulary does not know.
    """
    text = check_text(name, text, LONGEST)
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    check_tokens(name, ids, most - 2, tokenizer.unk_token_id)
    return [tokenizer.cls_token_id, *ids, tokenizer.sep_token_id]


def attention_maps(model, tokenizer, text, most):
    """Return (tokens, weights) of a text: a list of texts, and (layers, heads, tokens, tokens), in which rows look.

    The model must be loaded with attn_implementation="eager". Raises as bert_ids does, with the name "text".
    """
    import torch

    ids = bert_ids("text", tokenizer, text, most)
    with torch.no_grad():
        attentions = model(input_ids=torch.tensor([ids]), output_attentions=True).attentions
    if not attentions:
        raise ValueError('model gives no attention weights: load it with attn_implementation="eager".')
    return tokenizer.convert_ids_to_tokens(ids), np.stack([layer[0].numpy() for layer in attentions])


def sentence_embeddings(model, tokenizer, sentences, most, count_padding=False):
    """Return (vectors, lengths): (sentences, hidden_size), and how many tokens each sentence has of its own.

    All sentences go through the model in one batch; the short ones are padded, and no token looks at padding. A vector
    is the mean of a sentence's last hidden states: of its own tokens, or of its padding too if count_padding.
    Raises as bert_ids does, with the name "sentence 1" and so on.
    """
    import torch

    rows = [bert_ids(f"sentence {i}", tokenizer, text, most) for i, text in enumerate(sentences, start=1)]
    longest = max(len(row) for row in rows)
    padded = [row + [tokenizer.pad_token_id] * (longest - len(row)) for row in rows]
    real = np.array([[i < len(row) for i in range(longest)] for row in rows])  # (sentences, tokens)
    with torch.no_grad():
        outputs = model(input_ids=torch.tensor(padded), attention_mask=torch.from_numpy(real.astype(int)))
    states = outputs.last_hidden_state.numpy()  # (sentences, tokens, hidden_size)
    counted = (real | count_padding)[:, :, np.newaxis]  # (sentences, tokens, 1)
    return (states * counted).sum(axis=1) / counted.sum(axis=1), [len(row) for row in rows]


def cosines(vectors):
    """Return the cosine of every two rows of `vectors`: (rows, features) becomes (rows, rows), from -1 to 1."""
    vectors = np.asarray(vectors, dtype=float)  # in float64 a vector's cosine with itself is 1 on every machine
    unit = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)  # length 1
    return unit @ unit.T
