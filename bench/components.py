"""Accuracy and macro F1 of components models on the labelled details, beside the component paper's figures."""

from __future__ import annotations

from pathlib import Path

from bench.table import arguments, show
from meot.data.sources import details
from meot.evaluation.judge import evaluate
from meot.evaluation.predictions import Classified
from meot.evaluation.results import Classification
from meot.training.classify.answering import answer

WANTED = {"pattern": 0.90, "collar": 0.85, "denim_colour": 0.85, "damage": 0.90, "wash": 0.85, "sleeve": 0.92}
PAPER = {
    "collar": "0.933..0.939 (4 classes, n=476)",
    "pattern": "0.981 (5 classes, n=630)",
    "fit": "0.816..0.833 (4 classes, n=516)",
    "denim_colour": "0.939 (3 classes, n=392)",
    "damage": "0.930 (2 classes, n=213)",
    "wash": "0.912..0.916 (2 classes, n=216)",
}
"""DenseNet121 on the paper's own test photos, which nobody else has: shop photos of one garment, labelled by them."""


def main() -> None:
    """Print one line a question and model."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--labels", type=Path, default=Path("../shared/labels"), help="folder with shirts.csv, ...")
    parser.add_argument("folders", nargs="+", type=Path, help="folders of components models to compare")
    options = parser.parse_args()
    table = details.read(options.labels, data=options.data)
    rows = [line for folder in options.folders for said in answer(table, folder, "validation") for line in _line(said)]
    show("Components, validation split", rows, as_json=options.json)


def _line(said: Classified) -> list[dict[str, object]]:
    (result,) = evaluate([said]).results
    assert isinstance(result, Classification)
    accuracy = result.accuracy
    return [
        {
            "model": said.model.partition("@")[0],
            "question": said.question,
            "photos": len(said),
            "accuracy": f"{accuracy.value:.3f} [{accuracy.low:.3f}, {accuracy.high:.3f}]",
            "macro F1": f"{result.macro_f1.value:.3f} [{result.macro_f1.low:.3f}, {result.macro_f1.high:.3f}]",
            "wanted": WANTED.get(said.question, "-"),
            "paper": PAPER.get(said.question, "-"),
        }
    ]


if __name__ == "__main__":
    main()
