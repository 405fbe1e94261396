"""The command line. Commands are imported when they are run, so that ``meot --help`` is instant."""

from __future__ import annotations

import os
import sys

import click

from meot.cli.lazy import LazyGroup
from meot.errors import MeotError

COMMANDS = {
    "read": "Read garments, categories and colours from photos.",
    "demo": "Draw a demonstration catalogue, search it, and write a page with what was found.",
    "catalogue": "Fill a catalogue from a folder, a table, a feed or an address, and keep it up.",
    "search": "Find products in a catalogue by a photo or by words.",
    "closet": "Keep what you own, and see what of a look you have and what to buy.",
    "list": "Draft listings for shops from photos of products.",
    "trends": "Show what products show over time: shares, rising and falling.",
    "serve": "Open a catalogue in the browser.",
    "work": "Do the jobs of a service in a process of its own.",
    "check": "Tell what is wrong with a setup, and what to do about it.",
    "backup": "Copy a catalogue with its photos, closets and accounts into one file.",
    "restore": "Make a catalogue of such a file, on any of the databases.",
    "people": "Keep the accounts of a service.",
    "teach": "Teach new classes and corrections from a few photos.",
    "taxonomy": "Show regions, categories, components, styles and colours.",
    "data": "Bring photos and labels into one table, and work on it (needs the train extra).",
    "train": "Train models by a recipe (needs the train extra).",
    "evaluate": "Measure what a model answered: per class, with intervals, compared, as a page.",
}
MODULES = {name: f"meot.cli.{name}" for name in COMMANDS} | {"list": "meot.cli.listing"}  # a module list hides list()
_TRAIN_EXTRA = frozenset({"torch", "torchvision", "timm", "safetensors", "onnx", "cv2", "faster_coco_eval", "yaml"})


@click.command(cls=LazyGroup, modules=MODULES, texts=COMMANDS)
@click.version_option(package_name="meot")
def group() -> None:
    """Read clothes in photos and answer with them."""


def main() -> None:
    """Run the command line; every expected error is one line and exit status 2."""
    sys.exit(_run())


def _run() -> int:
    """The exit status: a command's own, 2 for an error a person can mend, 130 when stopped.

    A closed pipe is click's: quiet, status 1.
    """
    try:
        status = group.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return _say("stopped", 130)
    except MeotError as error:
        return _say(str(error), 2)
    except OSError as error:
        _drop_output()
        where = f"{error.filename}: " if error.filename else ""
        return _say(f"{where}{error.strerror or error}; free some space or mend the permissions, then run it again", 2)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _TRAIN_EXTRA:
            raise
        return _say(f"this command needs {error.name}, which is not installed; run: pip install 'meot[train]'", 2)
    return status if isinstance(status, int) else 0


def _say(message: str, status: int) -> int:
    click.echo(f"meot: {message}", err=True)
    return status


def _drop_output() -> None:
    """Send what is left in the output's buffer nowhere; writing it again at exit would fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
