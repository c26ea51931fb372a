"""Measure pocket-t5 on held-out text: translation by BLEU and chrF, summaries by ROUGE-L and by rules."""

import json
import re
from collections import defaultdict

import numpy as np
import sacrebleu
import torch
from rouge_score.rouge_scorer import RougeScorer

from helpers.pocket import corpora, summaries
from helpers.pocket.t5_text import SUMMARIZE, TRANSLATE

MONA_LISA = """
The Mona Lisa is a half-length portrait painting by the Italian artist Leonardo da Vinci.
It is considered an archetypal masterpiece of the Italian Renaissance, and it has been described
as the most famous, most visited, most written about, and most sung about work of art in the world.
"""

# Written for this table; none stands in the phrasebook. Read by a person, not scored.
EVERYDAY = (
    "The weather is sunny.",
    "It is very cold this morning.",
    "The sky was blue yesterday.",
    "My sister is a teacher.",
    "My grandfather has a big garden.",
    "Our parents are sleeping.",
    "I would like some tea, please.",
    "The bread is on the table.",
    "We ate fish last night.",
    "Where is the post office?",
    "The plane is late.",
    "She goes to school by bus.",
    "It is four o'clock.",
    "I get up at six every day.",
    "We will come back on Monday.",
    "I am very tired.",
    "She is not happy today.",
    "They are afraid of the dark.",
    "The teacher is writing on the board.",
    "Please close the window.",
    "I don't understand this question.",
)

MADE_UP = (
    (
        "Brastola Vinter opened a small bakery in Kelmoor in 1847. The bakery sold bread to the whole town. "
        "It is still open today.",
        ("Brastola", "Vinter", "Kelmoor", "1847"),
    ),
    (
        "The river Drossel flows through the town of Ampherby. Many people swim in it in summer.",
        ("Drossel", "Ampherby"),
    ),
    (
        "In 1931 the engineer Olva Prent built a bridge over the Sarnith. It was 340 metres long and made of steel.",
        ("Olva", "Prent", "Sarnith", "1931"),
    ),
    (
        "Captain Yorrin sailed to the island of Melvane with 62 men. They found no water there. They left after a week.",
        ("Yorrin", "Melvane", "62"),
    ),
    (
        "Tessaly Gorm wrote her first novel in Quistead. Nobody wanted to print it for years.",
        ("Tessaly", "Gorm", "Quistead"),
    ),
)


def held_out_translations(folder, longest=9, part="test"):
    """Return [(English, list of French references, seen)] of one part, English of up to `longest` words.

    `seen` is True if a reference also stands in the training part, behind another English sentence.
    """
    references, names, train = defaultdict(list), {}, set()
    for english, french in corpora.read_pairs(folder):
        key = corpora.normalise(english)
        where = corpora.split_of(key)
        if where == part and len(english.split()) <= longest:
            names.setdefault(key, english)
            if french not in references[key]:
                references[key].append(french)
        elif where == "train":
            train.add(corpora.normalise(french))
    return [(names[key], found, any(corpora.normalise(f) in train for f in found)) for key, found in references.items()]


def generate(model, tokenizer, texts, beams=4, length=64, batch=64, **options):
    """Return the model's answers to the texts, in order."""
    order = np.argsort([len(text) for text in texts], kind="stable")
    answers = [""] * len(texts)
    for start in range(0, len(order), batch):
        rows = order[start : start + batch]
        inputs = tokenizer([texts[i] for i in rows], padding=True, return_tensors="pt")
        with torch.no_grad():
            found = model.generate(**inputs, num_beams=beams, max_new_tokens=length, **options)
        for i, answer in zip(rows, tokenizer.batch_decode(found, skip_special_tokens=True)):
            answers[i] = answer
    return answers


def bleu_and_chrf(answers, references):
    """Return (BLEU, chrF) of sacrebleu with all references of each sentence."""
    most = max(map(len, references))
    streams = [[row[i] if i < len(row) else None for row in references] for i in range(most)]
    return sacrebleu.corpus_bleu(answers, streams).score, sacrebleu.corpus_chrf(answers, streams).score


def translation_scores(model, tokenizer, folder, limit=None, beams=4, part="test"):
    """Return (figures, [(English, answer, references)]) on held-out translations.

    `limit` takes only the first sentences; part "dev" is for choices while training.
    """
    rows = held_out_translations(folder, part=part)[:limit]
    answers = generate(model, tokenizer, [TRANSLATE + row[0] for row in rows], beams)
    scores = {"sentences": len(rows)}
    scores["BLEU"], scores["chrF"] = bleu_and_chrf(answers, [row[1] for row in rows])
    new = [i for i, row in enumerate(rows) if not row[2]]
    scores["sentences with unseen French"] = len(new)
    scores["BLEU, unseen French"], scores["chrF, unseen French"] = bleu_and_chrf(
        [answers[i] for i in new], [rows[i][1] for i in new]
    )
    scores["one of the references exactly"] = float(np.mean([a in row[1] for a, row in zip(answers, rows)]))
    return scores, list(zip([row[0] for row in rows], answers, [row[1] for row in rows]))


