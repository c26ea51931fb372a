# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Write on with GPT-2
#
# **What you will build:** your own text generator: greedy, with temperature, top-k and top-p, and with a cache that
# makes it fast. And your own attention inside GPT-2, with the same numbers.
#
# **What you need:** the causal mask of [chapter 3](03-self-attention.ipynb) and the heads of
# [chapter 4](04-multi-head-attention.ipynb). **Minutes:** 60.
#
# GPT-2 can do one thing only. It reads a text and gives every token that it knows a probability to come next. All the
# rest, you do.

# %%
import time

import numpy as np
import torch
from transformers import GPT2LMHeadModel, GPT2Tokenizer

from helpers.attention import attention, causal_mask, softmax
from helpers.checkpoints import checkpoint, quiet_loading
from helpers.figures import show_curves, show_heatmap
from helpers.figures.token_bars import show_token_bars
from helpers.multi_head import merge_heads, split_heads
from helpers.panels import NextTokenPanel

quiet_loading()

# %% [markdown]
# `checkpoint` gives the folder of a small GPT-2 that was trained on fairy tales for this course, or of the original.
# `eager` is the plain way to compute attention: the only one that also hands out the weights.

# %%
# Load pre-trained GPT tokenizer and model
name = checkpoint("gpt2")
tokenizer = GPT2Tokenizer.from_pretrained(name)
model = GPT2LMHeadModel.from_pretrained(name, dtype=torch.float32, attn_implementation="eager")

# %%
# Example prompt
prompt = "Once upon a time in a faraway land,"

# Tokenize the input prompt
inputs = tokenizer.encode(prompt, return_tensors="pt")  # (batch, tokens)
print("inputs:", tuple(inputs.shape))
print([tokenizer.decode(token) for token in inputs[0]])

# %% [markdown]
# The text that a model is to continue is the **prompt**. A **token** is a piece of text. Most begin with their own
# blank, and a rare word is made of several. GPT-2 cuts text down to single bytes if it must, so no word is unknown.

# %% [markdown]
# ## Ask for the next token
#
# The model answers in **logits**: one number for each token of its **vocabulary**, which is all tokens that it knows.
# Softmax turns them into probabilities.
#
# <details><summary><b>Predict, then run.</b> The prompt goes through the model once. How many rows of logits come
# out, one or one for each token?</summary>
#
# One for each token. Row <i>i</i> is the guess at the token after token <i>i</i>, made without looking further. In
# training all of them are used at once. To write on you need the last row only.
# </details>

# %%
with torch.no_grad():
    logits = model(inputs).logits  # (batch, tokens, vocabulary)
print("logits:", tuple(logits.shape))

next_logits = logits[0, -1].double().numpy()  # (vocabulary,)
probabilities = softmax(next_logits)
print("probabilities sum to", round(float(probabilities.sum()), 6))

# %%
best = np.argsort(-probabilities)[:8]
tokens = [tokenizer.decode(token).replace(" ", "␣").replace("\n", "↵") for token in best]
show_token_bars(tokens, {"probability": probabilities[best]}, "the eight likeliest next tokens")

# %% [markdown]
# The sign ␣ is the blank with which a token begins.
#
# ## Take the likeliest, again and again
#
# Take the likeliest token, put it behind the text, and ask again. This is **greedy** decoding. When the model picks
# its **end token**, the text is finished.


# %%
def logits_after(ids):
    with torch.no_grad():
        return model(torch.tensor([ids])).logits[0, -1].double().numpy()  # (vocabulary,)


def write_greedily(ids, new_tokens):
    ids = list(ids)
    for _ in range(new_tokens):
        ids.append(int(np.argmax(logits_after(ids))))
        if ids[-1] == tokenizer.eos_token_id:
            break
    return ids


# %%
prompt_ids = inputs[0].tolist()
greedy = write_greedily(prompt_ids, new_tokens=40)
print("Generated Text:", tokenizer.decode(greedy, skip_special_tokens=True))

