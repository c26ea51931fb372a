"""Muon (Jordan et al., 2024): momentum whose update is turned into a near-orthogonal matrix. Single precision.

torch has a Muon too, but it always counts in bfloat16: on a processor without that format one of its steps
takes 14 s on pocket-gpt2, the forward and backward pass together 4 s. Here matrices of one shape go together.
"""

from collections import defaultdict

import torch

QUINTIC = (3.4445, -4.7750, 2.0315)  # a x + b x^3 + c x^5 drives every singular value towards 1 in ITERATIONS steps
ITERATIONS = 5


def near_orthogonal(matrices):
    """Return matrices of the same shape (count, rows, columns) with all singular values near 1, directions kept."""
    wide = matrices.shape[1] <= matrices.shape[2]
    x = matrices if wide else matrices.transpose(1, 2)
    x = x / x.norm(dim=(1, 2), keepdim=True).clamp(min=1e-7)
    a, b, c = QUINTIC
    for _ in range(ITERATIONS):
        gram = x @ x.transpose(1, 2)  # (count, rows, rows)
        x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return x if wide else x.transpose(1, 2)


class Muon(torch.optim.Optimizer):
    """For two-dimensional weights only. The size of an update is that of AdamW at the same learning rate."""

    def __init__(self, weights, lr, momentum=0.95, weight_decay=0.01):
        super().__init__(weights, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self):
        """Update every weight that has a gradient."""
        for group in self.param_groups:
            shapes = defaultdict(list)
            for weight in group["params"]:
                if weight.grad is not None:
                    shapes[weight.shape].append(weight)
            for shape, weights in shapes.items():
                for weight in weights:
                    state = self.state[weight]
                    state.setdefault("momentum", torch.zeros_like(weight)).lerp_(weight.grad, 1 - group["momentum"])
                ahead = [w.grad.lerp(self.state[w]["momentum"], group["momentum"]) for w in weights]  # Nesterov
                scale = 0.2 * max(shape) ** 0.5  # the root mean square of AdamW's updates
                for weight, update in zip(weights, near_orthogonal(torch.stack(ahead))):
                    weight.mul_(1 - group["lr"] * group["weight_decay"])
                    weight.add_(update, alpha=-group["lr"] * scale)
