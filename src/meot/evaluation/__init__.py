"""Measuring models: predictions in, figures with intervals, comparisons and a page out.

Start at ``evaluate``; ``load`` and ``save`` keep predictions, ``write_html`` makes the page.
"""

from meot.evaluation.files import load, load_history, save
from meot.evaluation.judge import compare, evaluate
from meot.evaluation.predictions import Boxes, Classified, Detected, Predictions, boxes_of
from meot.evaluation.report import write_html
from meot.evaluation.results import Report

__all__ = [
    "Boxes",
    "Classified",
    "Detected",
    "Predictions",
    "Report",
    "boxes_of",
    "compare",
    "evaluate",
    "load",
    "load_history",
    "save",
    "write_html",
]