# %% [markdown]
# `model.generate` is the library's own loop. It does the same, if you tell it three things: not to sample, how many
# **new** tokens to write, and (with the attention mask) which tokens are real. GPT-2 has no padding token, so the end
# token stands in.

# %%
batch = tokenizer(prompt, return_tensors="pt")  # input_ids and attention_mask
settings = {"max_new_tokens": 40, "pad_token_id": tokenizer.eos_token_id}
output = model.generate(**batch, do_sample=False, **settings)
print("generate writes the same tokens:", output[0].tolist() == greedy)

# %% [markdown]
# The likeliest token each time seldom makes a good text: greedy texts tend to run in circles. Count the runs of three
# tokens. If many of them come again, the text repeats itself.

# %%
runs = [tuple(greedy[i : i + 3]) for i in range(len(greedy) - 2)]
print("runs of three tokens:", len(runs))
print("different ones:      ", len(set(runs)))

# %% [markdown]
# Few come again exactly. But read the text: again and again somebody in it is beautiful.
#
# ## Pitfall: temperature without sampling
#
# Chapter 2 divided the scores by a temperature before softmax. A low one makes the weights sharp, a high one makes
# them flat. Text generation does the same to the logits.
#
# <details><summary><b>Predict, then run.</b> Greedy decoding at temperature 0.1 and at temperature 2.0: how different
# will the texts be?</summary>
#
# Not at all. Dividing all logits by the same positive number does not change which one is the largest.
# </details>

# %%
for temperature in (0.1, 2.0):
    output = model.generate(**batch, do_sample=False, temperature=temperature, **settings)
    print(f"greedy at temperature {temperature}: same tokens:", output[0].tolist() == greedy)

# %% [markdown]
# The library says so in a warning, and `quiet_loading` above has switched warnings off. Ask for it:

# %%
from transformers import GenerationConfig

try:
    GenerationConfig(do_sample=False, temperature=0.1).validate(strict=True)
except ValueError as problem:
    print(str(problem).splitlines()[1])

# %% [markdown]
# ## Sample: draw the next token
#
# To **sample** is to draw the next token by its probability, as from a bag. Now temperature matters. How much does the
# likeliest token get, and how many tokens does it take to hold half of the probability?

# %%
for temperature in (0.1, 0.5, 1.0, 2.0):
    p = np.sort(softmax(next_logits / temperature))[::-1]  # the likeliest first
    half = int(np.argmax(np.cumsum(p) >= 0.5)) + 1
    print(f"temperature {temperature}: the likeliest gets {p[0]:.2f}, half lies on {half} token(s)")


# %% [markdown]
# Drawing takes one line. Think of a race. Each token's speed is its probability divided by a random time, and the
# fastest wins. So likely tokens win often. The times come from the *exponential* distribution: many are short, few are
# long. With it, one can show, each token wins with exactly its probability. (`rng.choice` would do, too. But it adds
# the probabilities up, and a last digit that differs between two computers could then pick another token.)


# %%
def draw(probabilities, rng):
    return int(np.argmax(probabilities / rng.exponential(size=len(probabilities))))


rng = np.random.default_rng(0)
drawn = np.array([draw(probabilities, rng) for _ in range(1000)])
for token in best[:3]:
    share = (drawn == token).mean()
    print(
        f"{tokenizer.decode(token)!r:8} probability {probabilities[token]:.2f}, drawn {share:.2f}"
    )

# %% [markdown]
# ## Cut the tail off: top-k and top-p
#
# A vocabulary has thousands of tokens that make no sense here. Each is unlikely, but together they are drawn often,
# and one bad token can derail a text. Two ways to cut them off:
#
# - **top-k** keeps the k likeliest tokens.
# - **top-p** keeps the fewest likeliest tokens that together hold the share p.
#
# Both give the dropped tokens the logit minus infinity, as a mask does. Softmax then shares the probability among
# those that are left.


# %%
def keep_top_k(logits, k):
    kth_largest = np.sort(logits)[-k]
    return np.where(logits < kth_largest, -np.inf, logits)


