"""The public sources of all data: which file, from where, and the SHA-256 of what it must be."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from digits.data import public_forms as forms
from digits.data.unipen_archive import from_archive


class DataSetError(RuntimeError):
    """A file of a data set is not to be had, or is not the one it should be; the text says in one line what to do."""


@dataclass(frozen=True)
class DataFile:
    """A file of a public data set.

    Attributes:
        path: in the data folder.
        url: where it is downloaded from.
        sha256: of the file in the data folder.
        convert: makes the file out of what is at `url`, and checks what it made, where that has another form; raises
            ValueError where it is not as recorded. None where the file comes as it is.

    """

    path: str
    url: str
    sha256: str
    convert: Callable[[Path], bytes] | None = None


_MNIST_URL: Final = "https://ossci-datasets.s3.amazonaws.com/mnist/"
_OMNIGLOT_URL: Final = "https://github.com/brendenlake/omniglot/raw/master/python/"
_PENDIGITS_URL: Final = "https://archive.ics.uci.edu/static/public/81/pen+based+recognition+of+handwritten+digits.zip"
_UNIPEN_URL: Final = "https://zenodo.org/records/1195803/files/unipen-CDROM-train_r01_v07.tgz"
_SWISS_URL: Final = (
    "https://github.com/BSI-Business-Systems-Integration-AG/anagnostes/archive/"
    "fd24d4bf18dd042708ff928c30151f65678ddc34.zip"
)
_NPM_URL: Final = "https://cdn.jsdelivr.net/npm/"
_DOODLES_URL: Final = (
    "https://github.com/CodingTrain/Toy-Neural-Network-JS/raw/master/examples/doodle_classification/data/"
)
_HERSHEY_URL: Final = (
    "https://files.pythonhosted.org/packages/67/7b/6b42706a7a7bc88aa4aea1d19793c7d44709c4bf115ffeb5216b0ffe2dce/"
    "Hershey_Fonts-2.1.0-py2.py3-none-any.whl"
)
_PAGES_URL: Final = "https://github.com/Breta01/handwriting-ocr/raw/64457fa/data/pages/"


def _table(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(Path(__file__).with_name(name).read_text("utf-8").splitlines()))


FONTS: Final = _table("fonts.csv")
"""Each font's folder (its kind), file, family, licence, copyright, address, SHA-256, file at npm, and its measures."""

_PAGES: Final = _table("photographed_pages.csv")
"""Each photograph's file, width, height, SHA-256, and its thumbnail of 8x8 greys."""

