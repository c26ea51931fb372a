"""The pocket checkpoints: small BERT, GPT-2 and T5 models that ship with the course, and how they were made.

The weights, one folder each with its model card, lie in `checkpoints/`. The recipes:

    python -m helpers.pocket.train    bert|gpt2|t5 --corpora DIR --out STATE    train, or go on after a kill
    python -m helpers.pocket.export   bert|gpt2|t5 --state STATE                float16 weights, manifest
    python -m helpers.pocket.evaluate bert|gpt2|t5 --corpora DIR --write        the table of the card
    python -m helpers.pocket.card     bert|gpt2|t5 --corpora DIR                the card itself

No notebook needs any of this: a chapter asks for a checkpoint folder and loads it with `from_pretrained`.
"""