def keep_top_p(logits, p):
    probabilities = softmax(logits)
    order = np.argsort(-probabilities)  # the likeliest first
    likelier = np.cumsum(probabilities[order]) - probabilities[order]  # held by the tokens before
    kept = logits.copy()
    kept[order[likelier >= p]] = -np.inf
    return kept


# %% [markdown]
# <details><summary><b>Predict, then run.</b> The next word is more certain in one place than in another. Which
# of the two keeps the same number of tokens in both?</summary>
#
# top-k. top-p keeps few tokens where the model is sure and many where it is not.
# </details>

# %%
places = {"after the prompt": next_logits, "after its first word": logits[0, 0].double().numpy()}
for place, values in places.items():
    for k in (5, 40):
        print(f"{place}, top-k {k}: {np.isfinite(keep_top_k(values, k)).sum()} tokens kept")
    for p in (0.5, 0.9):
        print(f"{place}, top-p {p}: {np.isfinite(keep_top_p(values, p)).sum()} tokens kept")

# %%
both = {"before": probabilities[best], "after": softmax(keep_top_p(next_logits, 0.5))[best]}
show_token_bars(tokens, both, "top-p 0.5")

# %% [markdown]
# Are they the library's own? It has a class for each of the three, the temperature included.

# %%
from transformers import TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

scores = torch.from_numpy(next_logits)[None]  # (batch, vocabulary)
mine_and_theirs = {
    "temperature 0.1": (next_logits / 0.1, TemperatureLogitsWarper(0.1)),
    "top-k 40": (keep_top_k(next_logits, 40), TopKLogitsWarper(40)),
    "top-p 0.9": (keep_top_p(next_logits, 0.9), TopPLogitsWarper(0.9)),
}
for setting, (mine, warper) in mine_and_theirs.items():
    theirs = torch.softmax(warper(None, scores), dim=-1)[0].numpy()
    print(f"{setting}: same probabilities:", np.allclose(softmax(mine), theirs, rtol=0, atol=1e-9))

# %% [markdown]
# ## Write with your own sampler
#
# The loop is the greedy one. Only the choice of the token is new. The **seed** sets the random numbers: the same seed
# gives the same text.


# %%
def write(ids, new_tokens, temperature=1.0, top_k=0, top_p=1.0, seed=0):
    rng, ids = np.random.default_rng(seed), list(ids)
    for _ in range(new_tokens):
        logits = logits_after(ids) / temperature
        if top_k > 0:
            logits = keep_top_k(logits, top_k)
        if top_p < 1:
            logits = keep_top_p(logits, top_p)
        ids.append(draw(softmax(logits), rng))
        if ids[-1] == tokenizer.eos_token_id:
            break
    return ids


# %%
def show_text(title, ids):
    with torch.no_grad():
        rows = model(torch.tensor([ids])).logits[0]  # (tokens, vocabulary)
    p = torch.softmax(rows, dim=-1).numpy()
    places = np.arange(len(prompt_ids), len(ids))  # of the new tokens
    mean = p[places - 1, np.array(ids)[places]].mean()
    print(f"{title}: the model's own probability of a new token is {mean:.2f} on average")
    print("Generated Text:", tokenizer.decode(ids, skip_special_tokens=True))
    print()


for temperature in (0.1, 0.7, 1.0, 1.5):
    show_text(f"temperature {temperature}", write(prompt_ids, 30, temperature))

# %% [markdown]
# Read them aloud, and compare the averages: a hot text is made of tokens that the model itself finds unlikely. Now
# the hottest one again, with its tail cut off:

# %%
for cut in ({"top_k": 20}, {"top_p": 0.7}):
    show_text(f"temperature 1.5, {cut}", write(prompt_ids, 30, temperature=1.5, **cut))

kept = np.isfinite(keep_top_p(next_logits / 1.5, 0.7)).sum()
print("temperature 1.5: top-p 0.7 keeps", kept, "tokens after the prompt")

