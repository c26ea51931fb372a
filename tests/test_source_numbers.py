"""The numbers of the source notebook, digit for digit, through the course's own helpers."""

import numpy as np

from helpers.attention import attention, softmax

SENTENCE = np.array([[0.1, 0.1, 0.2], [0.9, 0.8, 0.7], [0.8, 0.9, 0.8], [0.2, 0.2, 0.3], [0.7, 0.6, 0.9]])

CHAPTER_3_WEIGHTS = """\
[[0.13996839 0.23453985 0.24576871 0.15175171 0.22797133]
 [0.01847211 0.30437435 0.39016773 0.02861227 0.25837354]
 [0.01474143 0.30522766 0.39994043 0.02367127 0.25641921]
 [0.10588597 0.2546468  0.27557477 0.12146871 0.24242375]
 [0.02037275 0.30283715 0.38578421 0.03107175 0.25993415]]"""

CHAPTER_3_OUTPUT = """\
[[1.04688219 1.35331457 0.98510099]
 [1.30097982 1.68605596 1.22570457]
 [1.31055465 1.69852508 1.23472785]
 [1.11290351 1.43982809 1.04766729]
 [1.29621874 1.67979842 1.22119359]]"""

CHAPTER_4_WEIGHTS = [
    """\
[[0.19687765 0.20256664 0.20184662 0.19757994 0.20112916]
 [0.1727621  0.2232503  0.21620917 0.17838832 0.20939011]
 [0.17568776 0.22065491 0.21445791 0.18076445 0.20843496]
 [0.193778   0.20513864 0.20368291 0.19516293 0.20223752]
 [0.17863977 0.21806136 0.21269322 0.18314844 0.20745723]]""",
    """\
[[0.19921608 0.20052285 0.20071023 0.19940224 0.20014861]
 [0.19376598 0.20417066 0.20570196 0.19521925 0.20114215]
 [0.19299284 0.20468993 0.20641784 0.19462201 0.20127738]
 [0.19843347 0.20104528 0.20142119 0.1988045  0.20029556]
 [0.19531638 0.20313068 0.20427224 0.19641403 0.20086666]]""",
]

CHAPTER_4_OUTPUT = """\
[[0.39804471 0.08126514]
 [0.41973964 0.08229866]
 [0.41707689 0.08244593]
 [0.40080164 0.08141305]
 [0.41439898 0.08200382]]"""


def test_chapter_1_prints_what_the_source_prints():
    query = np.array([1, 0, -1])
    keys = np.array([[1, 1, 0], [0, -1, 1], [1, 0, -1]])
    output, weights = attention(query, keys, np.array([[5], [0], [-3]]), scale=1)
    assert str(keys @ query) == "[ 1 -1  2]"
    assert str(weights) == "[0.25949646 0.03511903 0.70538451]"
    assert str(softmax(keys @ query)) == str(weights)
    assert str(output) == "[-0.81867124]"


def test_chapter_2_prints_what_the_source_prints():
    keys = np.array([[1, 0, 1], [0, 1, 0], [1, 0, -1]])
    output, weights = attention(np.array([1, 0, 1]), keys, np.array([[5], [0], [-3]]))
    assert str(weights) == "[0.61338261 0.19330869 0.19330869]"
    assert str(output) == "[2.48698697]"


def test_chapter_3_prints_what_the_source_prints():
    W_q = np.array([[0.6, 0.2, 0.1], [0.8, 0.7, 0.6], [0.7, 0.9, 0.8]])
    W_k = np.array([[0.6, 0.3, 0.2], [0.8, 0.7, 0.5], [0.7, 0.9, 0.6]])
    W_v = np.array([[0.2, 0.5, 0.3], [0.7, 0.8, 0.6], [0.8, 0.9, 0.7]])
    output, weights = attention(SENTENCE @ W_q, SENTENCE @ W_k, SENTENCE @ W_v)
    assert str(weights) == CHAPTER_3_WEIGHTS
    assert str(output) == CHAPTER_3_OUTPUT


def test_chapter_4_prints_what_the_source_prints():
    random = np.random.RandomState(42)  # the stream of np.random.seed(42)
    outputs = []
    for head in range(2):
        W_q, W_k, W_v = (random.rand(1, 1) for _ in range(3))
        piece = SENTENCE[:, head : head + 1]  # head_dim is 3 // 2 = 1: the third feature is lost
        output, weights = attention(piece @ W_q, piece @ W_k, piece @ W_v)
        assert str(weights) == CHAPTER_4_WEIGHTS[head]
        outputs.append(output)
    assert str(np.hstack(outputs)) == CHAPTER_4_OUTPUT