FILES: Final = {
    file.path: file
    for file in (
        DataFile(
            "mnist/train-images-idx3-ubyte.gz",
            _MNIST_URL + "train-images-idx3-ubyte.gz",
            "0b367032e93c5d0cea0925647cfdb18614af8ee15f83e6f2fc2ad904a6835971",
        ),
        DataFile(
            "mnist/train-labels-idx1-ubyte.gz",
            _MNIST_URL + "train-labels-idx1-ubyte.gz",
            "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        ),
        DataFile(
            "mnist/t10k-images-idx3-ubyte.gz",
            _MNIST_URL + "t10k-images-idx3-ubyte.gz",
            "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        ),
        DataFile(
            "mnist/t10k-labels-idx1-ubyte.gz",
            _MNIST_URL + "t10k-labels-idx1-ubyte.gz",
            "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        ),
        DataFile(
            "pendigits/pendigits-orig.tra",
            _PENDIGITS_URL,
            "a66225d68d7d68591e62944df1ad33b3f5aa608e2df2505844b41f5568a80da4",
            forms.pendigits,
        ),
        DataFile(
            "omniglot/images_background_small1.zip",
            _OMNIGLOT_URL + "images_background_small1.zip",
            "f38eb80f801274ac2b4dff5b24289016bfaba4a7d5bb50deebf27104ad6cb8a4",
        ),
        DataFile(
            "omniglot/images_background_small2.zip",
            _OMNIGLOT_URL + "images_background_small2.zip",
            "3ccaa407515a8778e5d0861875af38b17e418f301ad5bb3b5a6b65d901a41c7f",
        ),
        DataFile(
            "omniglot/one_shot_all_runs.zip",
            _OMNIGLOT_URL + "one-shot-classification/all_runs.zip",
            "437c1eeab0af8484112e1b4cc0f3d541ec727f7c47b9b202da738af9dfd6c325",
        ),
        DataFile(
            "unipen/digits.jsonl.gz",
            _UNIPEN_URL,
            "f2ca639276e01093924da612074c3b1bc4045e70df38def06d74492e925920a4",
            partial(from_archive, "digits"),
        ),
        DataFile(
            "unipen/letters.jsonl.gz",
            _UNIPEN_URL,
            "177b4ad5053424074ffae000894068a155d2ce9af59b5006053b8bef2975b7c8",
            partial(from_archive, "letters"),
        ),
        DataFile(
            "unipen/symbols.jsonl.gz",
            _UNIPEN_URL,
            "8d5746969d107b3a2849348d2098d001bcd3e938584f23c4d27d70a160c6b670",
            partial(from_archive, "symbols"),
        ),
        DataFile(
            "unipen/words.jsonl.gz",
            _UNIPEN_URL,
            "43614a473f47ff0307da941116d96a4c0984036a147ea8ddb3f26276dd39bcf9",
            partial(from_archive, "words"),
        ),
        DataFile(
            "unipen/numbers.jsonl.gz",
            _UNIPEN_URL,
            "bf9437c0ba157675e9d7dae1e748963e38a1e74db533530e012e403952d23e0c",
            partial(from_archive, "numbers"),
        ),
        DataFile(
            "numbers_swiss/numbers_swiss.zip",
            _SWISS_URL,
            "7f1b1479fe93888ab1d21972a28c90d638f12ec6ba8596c67fb235b7689e17e3",
            forms.numbers_swiss,
        ),
        DataFile(
            "semeion/semeion.data.gz",
            "https://archive.ics.uci.edu/static/public/178/semeion+handwritten+digit.zip",
            "c603ce396fd28161d11c1b35fd5966c232c87756f50d76510f938b03c23a2524",
            forms.semeion,
        ),
        DataFile(
            "optdigits/optdigits-orig.tra.gz",
            "https://archive.ics.uci.edu/static/public/80/optical+recognition+of+handwritten+digits.zip",
            "874349ce2105e02b6ee045d96eccccc50795a3a5c69cb7b31e77cc5b8bebd1d3",
            forms.optdigits,
        ),
        DataFile(
            "icons/lucide.jsonl.gz",
            "https://registry.npmjs.org/lucide-static/-/lucide-static-1.62.0.tgz",
            "fd7b253e4096468cc69f63fcf5aa7ae3e284e9a84916f2546dabaed327288ea8",
            forms.lucide,
        ),
        DataFile(
            "icons/noto-emoji.ttf",
            _NPM_URL + "@fontsource/noto-emoji@5.3.2/files/noto-emoji-emoji-400-normal.woff",
            "7262ace361cac2b85fcf970a8ec87ab8e9f7c165cb05092479779d8cb537161b",
            forms.emoji,
        ),
        DataFile(
            "quickdraw/cats1000.bin",
            _DOODLES_URL + "cats1000.bin",
            "f0bf71131cbe74e2eb8bfbdb1839ce00fb71052f00714b4ce0ac536ec2993e8e",
        ),
        DataFile(
            "quickdraw/rainbows1000.bin",
            _DOODLES_URL + "rainbows1000.bin",
            "63d27ef67455394a7730cfc2760017ffe78e686253da1d388e67d5a29156debf",
        ),
        DataFile(
            "quickdraw/trains1000.bin",
            _DOODLES_URL + "trains1000.bin",
            "ba058382467471cf3d73813b0cd82e559b875460f70eb7fd766e25e480608513",
        ),
        DataFile(
            "hershey/hershey.jsonl.gz",
            _HERSHEY_URL,
            "3a616af92fc36e744072d38200a8ede5203256336839ad637536bc6a5a8b20dd",
            forms.hershey,
        ),
    )
} | {
    file.path: file
    for file in (
        *(
            DataFile(
                f"fonts/{font['folder']}/{font['file']}",
                _NPM_URL + font["npm"],
                font["sha256"],
                partial(forms.font, float(font["area"]), float(font["width"])),
            )
            for font in FONTS
        ),
        *(
            DataFile(
                f"pages/{page['file']}",
                _PAGES_URL + page["file"],
                page["sha256"],
                partial(forms.page, page["thumbnail"], (int(page["width"]), int(page["height"]))),
            )
            for page in _PAGES
        ),
    )
}
"""The files of all sources by their path in the data folder."""
