"""Train a pocket checkpoint: python -m helpers.pocket.train bert|gpt2|t5 --corpora DIR

The learning rate warms up, stays flat, and falls to zero over the last part of
the steps (the recipe says how large a part). The state is written now and then; the same command goes on from
it, on the same course as if it had never stopped. Where the fall begins, the
state is kept a second time (before-decay.pt), so that a later run can go on
with more steps instead of starting again. Where no state is left, --start goes
on from the weights of a shipped checkpoint: the rate warms up once more, and
the text goes on with parts that those weights have not seen in that order. With
--endings few of these weights learn, and they learn where not to end (t5_endings.py).
"""

import argparse
import importlib
import json
import math
import os
import shutil
import signal
import sys
import threading
import time
from pathlib import Path

import torch
from safetensors.torch import load_file

from helpers.pocket import corpora
from helpers.pocket.muon import Muon

STEPS = {"bert": 4400, "gpt2": 10000, "t5": 4700}
WARMUP = 200


def rate(step, steps, decay):
    """Return the share of the peak learning rate, in (0, 1], at 0-based `step` of `steps`.

    decay: the share of the steps, in (0, 1], over which it falls to zero at the end.
    """
    left = (steps - step) / max(1, int(steps * decay))
    return min(1.0, (step + 1) / min(WARMUP, max(1, steps // 10)), left)


def optimizers(model, learning_rate):
    """Return [Muon for the inner matrices, AdamW for embeddings and vectors].

    Muon (Jordan et al., 2024) turns each update into a near-orthogonal matrix; on these
    models it needs about half the steps of AdamW alone.
    """
    inner, outer = [], []
    for name, weight in model.named_parameters():
        if weight.requires_grad:
            table = any(word in name for word in ("shared", "embed", "wte", "wpe", "lm_head", "cls", "bias"))
            (outer if table or weight.ndim != 2 else inner).append(weight)
    adam = torch.optim.AdamW(outer, lr=learning_rate, betas=(0.9, 0.98), weight_decay=0.0)
    if not inner:
        return [adam]
    return [Muon(inner, lr=learning_rate), adam]


def save(state, path):
    """Write the state so that a kill at any moment leaves the old or the new file, never half of one."""
    new = path.with_suffix(".new")
    torch.save(state, new)
    os.replace(new, path)


def mean_loss(recipe, model, found, device, autocast):
    """Return the mean loss over a list of batches, without gradients."""
    model.eval()
    with torch.no_grad(), autocast():
        values = [float(recipe.loss(model, move(batch, device))) for batch in found]
    model.train()
    return sum(values) / len(values)


def move(batch, device):
    """Return the batch with its tensors on the device."""
    return {key: value.to(device) for key, value in batch.items()}


def start_from(folder, out):
    """Return (float32 weights, state) of the checkpoint in `folder`; copy its tokenizer and weights to `out`.

    The state counts on from the checkpoint's steps; "runs" are the steps at which earlier runs ended, "options" what
    each of them was asked for besides.
    A part of the text holds at least one batch, so no part of a number as high as the steps was read for them.
    """
    folder = Path(folder)
    past = json.loads((folder / "training.json").read_text())
    for file in ("vocab.txt", "vocab.json", "merges.txt", "spiece.model", "model.safetensors"):
        if (folder / file).exists():
            shutil.copyfile(folder / file, Path(out) / file)
    weights = {key: value.float() for key, value in load_file(folder / "model.safetensors").items()}
    step, seconds = past["steps"], past["hours"] * 3600
    options = past.get("options", [""] * len(past["runs"]))
    past = {"runs": past["runs"], "options": options, "curve": past["curve"]}
    return weights, {"step": step, "chunk": step, "seconds": seconds, **past}


def train(recipe, out, steps, device="cpu", precision="float32", save_every=300.0, stop_after=None, seed=1, start=None):
    """Train the recipe's model for `steps` steps and return it; go on from out/resume.pt if it is there.

    `start`: what `start_from` returned, for a run that has no resume.pt yet and counts on from those steps.
    `save_every` is in seconds. `stop_after` ends the run early, as a kill would, after that many
    steps of this run. Raises ValueError for a precision other than float32 or bfloat16,
    and for a start of another model.
    """
    if precision not in ("float32", "bfloat16"):
        raise ValueError(f"precision: got {precision!r}, expected 'float32' or 'bfloat16'")
    out = Path(out)
    torch.manual_seed(seed)
    model = recipe.build_model().to(device)
    model.train()
    optimisers = optimizers(model, recipe.learning_rate)
    state = {"step": 0, "runs": [], "options": [], "chunk": 0, "position": 0, "seconds": 0.0, "curve": [], "kept": 0}
    state["option"] = getattr(recipe, "option", "")
    if start and not (out / "resume.pt").exists():
        missing, unknown = model.load_state_dict(start[0], strict=False)
        untied = [key for key in missing if not key.endswith(("lm_head.weight", "embed_tokens.weight"))]
        if untied or unknown:
            raise ValueError(f"start: got weights without {untied} and with {unknown}, expected those of the recipe")
        state |= start[1]
    if (out / "resume.pt").exists():
        state |= torch.load(out / "resume.pt", map_location=device, weights_only=True)
        model.load_state_dict(state.pop("model"))
        for optimiser, saved in zip(optimisers, state.pop("optimizers")):
            optimiser.load_state_dict(saved)
        torch.set_rng_state(state.pop("rng").cpu())
        if state["step"] >= steps:
            return model

    def snapshot():
        return {
            **state,
            "model": model.state_dict(),
            "optimizers": [o.state_dict() for o in optimisers],
            "rng": torch.get_rng_state(),
        }

    def autocast():
        return torch.autocast(device, torch.bfloat16, enabled=precision == "bfloat16")

    asked_to_stop = []
    if threading.current_thread() is threading.main_thread():
        # A polite kill (SIGTERM) writes the state first; a hard one loses the time since the last save.
        signal.signal(signal.SIGTERM, lambda *_: asked_to_stop.append(True))
    batches, recent, done = recipe.chunk(state["chunk"]), [], 0
    started = saved_at = printed_at = time.monotonic()
    earlier = state["seconds"]
    while state["step"] < steps and done != stop_after and not asked_to_stop:
        if state["position"] == len(batches):
            state["chunk"], state["position"] = state["chunk"] + 1, 0
            batches = recipe.chunk(state["chunk"])
        first = max(state["runs"], default=0)
        step, span = state["step"] - first, steps - first
        # A few steps on top of many must not undo them.
        peak = recipe.learning_rate * (min(1.0, 4 * span / first) if first else 1.0)
        if step >= span - int(span * recipe.decay) and state["kept"] != steps:
            state["kept"] = steps
            save(snapshot(), out / "before-decay.pt")
        for optimiser in optimisers:
            for group in optimiser.param_groups:
                group["lr"] = peak * rate(step, span, recipe.decay)
        with autocast():
            loss = recipe.loss(model, move(batches[state["position"]], device))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimiser in optimisers:
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        recent.append(loss.item())
        if not math.isfinite(recent[-1]):
            raise FloatingPointError(f"loss: got {recent[-1]} at step {state['step']}, expected a number")
        done += 1
        state["step"] += 1
        state["position"] += 1
        now = time.monotonic()
        state["seconds"] = earlier + now - started
        if now - printed_at > 20 or state["step"] == steps:
            pace = (now - printed_at) / len(recent)
            print(
                f"step {state['step']}/{steps} loss {sum(recent) / len(recent):.3f} "
                f"{pace * 1000:.0f} ms a step, {pace * (steps - state['step']) / 60:.0f} min left",
                flush=True,
            )
            recent, printed_at = [], now
        if state["step"] % 500 == 0 or state["step"] == steps:
            dev = mean_loss(recipe, model, recipe.dev_batches(), device, autocast)
            state["curve"].append([state["step"], round(dev, 4)])
            print(f"step {state['step']} held-out development loss {dev:.4f}", flush=True)
        if now - saved_at > save_every or state["step"] == steps or asked_to_stop:
            save(snapshot(), out / "resume.pt")
            saved_at = now
    (out / "curve.json").write_text(json.dumps({k: state[k] for k in ("step", "seconds", "curve")}))
    return model


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", choices=sorted(STEPS))
    parser.add_argument("--corpora", required=True, help="the folder of the training text")
    parser.add_argument("--out", help="the folder of the training state (default: pocket-<model>-training)")
    parser.add_argument("--steps", type=int, help="all steps, decay included")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--start", help="gpt2 and t5 only: go on from the weights in this checkpoint folder")
    parser.add_argument("--endings", action="store_true", help="t5 with --start only: learn where not to end")
    parser.add_argument("--teacher", help="bert only: a folder with a larger sentence encoder to copy from")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--precision", choices=["float32", "bfloat16"], help="default: bfloat16 on CUDA only")
    chosen = parser.parse_args(arguments)
    try:
        corpora.check_corpora(chosen.corpora, chosen.model)
    except corpora.CorpusError as error:
        sys.exit(str(error))
    if chosen.start and chosen.model == "bert":
        parser.error("--start: pocket-bert is shipped without its training heads and cannot go on")
    if chosen.endings and not (chosen.model == "t5" and chosen.start):
        parser.error("--endings: expected the model t5 and --start with its checkpoint")
    torch.set_num_threads(chosen.threads)
    out = Path(chosen.out or f"pocket-{chosen.model}-training")
    out.mkdir(parents=True, exist_ok=True)
    start = start_from(chosen.start, out) if chosen.start and not (out / "resume.pt").exists() else None
    extra = {"teacher": chosen.teacher} if chosen.model == "bert" else {}
    module = f"helpers.pocket.{chosen.model}{'_endings' if chosen.endings else ''}"
    recipe = importlib.import_module(module).Recipe(chosen.corpora, out, chosen.seed, **extra)
    # A processor without bfloat16 of its own takes ten times as long in it.
    precision = chosen.precision or ("bfloat16" if chosen.device.startswith("cuda") else "float32")
    if precision == "bfloat16":
        # What autocast leaves in float32, Muon above all, is multiplied in bfloat16 too and added up in float32.
        torch.set_float32_matmul_precision("medium")
    train(recipe, out, chosen.steps or STEPS[chosen.model], chosen.device, precision, seed=chosen.seed, start=start)


if __name__ == "__main__":
    main()
