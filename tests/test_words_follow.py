"""The words of every view follow what is drawn: after a second update they are those of a new view with the same data."""

import numpy as np
import pytest

from helpers.figures.alignment import Alignment
from helpers.figures.bars import Bars
from helpers.figures.beam_tree import BeamTree
from helpers.figures.blend import Blend
from helpers.figures.heatmap import Heatmap
from helpers.figures.links import Links
from helpers.figures.passage import MarkedPassage
from helpers.figures.signed_bars import SignedBars
from helpers.figures.style import new_figure
from helpers.figures.token_bars import TokenBars

NAMES = ["first", "second"]
TREE = [[("a", -1, -0.5, "kept"), ("b", -1, -1.5, "dropped")]]
OTHER_TREE = [[("c", -1, -2.5, "kept"), ("d", -1, -3.5, "finished")]]

VIEWS = {
    "bars": (lambda ax: Bars(ax, NAMES, "t", 0, 1), ([0.1, 0.2],), ([0.3, 0.9],)),
    "signed bars": (lambda ax: SignedBars(ax, NAMES, "t", 1), ([0.1, -0.2],), ([-0.3, 0.9],)),
    "token bars": (lambda ax: TokenBars(ax, 2, "t"), (["a", "b"], [0.1, 0.2]), (["c", "d"], [0.3, 0.9])),
    "heatmap": (
        lambda ax: Heatmap(ax, NAMES, NAMES, "t", 0, 1),
        (np.eye(2),),
        (np.full((2, 2), 0.25) + np.eye(2) / 2,),
    ),
    "large map": (lambda ax: Heatmap(ax, NAMES, NAMES, "t", 0, 1, None), (np.eye(2),), (np.diag([0.25, 0.75]),)),
    "alignment": (lambda ax: Alignment(ax, NAMES, NAMES, "t"), (np.eye(2),), (np.eye(2)[::-1] * 0.75,)),
    "links": (lambda ax: Links(ax, NAMES, "t"), (0, [0.1, 0.9]), (1, [0.6, 0.4])),
    "blend": (lambda ax: Blend(ax, NAMES, "t", -1, 1), ([0.1, 0.2], [0.5, 0.5], 0.15), ([0.3, 0.9], [0.5, 0.5], 0.6)),
    "passage": (
        lambda ax: MarkedPassage(ax, NAMES, "t", bars=True),
        ([True, False], [False, True], np.array([0.1, 0.9])),
        ([False, True], [False, False], np.array([0.6, 0.4])),
    ),
    "beam tree": (lambda ax: BeamTree(ax, 2, 2, "t"), (TREE, [0]), (OTHER_TREE, [1])),
}


def view_of(make):
    """A view on a new figure."""
    return make(new_figure(6, 3).subplots())


@pytest.mark.parametrize("name", VIEWS)
def test_the_words_follow_every_update(name):
    make, before, after = VIEWS[name]
    view = view_of(make).update(*before)
    said = view.words()
    assert view.update(*after).words() == view_of(make).update(*after).words() != said
    assert view.update(*before).words() == said
