"""Write the model card of a shipped checkpoint: python -m helpers.pocket.card bert|gpt2|t5 [--corpora DIR]

The figures come from evaluation.json and training.json beside the weights, never from hand.
With the corpora, CREDITS.md with the names of all authors of the picture books is written too.
"""

import argparse
import csv
import json
from pathlib import Path

from helpers.pocket.evaluate import load, table
from helpers.pocket.export import CHECKPOINTS, FOLDERS, write_manifest

TATOEBA = (
    "Tatoeba sentence pairs and sentences, CC BY 2.0, by the contributors of tatoeba.org, from www.manythings.org/anki"
)
PICTURE_BOOKS = (
    "African Storybook and Pratham Books StoryWeaver picture books, CC BY, by the authors that CREDITS.md names"
)
BOOKS = "98 old story books, public domain (all named authors died before 1956)"
REVIEWS = "Sentiment Labelled Sentences, CC BY 4.0, by Kotzias, Denil, de Freitas and Smyth (2015)"
POLARITY = "Sentence Polarity snippets, CC BY 4.0, by Pang and Lee (2005), without their labels"
PROSE = (
    "MASC, free for research and development, by Ide and others; The World Factbook, public domain; WikiText-2 "
    "(validation and test part), CC BY-SA 3.0, by the contributors of Wikipedia, collected by Merity and others "
    "(2016); three public domain books by van Loon, Wells and Thomson"
)
WIKISPLIT = "WikiSplit (tuning, validation and test part), CC BY-SA 4.0, by Botha and others (2018)"
SCITLDR = "SciTLDR, Apache-2.0, by Cachola and others (2020)"
GUM = "for the evaluation only: GUM, CC BY 4.0, by Zeldes and others"

CARDS = {
    "bert": {
        "is": "A small BERT for everyday English: it guesses masked words and places sentences near each other.",
        "not": "It is not bert-base-uncased: it has read some three hundred thousand short sentences, not Wikipedia. "
        "It knows few facts and few rare words. Do not build on it outside a classroom.",
        "architecture": "4 layers of width 256 with 8 heads, feed-forward 1,024, 6,000 lower-case WordPiece tokens, "
        "128 positions, token types",
        "corpora": (TATOEBA, PICTURE_BOOKS, BOOKS, REVIEWS, POLARITY),
        "arithmetic": "bfloat16",
        "held": "Held out by a hash of the sentence: 3 % of the everyday sentences, and all sentences of one in twenty "
        "groups that share a French translation. The 1,000 test reviews were never read. No label of a review was "
        "used before the fine-tuning that is measured here.",
        "extra": "Half of the steps taught masked words. In the others the sentence embeddings copied the nearness "
        "that all-MiniLM-L6-v2 (Apache-2.0) sees, and drew sentences that share a French translation together.",
    },
    "gpt2": {
        "is": "A small GPT-2 that tells stories in the manner of old fairy tales and new picture books.",
        "not": "It is not gpt2: it knows stories and nothing else. Its sentences sound like a tale, and most are grammatical "
        "in form, but it seldom holds a thread for more than one or two of them, and rare words come out half made up. "
        "Greedy decoding says the same few words again, though the count of loops below, which asks for three times in a "
        "row, does not see it. Old tales have old views of people; so may its stories.",
        "architecture": "4 layers of width 256 with 4 heads, feed-forward 1,024, 6,000 byte-level BPE tokens, "
        "256 positions",
        "corpora": (BOOKS, PICTURE_BOOKS),
        "held": "Whole books and whole picture books are held out by a hash (5 % test, 2 % development). Training "
        "paragraphs that share ten words in a row with them were dropped, as tales are told in more than one book. "
        "The baseline is a 5-gram Kneser-Ney model over the same tokens, trained on the same text.",
        "arithmetic": "float32 (the last run: bfloat16)",
        "extra": "The picture books were read four times a pass.",
    },
    "t5": {
        "is": "A small T5 with two of the prefixes of the original: `translate English to French: ` for everyday "
        "sentences of up to about nine words, and `summarize: ` for passages of two to five sentences.",
        "not": "It is not t5-small. Of simple everyday sentences about four in five come out right; the others are wrong in "
        "a gender, a verb form or a rare word, often fluently. Its summaries are one sentence of the passage, or its beginning: "
        "they pick and copy, they do not rephrase. All figures below are of 4 beams without early stopping: with it, the search "
        "often ends on a shorter sentence, and in about one passage of eight on one that was broken off inside a clause.",
        "arithmetic": "float32 (the run with --endings: bfloat16)",
        "architecture": "3 + 3 layers of width 256 with 8 heads of size 32, feed-forward 768, 6,000 SentencePiece "
        "pieces, tied embeddings, relative positions, no sentinel tokens",
        "corpora": (TATOEBA, "our own phrasebook (helpers/pocket/phrasebook.txt)", PROSE, BOOKS, PICTURE_BOOKS,
                    WIKISPLIT, SCITLDR, GUM),
        "held": "Held out by a hash of the English sentence: 2 % for the test, 1 % for choices. BLEU and chrF (sacrebleu) "
        "use all French references of a sentence. \"Unseen French\" leaves out sentences whose French also stands in "
        "the training text behind other English. WikiSplit is held out by long sentence; SciTLDR has its own test part; "
        "GUM was not trained on.",
        "extra": "Most summaries to learn from were made by rule from running text, with made-up names and numbers in "
        "half of them, so that the model must copy. Copying came first: it teaches the cross-attention where to look. The run "
        "with --endings changed the last feed-forward layer of the decoder and the two norms around it only: it made an end "
        "inside a clause rarer, so that a beam search with early stopping is not over before the whole sentence is there.",
    },
}  # fmt: skip