# %% [markdown]
# Top-k helps much. Top-p hardly does: the high temperature has spread the probability so thin that hundreds of tokens
# are needed to hold 0.7 of it. So top-p is no remedy for a temperature that is too high.
#
# ## Pitfall: no seed
#
# Here is a line as many tutorials have it, with `temperature=0.1`. Its text is not printed, because yours would be
# another one than ours. What can be said of every run:

# %%
# Generate text
output = model.generate(inputs, max_length=50, do_sample=True, temperature=0.1)

# Decode the generated text
generated_text = tokenizer.decode(output[0], skip_special_tokens=True)
print("begins with the prompt:", generated_text.startswith(prompt))
print("at most 50 tokens:     ", output.shape[1] <= 50)

# %% [markdown]
# Nobody can repeat such a run, and nobody can check it. Run it twice, at temperature 1 so that the dice have a say:


# %%
def sampled():
    return model.generate(inputs, max_length=50, do_sample=True, temperature=1.0)[0].tolist()


print("twice without a seed, same text:", sampled() == sampled())

texts = []
for _ in range(2):
    torch.manual_seed(0)
    texts.append(sampled())
print("twice with a seed, same text:   ", texts[0] == texts[1])

torch.manual_seed(0)
fifty = model.generate(inputs, max_length=50, do_sample=True, temperature=1.0, top_k=50)
print("and with top_k=50, same text:   ", fifty[0].tolist() == texts[0])

# %% [markdown]
# The last line gives away a default: unless you say `top_k`, `generate` draws from the 50 likeliest tokens only.
# `top_k=0` lets it draw from all, as your `write` does.
#
# A seed repeats a run on the same computer with the same versions. PyTorch does not promise the same random numbers
# on another one. That is why your `write` takes its dice from NumPy: its texts above can be compared with ours.
#
# ## Pitfall: 0.1 is nearly greedy
#
# `do_sample=True, temperature=0.1` reads like sampling. Is it? Send the greedy text through the model once. Each row
# of logits led to a token of it, so the softmax of the row says how likely that token is to be drawn.

# %%
with torch.no_grad():
    rows = model(torch.tensor([greedy])).logits[0].double().numpy()  # (tokens, vocabulary)
rows = rows[len(prompt_ids) - 1 : -1]  # those that led to a new token

for temperature in (0.1, 0.5, 1.0):
    likeliest = softmax(rows / temperature).max(axis=1)  # (new tokens,)
    print(
        f"temperature {temperature}: the likeliest token is drawn with {likeliest.mean():.2f} on average"
    )

# %% [markdown]
# At 0.1, dividing by the temperature multiplies every gap between two logits by ten. The likeliest token is drawn
# about nine times in ten; mostly where two tokens are almost equally likely is there a choice. If you want greedy
# text, say `do_sample=False`. If you want variety, use a temperature that gives some.
#
# ## Pitfall: max_length counts the prompt
#
# <details><summary><b>Predict, then run.</b> <code>max_length=50</code> and a prompt of more than 20 tokens: how many
# new tokens can there be?</summary>
#
# Fewer than 30: <code>max_length</code> is the length of prompt and answer together. <code>max_new_tokens</code>
# counts what you mean.
# </details>

# %%
longer_prompt = prompt + " there lived an old woman who had a cat, a dog and three sons."
for text in (prompt, longer_prompt):
    ids = tokenizer(text, return_tensors="pt")
    output = model.generate(
        **ids, do_sample=False, max_length=50, pad_token_id=tokenizer.eos_token_id
    )
    length = ids.input_ids.shape[1]
    print(f"prompt of {length} tokens: {output.shape[1] - length} new tokens")

# %% [markdown]
# A prompt that is longer than `max_length` gets no answer at all:

# %%
try:
    model.generate(**batch, do_sample=False, max_length=5, pad_token_id=tokenizer.eos_token_id)
except ValueError as problem:
    print(problem)

