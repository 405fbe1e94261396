"""Public data sets and their own places.

A checksum is only ever one that the publisher states or the user gives; see :mod:`meot.data.download`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from meot.errors import DataError, nearest


class File(NamedTuple):
    """One file of a set. checksum: "sha256:..." or "md5:..." as its publisher states it, None where none does. name:
    what it is called here, "" for the name in the address."""

    url: str
    checksum: str | None = None
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A public set. instead: what to do where it may not be fetched without its owner's leave."""

    title: str
    licence: str
    page: str
    files: tuple[File, ...] = ()
    size: str = "size not stated"
    instead: str = ""


_FASHION_MNIST = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com"
_FASHIONPEDIA = "https://s3.amazonaws.com/ifashionist-dataset"
SOURCES: Mapping[str, Source] = {
    "clothing": Source(
        title="clothing-dataset: over 5,000 photos of 20 classes, with sender",
        licence="CC0",
        page="https://github.com/alexeygrigorev/clothing-dataset",
        files=(
            File(
                "https://github.com/alexeygrigorev/clothing-dataset/archive/refs/heads/master.zip", name="clothing.zip"
            ),
        ),
    ),
    "clothing-small": Source(
        title="the ten commonest classes of clothing-dataset, split by its author",
        licence="CC0",
        page="https://github.com/alexeygrigorev/clothing-dataset-small",
        files=(
            File(
                "https://github.com/alexeygrigorev/clothing-dataset-small/archive/refs/heads/master.zip",
                name="clothing-small.zip",
            ),
        ),
    ),
    "ccp": Source(
        title="Clothing Co-Parsing: 2,098 street photos, about 1,000 with masks",
        licence="Apache-2.0 (the repository's; look at its page before you publish)",
        page="https://github.com/bearpaw/clothing-co-parsing",
        files=(File("https://github.com/bearpaw/clothing-co-parsing/archive/refs/heads/master.zip", name="ccp.zip"),),
    ),
    "fashion-mnist": Source(
        title="Fashion-MNIST: 70,000 grey pictures of 28x28, 10 classes",
        licence="MIT",
        page="https://github.com/zalandoresearch/fashion-mnist",
        size="about 30 MB",
        files=(
            File(f"{_FASHION_MNIST}/train-images-idx3-ubyte.gz", "md5:8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
            File(f"{_FASHION_MNIST}/train-labels-idx1-ubyte.gz", "md5:25c81989df183df01b3e8a0aad5dffbe"),
            File(f"{_FASHION_MNIST}/t10k-images-idx3-ubyte.gz", "md5:bef4ecab320f06d8554ea6380940ec79"),
            File(f"{_FASHION_MNIST}/t10k-labels-idx1-ubyte.gz", "md5:bb300cfdad3c16e7a12a480ee83cd310"),
        ),
    ),
    "fashionpedia-annotations": Source(
        title="Fashionpedia: outlines, 46 classes, 294 attributes; without the photos",
        licence="CC BY 4.0 (the annotations)",
        page="https://fashionpedia.github.io/home/Fashionpedia_download.html",
        files=(
            File(f"{_FASHIONPEDIA}/annotations/instances_attributes_train2020.json"),
            File(f"{_FASHIONPEDIA}/annotations/instances_attributes_val2020.json"),
        ),
    ),
    "fashionpedia-photos": Source(
        title="Fashionpedia: the photos",
        licence="each photo its owner's own; the annotation file names it",
        page="https://fashionpedia.github.io/home/Fashionpedia_download.html",
        files=(File(f"{_FASHIONPEDIA}/images/train2020.zip"), File(f"{_FASHIONPEDIA}/images/val_test2020.zip")),
    ),
    "deepfashion2": Source(
        title="DeepFashion2: 491,000 photos, 13 classes",
        licence="research only, by agreement",
        page="https://github.com/switchablenorms/DeepFashion2",
        instead="fill in the form on its page, download the archives from the folder it names, unpack them with the "
        "password you are sent, then: meot data import FOLDER",
    ),
    "deepfashion": Source(
        title="DeepFashion: 800,000 photos, 50 categories",
        licence="research only, by agreement",
        page="https://mmlab.ie.cuhk.edu.hk/projects/DeepFashion.html",
        instead="sign the agreement on its page and ask the authors for the password",
    ),
    "fashion-products": Source(
        title="Kaggle Fashion Product Images: 44,000 product photos with titles",
        licence="see its page",
        page="https://www.kaggle.com/datasets/paramaggarwal/fashion-product-images-dataset",
        instead="it needs a Kaggle account: download it in the browser, unpack it, then: meot data import FOLDER",
    ),
}


def source(name: str) -> Source:
    """The public set of that name. DataError for an unknown one, or one that has to be asked for."""
    if name not in SOURCES:
        raise DataError(f"no public set is called {name!r}; {nearest(name, SOURCES)}")
    found = SOURCES[name]
    if not found.files:
        raise DataError(f"{name} cannot be downloaded for you ({found.licence}): {found.instead}; {found.page}")
    return found
