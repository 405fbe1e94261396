"""One self-contained page of a report: charts drawn in place, pictures inside, no script, nothing loaded."""

from meot.evaluation.report.page import write_html

__all__ = ["write_html"]