# %% [markdown]
# ## Pitfall: no attention mask
#
# `tokenizer.encode` gives the ids without the **attention mask**, which says which tokens are real (1) and which are
# padding (0). For a single prompt all are real, and nothing is lost. But put two prompts into one batch, and the
# shorter one is filled up with padding: on the left, because the new tokens must follow the prompt directly.

# %%
tokenizer.pad_token, tokenizer.padding_side = tokenizer.eos_token, "left"
two = tokenizer([prompt, longer_prompt], padding=True, return_tensors="pt")
print("ids:", tuple(two.input_ids.shape))
print("padding tokens in each row:", (two.attention_mask == 0).sum(dim=1).tolist())


# %%
def first_probabilities(**prompts):
    more = {"return_dict_in_generate": True, "output_logits": True}
    answer = model.generate(**prompts, do_sample=False, **settings, **more)
    return torch.softmax(answer.logits[0][0], dim=-1)  # (vocabulary,): row 0, first new token


alone = first_probabilities(**batch)
for title, prompts in (("with the mask", dict(two)), ("without it", {"input_ids": two.input_ids})):
    change = (first_probabilities(**prompts) - alone).abs().max()
    print(f"{title + ':':14} largest change of a probability {change:.3f}")

# %% [markdown]
# With the mask the short prompt gets the probabilities that it gets alone. Without it GPT-2 reads the padding as part
# of the text, and the prompt stands at later positions. The answer to your prompt then depends on your neighbour's.
# No error stops you: the library only warns, and `quiet_loading` has switched warnings off.

# %% [markdown]
# ## Turn the knobs
#
# The grey bars are the model's own probabilities, the green ones those after temperature, top-k and top-p. The
# buttons draw tokens from the green bars and put them behind the text. Try this:
#
# 1. Move the temperature to 0.1, then to 2.0. Does the order of the tokens ever change? What happens to *others*?
# 2. Set **top-k** to 1 and move the temperature. What happens?
# 3. Press **top-p 0.5** and add one token at a time. How does the number of tokens that can be drawn change?
# 4. Press **Reset**, then **add 10 tokens**, **start over** and **add 10 tokens** again. Then change the seed, and
#    the prompt.
#
# <details><summary><b>What you should have seen</b></summary>
#
# 1. The order never changes. At 0.1 the others nearly vanish; at 2.0 they grow at the cost of the likeliest.
# 2. Nothing: one token is left, with the probability 1. That is greedy.
# 3. It is small where the model is sure, and large where many words fit. With top-k it stays the same.
# 4. The same seed and settings write the same ten tokens; another seed or prompt writes others.
# </details>

# %%
NextTokenPanel(model, tokenizer, prompt)

# %% [markdown]
# ## Climb the parity ladder: a layer of GPT-2
#
# Chapter 4 ended at PyTorch's layer. Now the first layer of GPT-2 itself, from the ids to its output, with your
# `attention`. Take its matrices out:

# %%
block = {
    key: value.numpy().astype(float) for key, value in model.transformer.h[0].state_dict().items()
}
for key, value in block.items():
    print(f"{key:20} {value.shape}")

# %% [markdown]
# GPT-2 adds a learnt vector for the token (wte) and a learnt vector for its position (wpe).

# %%
with torch.no_grad():
    answer = model(inputs, output_hidden_states=True, output_attentions=True)
    wte = model.transformer.wte.weight[inputs[0]]  # (tokens, hidden_size)
    wpe = model.transformer.wpe.weight[: len(prompt_ids)]  # (tokens, hidden_size)
    x = wte.numpy().astype(float) + wpe.numpy().astype(float)

close = {"rtol": 1e-5, "atol": 1e-5}
print("same as hidden_states[0]:", np.allclose(x, answer.hidden_states[0][0].numpy(), **close))

# %% [markdown]
# **Layer norm** shifts and stretches each token's features to mean 0 and variance 1; then come a learnt weight and
# bias. **GELU** is a soft version of `max(x, 0)`; this is the form in which GPT-2 computes it.


