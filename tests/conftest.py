"""What all tests share: no window, no network, and the same examples in every run."""

import gc
import ipaddress
import os
import socket

import pytest
from hypothesis import settings

import helpers.authoring  # noqa: F401  before anything imports nbformat, which it makes quick

collect_ignore = ["browser"]  # `make browser` runs these: they need Chromium

os.environ.setdefault("MPLBACKEND", "Agg")  # tests draw into memory

# Shared and slow machines must not fail a test by time, and a failure must come again when the test is repeated.
settings.register_profile("course", deadline=None, derandomize=True)
settings.load_profile("course")


def pytest_collection_finish():
    """Let the garbage collector leave alone what was imported, torch above all: to look through it takes its time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """Fail a test that asks for an address beyond this machine."""
    connect = socket.socket.connect

    def connect_here(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host = address[0]
            if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
                raise AssertionError(f"A test asked for the network: {host}. The course must work without.")
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect_here)


@pytest.fixture(scope="module")
def bert():
    """Pocket-bert and its tokenizer."""
    model, tokenizer = _pocket("bert-base-uncased", "BertModel", "BertTokenizer")
    return model.eval(), tokenizer


@pytest.fixture(scope="module")
def gpt2():
    """Pocket-gpt2 and its tokenizer."""
    return _pocket("gpt2", "GPT2LMHeadModel", "GPT2Tokenizer")


@pytest.fixture(scope="module")
def classifier():
    """Pocket-bert with a head from NumPy, large enough that every word counts, and its tokenizer."""
    import numpy as np
    import torch

    model, tokenizer = _pocket("bert-base-uncased", "BertForSequenceClassification", "BertTokenizer", num_labels=2)
    head = np.random.default_rng(1).normal(0, 0.5, model.classifier.weight.shape)
    with torch.no_grad():
        model.classifier.weight.copy_(torch.from_numpy(head))
        model.classifier.bias.zero_()
    return model, tokenizer


def _pocket(name, model, tokenizer, **options):
    """Return (model, tokenizer) of a pocket checkpoint; torch is imported only by the tests that ask for one."""
    import torch
    import transformers

    from helpers.checkpoints import checkpoint, quiet_loading

    quiet_loading()
    folder = checkpoint(name, models="pocket")
    options |= {"dtype": torch.float32, "attn_implementation": "eager"}
    return (
        getattr(transformers, model).from_pretrained(folder, **options),
        getattr(transformers, tokenizer).from_pretrained(folder),
    )
