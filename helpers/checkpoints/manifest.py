"""The originals that may be fetched: their pinned commit and, for each file, its size and SHA-256.

Nothing else can be fetched: names of checkpoints and of files come from here, never from a server.

Where the figures come from: each hash stands in at least two independent public records; those of the three
config.json and the three tokenizer_config.json were also computed from their known text. Only t5's
generation_config.json has no confirmed hash: what it holds is checked, and its hash is recorded when it first arrives.
"""

from dataclasses import dataclass, field

from helpers.wording import short

WEIGHTS = "model.safetensors"


@dataclass(frozen=True)
class File:
    """One file of an original. size: bytes; sha256: hex. Either is None where it is not known.

    holds: entries that the file must hold, for a JSON file without a known hash.
    """

    size: int | None = None
    sha256: str | None = None
    holds: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Original:
    """One checkpoint: its repository on the hub, the pinned commit, its files, and how its tokenizer is tried.

    pocket: the folder of the course's small model of the same classes. vocabulary: how many tokens tokenizer.json has.
    text and ids: a text and the ids that it must become, special tokens included.
    """

    repo: str
    revision: str
    licence: str
    pocket: str
    files: dict
    vocabulary: int
    text: str
    ids: list

    @property
    def size(self):
        """Return the bytes of all files whose size is known."""
        return sum(file.size or 0 for file in self.files.values())


ORIGINALS = {
    "bert-base-uncased": Original(
        repo="google-bert/bert-base-uncased",
        revision="86b5e0934494bd15c9632b12f734a8a67f723594",
        licence="Apache-2.0",
        pocket="pocket-bert",
        files={
            "config.json": File(570, "7160e1553ad2ca51d8c1cb066be533db31826e12d173824c1bb0cb1a4f187d20"),
            "tokenizer_config.json": File(48, "a025160ef0431f1a392f6f050c1310f4c5d9fb6f275932dbccba73c4d214bf10"),
            "vocab.txt": File(231508, "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"),
            "tokenizer.json": File(466062, "ce64fce797c24f68df90b40a3f74f579b336a493db14bd583fd520ea0d8c9a98"),
            WEIGHTS: File(440449768, "68d45e234eb4a928074dfd868cead0219ab85354cc53d20e772753c6bb9169d3"),
        },
        vocabulary=30522,
        text="The cat sat on the mat.",
        ids=[101, 1996, 4937, 2938, 2006, 1996, 13523, 1012, 102],
    ),
    "gpt2": Original(
        repo="openai-community/gpt2",
        revision="607a30d783dfa663caf39e06633721c8d4cfcd7e",
        licence="MIT",
        pocket="pocket-gpt2",
        files={
            "config.json": File(665, "0daed7749b4f02b8f76240d5444551d7b08712dab4d0adb8239c56ba823bb7b4"),
            "generation_config.json": File(124, "ed0b32ac72c0f5f44a719abb2d7786ea5146c871f83717b7f2018065954de02b"),
            "tokenizer_config.json": File(26, "5e04eb606e3a1583530a42e36c2a6b6615c86f34fe77e44d9ddeb43ff940931f"),
            "vocab.json": File(1042301, "196139668be63f3b5d6574427317ae82f612a97c5d1cdaf36ed2256dbf636783"),
            "merges.txt": File(456318, "1ce1664773c50f3e0cc8842619a93edc4624525b728b188a9e0be33b7726adc5"),
            "tokenizer.json": File(1355256, "8414cab924d8b9b33013f0d221c5862f365ee9be39c5c2bfae8a5a9e970478a6"),
            WEIGHTS: File(548105171, "248dfc3911869ec493c76e65bf2fcf7f615828b0254c12b473182f0f81d3a707"),
        },
        vocabulary=50257,
        text="Hello world",
        ids=[15496, 995],
    ),
    "t5-small": Original(
        repo="google-t5/t5-small",
        revision="df1b051c49625cf57a3d0d8d3863ed4d13564fe4",
        licence="Apache-2.0",
        pocket="pocket-t5",
        files={
            "config.json": File(1206, "530e25060e3a8d5f7b0fcf53bfea9f3601165161f3b1914676e98d97cf07bcf1"),
            "generation_config.json": File(holds={"decoder_start_token_id": 0, "eos_token_id": 1, "pad_token_id": 0}),
            "tokenizer_config.json": File(2324, "d1e7146101aa96282057f374aa9c3b260fba2109e5990edb1775d6efc70ffa3c"),
            "spiece.model": File(791656, "d60acb128cf7b7f2536e8f38a5b18a05535c9e14c7a355904270e15b0945ea86"),
            "tokenizer.json": File(1389353, "d2acde0d8d71dd30a711834b07781b9c89feaac33fd332f60507699282740066"),
            WEIGHTS: File(242043056, "bd944e5f1b3ad9b70dd9d00010a517059e19265671076b8b0a4a58d9491842bc"),
        },
        vocabulary=32100,
        text="translate English to German: The house is wonderful.",
        ids=[13959, 1566, 12, 2968, 10, 37, 629, 19, 1627, 5, 1],
    ),
}


def find(name, originals=ORIGINALS):
    """Return the Original of this name. Raises ValueError that names what came and the names that there are."""
    if not isinstance(name, str) or name not in originals:
        raise ValueError(f"name must be one of {', '.join(originals)}, but it is {short(name)}.")
    return originals[name]