# %%
def layer_norm(x, weight, bias):
    mean, variance = x.mean(axis=-1, keepdims=True), x.var(axis=-1, keepdims=True)
    return (x - mean) / np.sqrt(variance + 1e-5) * weight + bias


def gelu(x):
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


# %% [markdown]
# `c_attn` holds W_q, W_k and W_v side by side, and it is used as `x @ W`, as you write it. Then your attention, with
# chapter 3's mask. Each half of the layer **adds** its result to what came in.


# %%
def my_layer(x, w, num_heads):
    normed = layer_norm(x, w["ln_1.weight"], w["ln_1.bias"])
    qkv = normed @ w["attn.c_attn.weight"] + w["attn.c_attn.bias"]  # (tokens, 3 * hidden_size)
    Q, K, V = (
        split_heads(part, num_heads) for part in np.split(qkv, 3, axis=-1)
    )  # (heads, tokens, head_dim)
    heads, weights = attention(Q, K, V, mask=causal_mask(len(x)))
    x = (
        x + merge_heads(heads) @ w["attn.c_proj.weight"] + w["attn.c_proj.bias"]
    )  # (tokens, hidden_size)

    normed = layer_norm(x, w["ln_2.weight"], w["ln_2.bias"])
    hidden = gelu(normed @ w["mlp.c_fc.weight"] + w["mlp.c_fc.bias"])  # (tokens, 4 * hidden_size)
    return x + hidden @ w["mlp.c_proj.weight"] + w["mlp.c_proj.bias"], weights


# %%
output, weights = my_layer(x, block, model.config.n_head)
print("same as hidden_states[1]:", np.allclose(output, answer.hidden_states[1][0].numpy(), **close))
print("same as attentions[0]:   ", np.allclose(weights, answer.attentions[0][0].numpy(), **close))

# %% [markdown]
# Within 1e-5 (the model computes in float32, which has about seven digits) your four lines are GPT-2's attention.
# Here is its first head on the first six tokens:

# %%
names = [tokenizer.decode(token).replace(" ", "␣") for token in prompt_ids[:6]]
title = "layer 1, head 1"
show_heatmap(weights[0, :6, :6], names, names, title, x_label="looked at", y_label="looks")

# %% [markdown]
# ## See that the past does not change
#
# <details><summary><b>Predict, then run.</b> Put another token in the last place. Which of the outputs
# change?</summary>
#
# The last one only. No earlier token may look at it, in any layer.
# </details>

# %%
changed_ids = inputs.clone()
changed_ids[0, -1] = tokenizer.encode(".")[0]
with torch.no_grad():
    changed_logits = model(changed_ids).logits
same = torch.isclose(logits, changed_logits, atol=1e-4).all(dim=-1)[0]  # (tokens,)
print("logits unchanged:", same.tolist())

# %% [markdown]
# ## Keep keys and values: the cache
#
# Your `write_greedily` sends the whole text through the model for every new token. But the past does not change: the
# keys and values of all earlier tokens come out the same each time. Keep them, and only the new token has to go
# through. This is the **key/value cache**; the library calls it `past_key_values`.


# %%
def write_with_cache(ids, new_tokens):
    ids, cache, new, processed = list(ids), None, list(ids), 0
    for _ in range(new_tokens):
        with torch.no_grad():
            answer = model(torch.tensor([new]), past_key_values=cache, use_cache=True)
        processed += len(new)
        cache = answer.past_key_values
        new = [int(answer.logits[0, -1].argmax())]  # only this one goes in next time
        ids += new
        if new[0] == tokenizer.eos_token_id:
            break
    return ids, cache, processed


# %%
cached, cache, processed = write_with_cache(prompt_ids, new_tokens=40)
print("same tokens:", cached == greedy)
print("tokens sent through the model with the cache:   ", processed)
print("tokens sent through the model without the cache:", sum(range(len(prompt_ids), len(greedy))))
print("keys of layer 1:", tuple(cache.layers[0].keys.shape), "= (batch, heads, tokens, head_dim)")

