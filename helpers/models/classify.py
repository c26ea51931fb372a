"""What a fine-tuned classifier says of a text, and what it says when one word of it is left out."""

import numpy as np

from helpers.models.text import check_text, check_tokens

LONGEST, MOST_WORDS, MOST_TOKENS = 300, 20, 100  # characters, words and tokens that the panel can show


def logits_of(model, tokenizer, texts):
    """Return the logits (texts, classes) of a list of texts as a NumPy array, without learning anything.

    model: a BertForSequenceClassification. tokenizer: its BertTokenizer.
    """
    import torch

    learning = model.training
    model.eval()  # dropout off: the same text gets the same answer
    try:
        with torch.no_grad():
            inputs = tokenizer(list(texts), padding=True, truncation=True, return_tensors="pt")
            return model(**inputs).logits.numpy().astype(np.float64)  # (texts, classes)
    finally:
        model.train(learning)


def without_each_word(text):
    """Return (words, texts): the words of a text, split at its blanks, and the text without each of them."""
    words = text.split()
    return words, [" ".join(words[:i] + words[i + 1 :]) for i in range(len(words))]


def check_sentence(name, text, tokenizer):
    """Return the text with single blanks. Raises TypeError or ValueError, in a sentence, for what cannot be shown."""
    text = check_text(name, text, LONGEST)
    count = len(text.split())
    if count > MOST_WORDS:
        raise ValueError(f"{name} may have at most {MOST_WORDS} words here, but it has {count}: shorten it.")
    check_tokens(name, tokenizer(text, add_special_tokens=False)["input_ids"], MOST_TOKENS, tokenizer.unk_token_id)
    return text


def leave_one_out(model, tokenizer, text):
    """Return (words, whole, without): what the model says of a text, and of the text without each of its words.

    whole: the logits (classes,) of the text. without: (words, classes), row i without word i. A text of one word leaves
    an empty text, of which the model sees the two special tokens only. The method is older than transformers: Li, Monroe
    and Jurafsky 2016, "Understanding Neural Networks through Representation Erasure".
    """
    words, texts = without_each_word(text)
    logits = logits_of(model, tokenizer, [text, *texts])  # (1 + words, classes)
    return words, logits[0], logits[1:]
