"""``meot train``: make the model files. Needs the train extra."""

from __future__ import annotations

from pathlib import Path

import click

_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.group(help="Train the models that meot reads with (needs the train extra).")
def command() -> None:
    """Group of the training commands."""


@command.command()
@click.option("--data", type=_FOLDER, required=True, help="Folder with clothing/ and ccp/.")
@click.option("--weights", type=_FOLDER, help="Folder with starting weights; without it timm's own are downloaded.")
@click.option(
    "--out", type=_FOLDER, required=True, help="Where the run and the model file go; an interrupted run goes on."
)
@click.option("--epochs", type=click.IntRange(1), default=20, show_default=True)
@click.option("--limit", type=click.IntRange(1), help="Use only so many photos of each set, to try things out.")
@click.option("--version", "name", default="s.1", show_default=True, help="Name of this model's version.")
def parser(data: Path, weights: Path | None, out: Path, epochs: int, limit: int | None, name: str) -> None:
    """Train the parser: photo to region map."""
    from meot import taxonomy
    from meot.training.bundle import export_parser
    from meot.training.recipes.parser import ParserRecipe, train_parser

    terms = taxonomy.load()
    recipe = ParserRecipe(data=data, weights=weights, epochs=epochs, limit=limit)
    click.echo(export_parser(train_parser(recipe, terms, out), terms, out, version=name))


@command.command()
@click.option("--data", type=_FOLDER, required=True, help="Folder with clothing/ and ccp/.")
@click.option("--labels", type=_FOLDER, help="Folder with jeans.csv, which tells jeans from other trousers.")
@click.option(
    "--weights", type=_FOLDER, help="Folder with starting weights; without it torchvision's own are downloaded."
)
@click.option(
    "--out", type=_FOLDER, required=True, help="Where the run and the model file go; an interrupted run goes on."
)
@click.option("--epochs", type=click.IntRange(1), default=22, show_default=True)
@click.option("--limit", type=click.IntRange(1), help="Use only so many photos of each set, to try things out.")
@click.option("--version", "name", default="s.1", show_default=True, help="Name of this model's version.")
def garment(
    data: Path, labels: Path | None, weights: Path | None, out: Path, epochs: int, limit: int | None, name: str
) -> None:
    """Train the garment net: crop to category and vector."""
    from meot import taxonomy
    from meot.training.bundle import export_garment, learn_vector
    from meot.training.recipes.garment import GarmentRecipe, train_garment
    from meot.training.recipes.vector import VectorRecipe

    terms, vector = taxonomy.load(), VectorRecipe() if limit is None else VectorRecipe(steps=20, batch=32, anchors=16)
    net = train_garment(
        GarmentRecipe(data=data, labels=labels, weights=weights, epochs=epochs, limit=limit), terms, out
    )
    head = learn_vector(net, terms, data, vector, limit)
    click.echo(export_garment(net, head, terms, out, recipe=vector, version=name))


@command.command()
@click.option("--data", type=_FOLDER, required=True, help="Folder with clothing/ and ccp/.")
@click.option("--models", type=_FOLDER, required=True, help="Folder with parser.onnx and garment.onnx and their cards.")
@click.option("--limit", type=click.IntRange(1), help="Use only so many photos of each set, to try things out.")
def calibrate(data: Path, models: Path, limit: int | None) -> None:
    """Fit scores and "sure" thresholds of both models on validation photos, into the garment card."""
    from meot import taxonomy
    from meot.training.bundle import calibrate as fit

    for key, value in fit(models, data, taxonomy.load(), limit=limit).items():
        click.echo(f"{key}: {value:.3f}")