# %% [markdown]
# The last token that was written has not been through the model yet, so it has no key. Now count the tokens that go
# through the model for longer texts. Without the cache their number grows with the square of the length:

# %%
new_tokens = np.array([1, 25, 50, 100, 150, 200])
start = len(prompt_ids)
costs = {
    "without cache": [sum(range(start, start + n)) for n in new_tokens],
    "with cache": [start + n - 1 for n in new_tokens],
}
show_curves(
    new_tokens,
    costs,
    "Tokens that go through the model",
    "new tokens",
    "tokens processed",
    digits=0,
)

# %% [markdown]
# With the cache the line is straight: one token goes through for each that is written. It still looks at all tokens
# before it, so the work of attention itself grows with the text.
#
# And on the clock? Times differ from run to run, so only what holds on any computer is printed. What is measured is
# one more token, with 240 and with 30 tokens in the text: the best of ten tries, on one core.


# %%
def seconds(work):
    times = []
    for _ in range(10):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


# %%
def both_ways(ids):
    with torch.no_grad():
        cache = model(ids[:, :-1], use_cache=True).past_key_values

        def one_token():
            model(ids[:, -1:], past_key_values=cache, use_cache=True)
            cache.crop(-1)  # forget it again, for the next try

        return seconds(lambda: model(ids, use_cache=False, logits_to_keep=1)), seconds(one_token)


# %%
story = torch.tensor([(prompt_ids * 30)[:240]])
cores = torch.get_num_threads()
torch.set_num_threads(1)
long_without, long_with = both_ways(story)
short_without, short_with = both_ways(story[:, :30])
torch.set_num_threads(cores)
print("at 240 tokens, at least twice as fast with the cache:", long_without > 2 * long_with)
print("at 240 at least twice as slow as at 30, without it:  ", long_without > 2 * short_without)
print(
    "from 30 to 240 it grows less with the cache:         ",
    long_with / short_with < long_without / short_without,
)

# %% [markdown]
# Print `long_without / long_with` to see how many times faster it is on yours. The price is memory, for every layer
# and token:

# %%
config = model.config
numbers = 2 * config.n_layer * config.n_positions * config.n_embd  # keys and values
print(f"cache of {config.n_positions} tokens: {numbers * 4 / 1e6:.1f} MB")

# %% [markdown]
# ## Pitfall: longer than the model can read
#
# GPT-2 has learnt a vector for each of its positions, and for no other. Send one token too many:

# %%
too_long = torch.zeros((1, model.config.n_positions + 1), dtype=torch.long)
try:
    model(too_long)
except IndexError as problem:
    print(f"{too_long.shape[1]} tokens: {type(problem).__name__}, {problem}")

# %% [markdown]
# The message does not say what is wrong. (The waves of chapter 3 have no last position.) A helper of this course counts
# first and says it; the panel above shows its sentence too. To write on all the same, keep only the last tokens.

# %%
from helpers.models.gpt2 import next_logits as checked_logits

ids = too_long[0].tolist()
try:
    checked_logits(model, ids)
except ValueError as problem:
    print(problem)
print("the last ones fit:", checked_logits(model, ids[-model.config.n_positions :]).shape)

# %% [markdown]
# ## Three sentences to remember
#
# 1. GPT-2 gives probabilities to the next token; greedy takes the likeliest, sampling draws one, and only then
#    temperature, top-k and top-p have a say.
# 2. Ask for `max_new_tokens`, hand over the attention mask, and set a seed: else your texts depend on chance, on the
#    prompt's length and on its neighbours.
# 3. A causal mask keeps the past from changing, so its keys and values can be kept: the cache writes the same tokens
#    with far less work.
#
# **Practise:** [the exercises of this chapter](exercises/07-text-generation-with-gpt2.ipynb). Their checks
# name the idea behind a wrong answer.
#
# **Next door:** in [chapter 8](08-translation-with-t5.ipynb) a decoder like this one reads another language while it
# writes.
