import pytest
import torch

from helpers.pocket.muon import Muon, near_orthogonal


@pytest.mark.parametrize("shape", [(3, 8, 8), (2, 8, 24), (2, 24, 8)])
def test_all_singular_values_come_near_one_and_the_directions_stay(shape):
    torch.manual_seed(0)
    # Singular values over three powers of ten, as in real gradients.
    u, _, v = torch.linalg.svd(torch.rand(shape) - 0.5, full_matrices=False)
    matrices = u * torch.logspace(0, -2, u.shape[-1]) @ v
    found = near_orthogonal(matrices)
    assert found.shape == shape
    values = torch.linalg.svdvals(found)
    assert 0.3 < values.min() and values.max() < 1.3
    assert (u.transpose(1, 2) @ found @ v.transpose(1, 2)).diagonal(dim1=1, dim2=2).min() > 0.3


def test_it_steps_as_torchs_own_muon_does():
    torch.manual_seed(0)
    one, other = (torch.nn.Parameter(torch.full((6, 10), 0.5)) for _ in range(2))
    ours = Muon([one], lr=0.02, weight_decay=0.01)
    torchs = torch.optim.Muon([other], lr=0.02, weight_decay=0.01, adjust_lr_fn="match_rms_adamw")
    for _ in range(4):
        gradient = torch.rand(6, 10) - 0.5
        one.grad, other.grad = gradient.clone(), gradient.clone()
        ours.step()
        torchs.step()
    # torch counts in bfloat16, three digits; the steps so far are some 0.05 long
    torch.testing.assert_close(one, other, rtol=0, atol=2e-3)


def test_a_weight_without_gradient_stays():
    weight = torch.nn.Parameter(torch.ones(2, 2))
    Muon([weight], lr=1.0).step()
    assert torch.equal(weight, torch.ones(2, 2))