def held_out_passages(folder, part="test"):
    """Return {corpus: [(passage, list of human summaries, first sentence)]} of one held-out part; GUM is all test.

    WikiSplit: a long sentence and up to three that follow it from held-out prose; its human compression.
    SciTLDR: the first five sentences of an abstract; GUM: of a document. Their human one-line summaries.
    """
    rng = np.random.default_rng(7)
    fillers = [
        corpora.sentences(text) for text in corpora.read_wikitext(folder) if corpora.split_of(text[:200]) == part
    ]
    fillers = [passage for passage in fillers if len(passage) >= 2]
    found = {"WikiSplit": [], "SciTLDR": [], "GUM": []}
    for long, simple in corpora.read_wikisplit(folder):
        if corpora.split_of(long) == part and len(simple.split()) <= 0.8 * len(long.split()):
            others = fillers[int(rng.integers(len(fillers)))][: int(rng.integers(1, 4))]
            found["WikiSplit"].append((" ".join([long, *others]), [simple], long))
    for abstract, human in corpora.read_scitldr(folder, part):
        if len(abstract) > 1:
            found["SciTLDR"].append((" ".join(abstract[:5]), human, abstract[0]))
    for line in corpora.read_text(folder, corpora.GUM).splitlines():
        row = json.loads(line)
        body = [s for s in row["sentences"] if len(s.split()) > 5][:5]  # headings are short
        if len(body) > 1:
            found["GUM"].append((" ".join(body), row["summaries"], body[0]))
    return found


def rules(passage, summary):
    """Return a dict of True or False: what the course asks of a summary of this passage."""
    given, said = summaries.words(passage), summaries.words(summary)
    fours = [tuple(said[i : i + 4]) for i in range(len(said) - 3)]
    names = re.findall(r"(?<=[a-z,] )[A-Z]\w+|\d[\d.,]*\d|\d", summary)
    return {
        "at most 60 % of the words": len(said) <= 0.6 * len(given),
        "95 % of the words from the passage": sum(w in set(given) for w in said) >= 0.95 * max(1, len(said)),
        "names and numbers from the passage": all(name in passage for name in names),
        "no repeated 4-gram": len(fours) == len(set(fours)),
        "ends like a sentence": summary[-1:] in tuple(".!?\"'"),
    }


def summary_scores(model, tokenizer, folder, limit=200, part="test"):
    """Return ({corpus: figures}, examples) of the summaries of held-out passages."""
    scorer, scores, examples = RougeScorer(["rougeL"], use_stemmer=True), {}, []
    for corpus, rows in held_out_passages(folder, part).items():
        rows = [row for row in rows if len(tokenizer(SUMMARIZE + row[0]).input_ids) <= 256][:limit]
        answers = generate(model, tokenizer, [SUMMARIZE + row[0] for row in rows], batch=16)
        first = [max(scorer.score(h, row[2])["rougeL"].fmeasure for h in row[1]) for row in rows]
        ours = [max(scorer.score(h, a)["rougeL"].fmeasure for h in row[1]) for a, row in zip(answers, rows)]
        held = [rules(row[0], answer) for row, answer in zip(rows, answers)]
        scores[corpus] = {
            "passages": len(rows),
            "ROUGE-L": 100 * float(np.mean(ours)),
            "ROUGE-L of the first sentence": 100 * float(np.mean(first)),
            **{rule: float(np.mean([row[rule] for row in held])) for rule in held[0]},
        }
        examples += [(row[0], answer, row[1][0]) for row, answer in zip(rows[:4], answers)]
    return scores, examples


def copied_names(model, tokenizer):
    """Return [(summary, names that the summary holds, names that stand in the passage)] for made-up names.

    A capitalised word or a number of the summary that the passage does not hold is a mistake.
    """
    answers = generate(model, tokenizer, [SUMMARIZE + text for text, _ in MADE_UP])
    rows = []
    for (text, names), answer in zip(MADE_UP, answers):
        wrong = [w for w in re.findall(r"[A-Z]\w+|\d+", answer) if w not in re.findall(r"\w+", text)]
        rows.append((answer, [name for name in names if name in answer], wrong))
    return rows
