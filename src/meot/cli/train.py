"""``meot train``: make the model files. Needs the train extra."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

if TYPE_CHECKING:
    from meot.training.recipes import Option

_FOLDER = click.Path(path_type=Path, file_okay=False)


class _Recipes(click.Group):
    """One command a recipe, its options made from the recipe's fields; a .toml file is a command too."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        from meot.training.recipes import RECIPES

        return [*RECIPES, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        from meot.training.recipes import RECIPES

        if cmd_name in RECIPES:
            return _command(cmd_name)
        if cmd_name.endswith(".toml"):
            return click.Command(cmd_name, callback=lambda: _run_file(Path(cmd_name)))
        return super().get_command(ctx, cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from meot.training.recipes import RECIPES

        rows = [(name, entry.help) for name, entry in RECIPES.items()]
        rows += [(name, found.help or "") for name, found in sorted(self.commands.items())]
        with formatter.section("Recipes"):
            formatter.write_dl([*rows, ("RECIPE.toml", 'A file with recipe = "NAME", out = "FOLDER" and its fields.')])


@click.command(cls=_Recipes, help="Train models by a recipe (needs the train extra).")
def command() -> None:
    """Group of the training commands."""


def _command(name: str) -> click.Command:
    from meot.training.recipes import RECIPES, find, options

    recipe, _ = find(name)
    parameters: list[click.Parameter] = [_parameter(option) for option in options(recipe)]
    parameters.append(
        click.Option(
            ["--out"], type=_FOLDER, required=True, help="Where the run and its model go; a run goes on there."
        )
    )
    return click.Command(name, params=parameters, callback=_trainer(name), help=RECIPES[name].help)


def _trainer(name: str) -> Callable[..., None]:
    def train(out: Path, **values: Any) -> None:
        from meot.training.recipes import find

        recipe, run = find(name)
        click.echo(run(recipe(**values), out))

    return train


def _run_file(file: Path) -> None:
    from meot.training.recipes import find, read

    name, recipe, out = read(file)
    click.echo(find(name)[1](recipe, out))


def _parameter(option: Option) -> click.Option:
    flag = "--" + option.name.replace("_", "-")
    shown = not option.required and option.default not in (None, "", ())
    settings: dict[str, Any] = {"help": option.help, "required": option.required, "show_default": shown}
    if not option.required:
        settings["default"] = option.default
    if option.kind is bool:
        return click.Option([f"{flag}/--no-{flag[2:]}"], **settings)
    if option.choices:
        settings["type"] = click.Choice(option.choices)
    elif option.many:
        settings |= {"type": _scalar(get_args(option.kind)[0]), "multiple": True}
    else:
        settings["type"] = _scalar(option.kind)
    return click.Option([flag], **settings)


def _scalar(kind: Any) -> Any:
    return click.Path(path_type=Path) if kind is Path else kind


@command.command()
@click.option("--data", type=_FOLDER, required=True, help="Folder with clothing/ and ccp/.")
@click.option("--models", type=_FOLDER, required=True, help="Folder with parser.onnx and garment.onnx and their cards.")
@click.option("--limit", type=click.IntRange(1), help="Use only so many photos of each set, to try things out.")
def calibrate(data: Path, models: Path, limit: int | None) -> None:
    """Fit scores and "sure" thresholds of both bundled models on validation photos, into the garment card."""
    from meot import taxonomy
    from meot.training.bundle import calibrate as fit

    for key, value in fit(models, data, taxonomy.load(), limit=limit).items():
        click.echo(f"{key}: {value:.3f}")


@command.command()
@click.option("--data", type=_FOLDER, required=True, help="Folder with clothing/ and ccp/.")
@click.option("--labels", type=_FOLDER, required=True, help="Folder with styles.csv, shirts.csv, ...")
@click.option("--out", type=_FOLDER, required=True, help="Where taught.npz and its card go.")
@click.option("--models", type=_FOLDER, help="Folder of the garment model that it is for.")
@click.option("--limit", type=click.IntRange(1), help="Use only so many photos of each set.")
def taught(data: Path, labels: Path, out: Path, models: Path | None, limit: int | None) -> None:
    """Fit what `meot teach` compares photos by: standards of the features, and how alike is alike enough."""
    from meot import wiring
    from meot.settings import Settings
    from meot.training.taught import make_taught

    click.echo(make_taught(wiring.build_reader(Settings(models=models)), data, labels, out, limit=limit))
