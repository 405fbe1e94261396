"""Where else a run's figures go: nowhere, TensorBoard or MLflow. Both are asked for by name and installed by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from meot.errors import SettingsError


class Tracker(Protocol):
    """Takes the figures of every epoch."""

    def log(self, epoch: int, figures: Mapping[str, float]) -> None:
        """Take the figures of one epoch, counted from 1."""

    def close(self) -> None:
        """Write what is left."""


class _Nowhere:
    def log(self, epoch: int, figures: Mapping[str, float]) -> None:
        pass

    def close(self) -> None:
        pass


class _TensorBoard:
    def __init__(self, folder: Path) -> None:
        from torch.utils.tensorboard import SummaryWriter

        self._writer = SummaryWriter(str(folder))

    def log(self, epoch: int, figures: Mapping[str, float]) -> None:
        for name, value in figures.items():
            self._writer.add_scalar(name, value, epoch)

    def close(self) -> None:
        self._writer.close()


class _MlFlow:
    def __init__(self, folder: Path) -> None:
        import mlflow

        self._mlflow = mlflow
        mlflow.start_run(run_name=folder.name)

    def log(self, epoch: int, figures: Mapping[str, float]) -> None:
        self._mlflow.log_metrics(dict(figures), step=epoch)

    def close(self) -> None:
        self._mlflow.end_run()


def tracker(name: str, folder: Path) -> Tracker:
    """The tracker of that name; "" is none. SettingsError for another name or one that is not installed."""
    if not name:
        return _Nowhere()
    known: dict[str, Callable[[Path], Tracker]] = {"tensorboard": _TensorBoard, "mlflow": _MlFlow}
    made = known.get(name)
    if made is None:
        raise SettingsError(f"track must be empty, tensorboard or mlflow, got {name!r}")
    try:
        return made(folder)
    except ImportError:
        raise SettingsError(f"track = {name!r} needs {name}, which is not installed; run: pip install {name}") from None