def draw_curve(training, path):
    """Draw the development loss over the steps to a PNG and return its text equivalent."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    steps, losses = zip(*training["curve"])
    figure = Figure(figsize=(6, 3), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.plot(steps, losses, color="#00224e")
    for step in training["runs"][:-1]:
        axes.axvline(step, color="0.5", linestyle=":")
    axes.set(xlabel="training step", ylabel="held-out loss (nats per token)")
    axes.annotate(f"{losses[-1]:.2f}", (steps[-1], losses[-1]), textcoords="offset points", xytext=(-8, 8), ha="right")
    axes.grid(alpha=0.3)
    figure.savefig(path, dpi=90, metadata={"Software": None})
    runs, values = training["runs"], dict(training["curve"])
    options = training.get("options", [""] * len(runs))
    raised = [f"{step:,}" for step, option in zip(runs, options[1:]) if not option]
    again = f"line{'s' * (len(raised) > 1)} at step {' and '.join(raised)}"
    other = [
        f" From step {first:,} on, with {option}, few weights learned something else, and it went from "
        f"{values[first]:.2f} to {values[last]:.2f}."
        for first, last, option in zip(runs, runs[1:], options[1:])
        if option
    ]
    return (f"Held-out development loss over the training steps: it falls from {losses[0]:.2f} at step {steps[0]:,} "
            f"to {losses[-1]:.2f} at step {steps[-1]:,}."
            + (f" It rises for a while behind the dotted {again}, where the rate was raised again."
               if raised else "") + "".join(other))  # fmt: skip


def card(name, folder):
    """Return the Markdown of the card of the checkpoint in `folder`; loss.png is drawn beside it.

    Raises FileNotFoundError if evaluation.json or training.json is not there.
    """
    folder, facts = Path(folder), CARDS[name]
    found = json.loads((folder / "evaluation.json").read_text())
    training = json.loads((folder / "training.json").read_text())
    model, _ = load(name, folder)
    alt = draw_curve(training, folder / "loss.png")
    size = (folder / "model.safetensors").stat().st_size
    lines = [
        f"# {FOLDERS[name]}", "", facts["is"], "", f"**What it is not.** {facts['not']}", "",
        f"- Parameters: {sum(weight.numel() for weight in model.parameters()) / 1e6:.2f} million "
        f"({facts['architecture']}); {size / 1e6:.1f} MB of weights in float16. Load with `dtype=torch.float32`.",
        f"- Training: {training['steps']:,} steps, {training['hours']:.1f} hours on one core beside other work, "
        f"{facts.get('arithmetic', 'float32')} arithmetic. `python -m helpers.pocket.train {name} --corpora DIR "
        f"--steps {training['runs'][0]}{' --teacher DIR' if name == 'bert' else ''}`."
        + "".join(f" Then, from these weights, `{asked}`." for asked in later_runs(training)),
        f"- {facts['extra']}", "", "## Training text", "",
        *(f"- {corpus}." for corpus in facts["corpora"]), "", "No corpus is part of the course. " + facts["held"], "",
        "## Loss", "", f"![{alt}](loss.png)", "", alt, "", "## Evaluation", "", table(found["table"]), "",
        "## Outputs, good and bad", "", "The inputs were fixed before the first answer was seen, and none was left out.", "",
        "| input | output |", "|---|---|",
        *(f"| {cell(given)} | {cell(answer)} |" for given, answer in found["outputs"]), ""]  # fmt: skip
    return "\n".join(lines)


def later_runs(training):
    """Return the options, as one string, of each run that went on from the weights of the one before."""
    runs = training["runs"][1:]
    options = training.get("options", [""] * len(training["runs"]))[1:]
    return [f"--start DIR --steps {steps} {option}".rstrip() for steps, option in zip(runs, options)]


def cell(text):
    """Return a text that may stand in a cell of a Markdown table."""
    return " ".join(text.split()).replace("|", "\\|")


def credits(folder):
    """Return the Markdown that names every author of the picture books, from their ATTRIBUTION.tsv."""
    path = Path(folder) / "storyweaver/ATTRIBUTION.tsv"
    rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))
    names = sorted({row[3].strip() for row in rows if len(row) > 3})
    return "\n".join([
        "# Credits", "",
        f"{len(rows)} picture books of African Storybook and Pratham Books StoryWeaver (CC BY) are part of the training "
        "text of the pocket checkpoints. No book is part of the course. Their authors and tellers:", "",
        "; ".join(names) + ".", ""])  # fmt: skip


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", choices=sorted(FOLDERS))
    parser.add_argument("--checkpoints", default=str(CHECKPOINTS), help="the folder of the checkpoints")
    parser.add_argument("--corpora", help="the folder of the training text, for CREDITS.md")
    chosen = parser.parse_args(arguments)
    place = Path(chosen.checkpoints)
    folder = place / FOLDERS[chosen.model]
    (folder / "README.md").write_text(card(chosen.model, folder), encoding="utf-8")
    if chosen.corpora:
        (place / "CREDITS.md").write_text(credits(chosen.corpora), encoding="utf-8")
    write_manifest(place)


if __name__ == "__main__":
    main()
