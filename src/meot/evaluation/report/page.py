"""The page: a report's values laid out by a template that draws its own charts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from tqdm import tqdm

from meot.data.aside import aside
from meot.evaluation.report import charts
from meot.evaluation.report.pictures import Picture, thumbnail
from meot.evaluation.results import Mistake, Report, Result


@dataclass(frozen=True, slots=True)
class Shown:
    """A mistake with its picture, None when the photo is not at hand."""

    mistake: Mistake
    picture: Picture | None

    @property
    def frame(self) -> tuple[float, float]:
        """(width, height) of what the boxes are drawn into, px of the photo."""
        if self.picture:
            return self.picture.width, self.picture.height
        if self.mistake.size:
            return self.mistake.size[1], self.mistake.size[0]
        ends = [box.box[2:] for box in self.mistake.boxes] or [(100.0, 100.0)]
        return max(x for x, _ in ends) * 1.05, max(y for _, y in ends) * 1.05


def write_html(report: Report, file: Path, *, photos: Path | None = None) -> Path:
    """Write the page and return its path.

    photos: the folder from which the predictions' photo paths are seen; without it the mistakes are told in words,
    their boxes drawn on an empty field.
    """
    environment = Environment(
        loader=PackageLoader("meot.evaluation.report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.globals |= {
        "curve_points": charts.curve_points,
        "reliability_bars": charts.reliability_bars,
        "whisker": charts.whisker,
        "difference_whisker": charts.difference_whisker,
        "reach": charts.reach,
    }
    html = environment.get_template("report.html").render(
        report=report,
        sections=[(result, _shown(result, photos)) for result in report.results],
        lines=charts.learning_lines(report.history),
    )
    file.parent.mkdir(parents=True, exist_ok=True)
    with aside(file) as part:
        part.write_text(html, encoding="utf-8", errors="replace")
    return file


def _shown(result: Result, photos: Path | None) -> list[Shown]:
    bar = tqdm(result.mistakes, desc="pictures", leave=False, disable=photos is None, delay=1)
    return [Shown(mistake, thumbnail(photos / mistake.photo) if photos else None) for mistake in bar]
