"""Print the table of a model card: python -m helpers.pocket.evaluate [bert|gpt2|t5] [--corpora DIR]

With the folder of the corpora, everything is measured again from the shipped weights. Held-out text is no
part of the course, so without that folder the stored table is printed, next to the checks that need no corpus.
"""

import argparse
import json
import sys
from pathlib import Path

import torch
import transformers

from helpers.pocket import corpora
from helpers.pocket.export import CHECKPOINTS, FOLDERS


def load(name, folder, head=None):
    """Return (model in float32, tokenizer) of a checkpoint folder, without a network.

    Raises ValueError if the tokenizer does not have as many tokens as the model.
    """
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    classes = {
        "bert": ("BertForMaskedLM", "BertTokenizer"),
        "gpt2": ("GPT2LMHeadModel", "GPT2Tokenizer"),
        "t5": ("T5ForConditionalGeneration", "T5Tokenizer"),
    }
    tokenizer = getattr(transformers, classes[name][1]).from_pretrained(folder, local_files_only=True)
    model = getattr(transformers, head or classes[name][0]).from_pretrained(
        folder, dtype=torch.float32, local_files_only=True
    )
    if len(tokenizer) != model.config.vocab_size:
        raise ValueError(f"tokenizer: got {len(tokenizer)} tokens in {folder}, expected {model.config.vocab_size}")
    return model.eval(), tokenizer


def outputs_of(name, folder):
    """Return [(input, output)] of the fixed inputs of the card: they need no corpus."""
    model, tokenizer = load(name, folder)
    if name == "bert":
        from helpers.pocket import scores_bert as scores

        return [(text, ", ".join(scores.top_words(model, tokenizer, text))) for text in scores.MASKED]
    if name == "gpt2":
        from helpers.pocket import scores_gpt2 as scores

        rows = [(scores.PROMPT + " (greedy)", scores.sample(model, tokenizer, scores.PROMPT, 0, 40))]
        rows += [
            (f"{prompt} (0.8, seed {seed})", scores.sample(model, tokenizer, prompt, seed=seed))
            for seed, prompt in enumerate(scores.PROMPTS * 2)
        ][:9]
        return rows
    from helpers.pocket import scores_t5 as scores

    texts = [scores.TRANSLATE + text for text in scores.EVERYDAY]
    texts += [scores.SUMMARIZE + text for text in (scores.MONA_LISA, *(text for text, _ in scores.MADE_UP))]
    early = scores.generate(model, tokenizer, [scores.SUMMARIZE + scores.MONA_LISA], early_stopping=True)
    rows = [(scores.SUMMARIZE + scores.MONA_LISA + " (with early_stopping=True)", early[0])]
    return list(zip(texts, scores.generate(model, tokenizer, texts))) + rows


def measure(name, folder, texts, limit=None):
    """Return {heading: {figure: value}} of a checkpoint on the held-out text of the corpora in `texts`."""
    model, tokenizer = load(name, folder)
    if name == "bert":
        from helpers.pocket import scores_bert as scores

        found = {"masked words": scores.masked_word_scores(model, tokenizer, texts)}
        encoder, _ = load(name, folder, "BertModel")
        found["nearness of sentences"] = scores.nearness_scores(encoder, tokenizer, texts)
        runs = [scores.review_scores(folder, tokenizer, texts, seed=seed) for seed in range(3)]
        found["fine-tuning on reviews, three seeds, one core"] = {
            **runs[0],
            "seconds": max(run["seconds"] for run in runs),
            **{f"accuracy, seed {seed}": run["accuracy"] for seed, run in enumerate(runs)},
            "accuracy": sum(run["accuracy"] for run in runs) / len(runs),
        }
        return found
    if name == "gpt2":
        from helpers.pocket import scores_gpt2 as scores

        found = {f"held-out stories: {k}": v for k, v in scores.story_scores(model, texts, folder).items()}
        ids = [tokenizer(scores.sample(model, tokenizer, scores.PROMPT, seed=seed)).input_ids for seed in range(20)]
        greedy = tokenizer(scores.sample(model, tokenizer, scores.PROMPT, 0, 40)).input_ids
        found["continuations of the course's prompt"] = {
            "greedy loops within 40 tokens": scores.loops(greedy),
            "greedy repeated 6-grams": scores.repeats(greedy),
            "of 20 at temperature 0.8, in a loop": sum(map(scores.loops, ids)),
        }
        return found
    from helpers.pocket import scores_t5 as scores

    found = {"translation, 4 beams": scores.translation_scores(model, tokenizer, texts, limit)[0]}
    summaries, _ = scores.summary_scores(model, tokenizer, texts, limit or 200)
    found |= {f"summaries: {corpus}": figures for corpus, figures in summaries.items()}
    copied = scores.copied_names(model, tokenizer)
    found["made-up names"] = {
        "passages": len(copied),
        "with a name or number that is wrong": sum(bool(wrong) for _, _, wrong in copied),
    }
    return found


def table(found):
    """Return a Markdown table of {heading: {figure: value}}."""
    lines = ["| measured on | figure | value |", "|---|---|---|"]
    for heading, figures in found.items():
        for figure, value in figures.items():
            shown = (
                f"{value:.3f}"
                if isinstance(value, float) and abs(value) < 5
                else (f"{value:.1f}" if isinstance(value, float) else value)
            )
            lines.append(f"| {heading} | {figure} | {shown} |")
    return "\n".join(lines)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", metavar="bert|gpt2|t5", help="default: all that are there")
    parser.add_argument("--corpora", help="the folder of the training text: measure again")
    parser.add_argument("--checkpoints", default=str(CHECKPOINTS), help="the folder of the checkpoints")
    parser.add_argument("--limit", type=int, help="t5: so many sentences and passages only, for a quick look")
    parser.add_argument("--write", action="store_true", help="store the figures beside the weights")
    chosen = parser.parse_args(arguments)
    unknown = set(chosen.models) - set(FOLDERS)
    if unknown:
        parser.error(f"models: got {sorted(unknown)}, expected some of {sorted(FOLDERS)}")
    there = [name for name in chosen.models or FOLDERS if (Path(chosen.checkpoints) / FOLDERS[name]).is_dir()]
    if not there:
        sys.exit(f"no checkpoint of {chosen.models or sorted(FOLDERS)} in {chosen.checkpoints}: train and export first")
    for name in there:
        folder = Path(chosen.checkpoints) / FOLDERS[name]
        stored = folder / "evaluation.json"
        if chosen.corpora:
            corpora.check_corpora(chosen.corpora, name)
            found = {"table": measure(name, folder, chosen.corpora, chosen.limit)}
            found["outputs"] = outputs_of(name, folder)
        elif stored.is_file():
            found = {"table": json.loads(stored.read_text())["table"], "outputs": outputs_of(name, folder)}
        else:
            found = {"table": {}, "outputs": outputs_of(name, folder)}
        print(f"\n{FOLDERS[name]}\n\n{table(found['table'])}\n")
        for given, answer in found["outputs"]:
            print(f"{' '.join(given.split())}\n    -> {answer}")
        if chosen.write and chosen.corpora:
            stored.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
