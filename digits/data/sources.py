"""The public sources of all data: which file, from where, and the SHA-256 of what it must be."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Final


class DataSetError(RuntimeError):
    """A file of a data set is not to be had, or is not the one it should be; the text says in one line what to do."""


@dataclass(frozen=True)
class DataFile:
    """A file of a public data set.

    Attributes:
        path: in the data folder.
        url: where it is downloaded from.
        sha256: of the file as used, after it was unpacked.
        packed_as: its name in the zip file at `url`, in the format of Unix's compress; None where it comes as it is.

    """

    path: str
    url: str
    sha256: str
    packed_as: str | None = None


_MNIST_URL: Final = "https://ossci-datasets.s3.amazonaws.com/mnist/"
_OMNIGLOT_URL: Final = "https://github.com/brendenlake/omniglot/raw/master/python/"
_PENDIGITS_URL: Final = "https://archive.ics.uci.edu/static/public/81/pen+based+recognition+of+handwritten+digits.zip"
_UNIPEN_URL: Final = "https://zenodo.org/records/1195803/files/unipen-CDROM-train_r01_v07.tgz"
_SWISS_URL: Final = "https://github.com/BSI-Business-Systems-Integration-AG/anagnostes/archive/fd24d4bf18dd042708ff928c30151f65678ddc34.zip"
_QUICKDRAW_URL: Final = "https://storage.googleapis.com/quickdraw_dataset/full/numpy_bitmap"
_HERSHEY_URL: Final = "https://paulbourke.net/dataformats/hershey/"
_PAGES_URL: Final = "https://github.com/Breta01/handwriting-ocr/raw/64457fa/data/pages/"

FONTS: Final = list(csv.DictReader(Path(__file__).with_name("fonts.csv").read_text("utf-8").splitlines()))
"""Each font's folder (its kind), file, family, licence, copyright, address and SHA-256."""

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
            packed_as="pendigits-orig.tra.Z",
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
            "https://github.com/brendenlake/omniglot/raw/master/python/one_shot_runs/all_runs.zip",
            "437c1eeab0af8484112e1b4cc0f3d541ec727f7c47b9b202da738af9dfd6c325",
        ),
        DataFile(
            "unipen/digits.jsonl.gz",
            _UNIPEN_URL,
            "f2ca639276e01093924da612074c3b1bc4045e70df38def06d74492e925920a4",
        ),
        DataFile(
            "unipen/letters.jsonl.gz",
            _UNIPEN_URL,
            "177b4ad5053424074ffae000894068a155d2ce9af59b5006053b8bef2975b7c8",
        ),
        DataFile(
            "unipen/symbols.jsonl.gz",
            _UNIPEN_URL,
            "8d5746969d107b3a2849348d2098d001bcd3e938584f23c4d27d70a160c6b670",
        ),
        DataFile(
            "unipen/words.jsonl.gz",
            _UNIPEN_URL,
            "43614a473f47ff0307da941116d96a4c0984036a147ea8ddb3f26276dd39bcf9",
        ),
        DataFile(
            "unipen/numbers.jsonl.gz",
            _UNIPEN_URL,
            "bf9437c0ba157675e9d7dae1e748963e38a1e74db533530e012e403952d23e0c",
        ),
        DataFile(
            "numbers_swiss/numbers_swiss.zip",
            _SWISS_URL,
            "7f1b1479fe93888ab1d21972a28c90d638f12ec6ba8596c67fb235b7689e17e3",
        ),
        DataFile(
            "semeion/semeion.data.gz",
            "https://archive.ics.uci.edu/static/public/178/semeion+handwritten+digit.zip",
            "c603ce396fd28161d11c1b35fd5966c232c87756f50d76510f938b03c23a2524",
        ),
        DataFile(
            "optdigits/optdigits-orig.tra.gz",
            "https://archive.ics.uci.edu/static/public/80/optical+recognition+of+handwritten+digits.zip",
            "874349ce2105e02b6ee045d96eccccc50795a3a5c69cb7b31e77cc5b8bebd1d3",
        ),
        DataFile(
            "uji1/dataset_npz.zip",
            "https://archive.ics.uci.edu/static/public/160/uji+pen+characters.zip",
            "766fdef6491ca76fa0498f99f01d075d7443e045bc0202d14c0b48e671548724",
        ),
        DataFile(
            "icons/lucide.jsonl.gz",
            "https://registry.npmjs.org/lucide-static/-/lucide-static-1.62.0.tgz",
            "fd7b253e4096468cc69f63fcf5aa7ae3e284e9a84916f2546dabaed327288ea8",
        ),
        DataFile(
            "icons/noto-emoji.ttf",
            "https://github.com/google/fonts/raw/main/ofl/notoemoji/NotoEmoji%5Bwght%5D.ttf",
            "7262ace361cac2b85fcf970a8ec87ab8e9f7c165cb05092479779d8cb537161b",
        ),
        DataFile(
            "quickdraw/cats1000.bin",
            _QUICKDRAW_URL,
            "f0bf71131cbe74e2eb8bfbdb1839ce00fb71052f00714b4ce0ac536ec2993e8e",
        ),
        DataFile(
            "quickdraw/rainbows1000.bin",
            _QUICKDRAW_URL,
            "63d27ef67455394a7730cfc2760017ffe78e686253da1d388e67d5a29156debf",
        ),
        DataFile(
            "quickdraw/trains1000.bin",
            _QUICKDRAW_URL,
            "ba058382467471cf3d73813b0cd82e559b875460f70eb7fd766e25e480608513",
        ),
        DataFile(
            "hershey/hershey.jsonl.gz",
            _HERSHEY_URL,
            "3a616af92fc36e744072d38200a8ede5203256336839ad637536bc6a5a8b20dd",
        ),
        DataFile(
            "pages/page01.jpg",
            _PAGES_URL + "page01.jpg",
            "5c7c299499e1aa8c6c41dab566de4f825b31d341d5bce1b22b630da24e3933a8",
        ),
        DataFile(
            "pages/page02.jpg",
            _PAGES_URL + "page02.jpg",
            "18a2e35189964b2ea08687a584b55b774d96dbb7aa0efa97cba84d52e30bb91f",
        ),
        DataFile(
            "pages/page04.jpg",
            _PAGES_URL + "page04.jpg",
            "b4b54b817493c95809a9bbe9357ac48f5e1f88e1886322ccd8d52f461d288ca3",
        ),
        DataFile(
            "pages/page05.jpg",
            _PAGES_URL + "page05.jpg",
            "e8604f7230c434db2c1c06b76b67c8f9e81d37588eb5df49d0a2d7f96c1c7aad",
        ),
        DataFile(
            "pages/page06.jpg",
            _PAGES_URL + "page06.jpg",
            "db73de76e6a0697508347b20229d8fcef67e892c8d0e3b30ba512d247268855c",
        ),
        DataFile(
            "pages/page07.jpg",
            _PAGES_URL + "page07.jpg",
            "05d2dec62427c85203aae7d9861cccd6ea4865fd8370f8245660b6300115a361",
        ),
        DataFile(
            "pages/page08.jpg",
            _PAGES_URL + "page08.jpg",
            "5cc97f664d81a218039985e3272b502468ee5cb710b42c45d489576440dfc06c",
        ),
        DataFile(
            "pages/test2.jpg",
            _PAGES_URL + "test2.jpg",
            "e5f8a09eb2ee512fe9b11e7cc879db7b7a370ab3e74cb080d165c4e0bf751e73",
        ),
        DataFile(
            "pages/test3.jpg",
            _PAGES_URL + "test3.jpg",
            "1f3cbde5e48413a68dfce3535357572b7097ad7cf70a63277ff358bfee8953a7",
        ),
        DataFile(
            "pages/test4.jpg",
            _PAGES_URL + "test4.jpg",
            "4a29ebf4d51eb7ab44fbc9f23577bfaffeb365506fdb795d83d89143ced85d87",
        ),
        DataFile(
            "pages/test5.jpg",
            _PAGES_URL + "test5.jpg",
            "ea6787263f10e68c6bb05be7c86b38f5eab03f02b308de36cfe12b7c7dda5db0",
        ),
        DataFile(
            "pages/text1.jpg",
            _PAGES_URL + "text1.jpg",
            "547fd6e7fc31c41ae77d5c959ecf830fbb3c93d7ece5c5f4ce52e60ce3b75fdf",
        ),
        DataFile(
            "pages/text2.jpg",
            _PAGES_URL + "text2.jpg",
            "4510cb42832a0c7cc54cb7ebb252f68b925172a35727d23ac3087b7ca9a4a258",
        ),
        DataFile(
            "pages/text3.jpg",
            _PAGES_URL + "text3.jpg",
            "c4537da00fcc0f5905892b2f99c52a349c21db002803d0c36e18f9cf37f68a3a",
        ),
        DataFile(
            "pages/text4.jpg",
            _PAGES_URL + "text4.jpg",
            "51e9e8ec9e7b8e34449fc1de2540b3305e3745ac342fb54e6b9b61d8c89fde5c",
        ),
        DataFile(
            "pages/text5.jpg",
            _PAGES_URL + "text5.jpg",
            "8af8a0174a56567ffdaad719fb43d27250c014c5462d976012bde9e53f6b7ccd",
        ),
    )
} | {
    path: DataFile(path, f"https://{font['upstream'].split(',')[0]}", font["sha256"])
    for font in FONTS
    for path in [f"fonts/{font['folder']}/{font['file']}"]
}
"""The files of all sources by their path in the data folder."""
