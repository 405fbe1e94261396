"""The one loop: the same run whatever happens to it, and never a silently worse model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="needs the train extra: pip install 'meot[train]'")

import torch
from torch import Tensor, nn
from torch.nn import functional

from meot.errors import DataError, SettingsError
from meot.training import loop
from meot.training.loop import moved, train
from meot.training.plan import Plan
from meot.training.track import tracker

pytestmark = pytest.mark.train
Batch = tuple[Tensor, Tensor]


def batches(epoch: int) -> Iterator[Batch]:
    generator = torch.Generator().manual_seed(epoch)
    for _ in range(6):
        x = torch.randn(16, 4, generator=generator)
        yield x, (x.sum(1) > 0).long()


def net() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 2))


def loss_of(model: nn.Module, batch: Batch) -> Tensor:
    return functional.cross_entropy(model(batch[0]).float(), batch[1])


def measure(model: nn.Module) -> dict[str, float]:
    x, y = next(batches(999))
    return {"accuracy": float((model(x).argmax(1) == y).float().mean())}


def set_train(model: nn.Module) -> None:
    model.train()


def run(folder: Path, *, epochs: int = 4, **more: object) -> nn.Module:
    chosen: dict[str, object] = {"epochs": epochs, "steps_an_epoch": 6, "rates": {"": 0.05}, "warmup_steps": 1} | more
    return train(
        net(),
        plan=Plan(**chosen),  # type: ignore[arg-type]
        batches=batches,
        loss_of=loss_of,
        measure=measure,
        folder=folder,
        set_train=set_train,
    )


def same(a: nn.Module, b: nn.Module) -> bool:
    return all(torch.equal(x, y) for x, y in zip(a.state_dict().values(), b.state_dict().values(), strict=True))


@pytest.mark.parametrize("optimiser", ["adamw", "adam", "sgd", "rmsprop"])
def test_every_optimiser_learns(tmp_path: Path, optimiser: str) -> None:
    model = run(tmp_path, epochs=8, optimiser=optimiser, rates={"": 0.3 if optimiser == "sgd" else 0.02}, average=0.9)
    assert measure(model)["accuracy"] > 0.8


class Killed(BaseException):
    pass


@pytest.mark.parametrize("step", [3, 7, 13])
def test_a_run_killed_at_any_step_ends_bit_for_bit_like_an_undisturbed_one(
    tmp_path: Path, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = run(tmp_path / "whole")
    taken = 0

    def dying(model: nn.Module, batch: Batch) -> Tensor:
        nonlocal taken
        taken += 1
        if taken > step:
            raise Killed
        return functional.cross_entropy(model(batch[0]).float(), batch[1])

    with monkeypatch.context() as patch:
        patch.setitem(globals(), "loss_of", dying)
        with pytest.raises(Killed):
            run(tmp_path / "cut")
    assert same(whole, run(tmp_path / "cut"))
    histories = [
        [json.loads(x) for x in (tmp_path / n / "history.jsonl").read_text().splitlines()] for n in ("whole", "cut")
    ]
    for a, b in zip(*histories, strict=True):
        assert {**a, "seconds": 0} == {**b, "seconds": 0}


def test_other_seeds_are_other_runs(tmp_path: Path) -> None:
    assert not same(run(tmp_path / "a"), run(tmp_path / "b", seed=1))
    assert same(run(tmp_path / "a"), run(tmp_path / "c"))


def test_the_best_epoch_is_kept_and_patience_ends_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values = iter([0.5, 0.9, 0.8, 0.7, 0.6, 0.5])
    seen: list[dict[str, Tensor]] = []

    def falling(model: nn.Module) -> dict[str, float]:
        seen.append({k: v.clone() for k, v in model.state_dict().items()})
        return {"accuracy": next(values)}

    monkeypatch.setitem(globals(), "measure", falling)
    model = run(tmp_path, epochs=6, watch="accuracy", patience=2)
    assert len(seen) == 4
    assert all(torch.equal(v, seen[1][k]) for k, v in model.state_dict().items())


def test_a_loss_that_is_no_number_stops_the_run_and_keeps_the_last_epoch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(tmp_path, epochs=4, schedule="constant")
    before = (tmp_path / "checkpoint.pt").read_bytes()

    def broken(model: nn.Module, batch: Batch) -> Tensor:
        return functional.cross_entropy(model(batch[0]).float(), batch[1]) * float("nan")

    monkeypatch.setitem(globals(), "loss_of", broken)
    with pytest.raises(DataError, match=r"loss is nan at epoch 1, step 1; lower the learning rate"):
        run(tmp_path / "other")
    assert not (tmp_path / "other" / "checkpoint.pt").exists()
    assert (tmp_path / "checkpoint.pt").read_bytes() == before


def test_a_full_disk_leaves_the_last_checkpoint_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "checkpoint.pt"
    loop.save_aside(file, {"epoch": 1})

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(DataError, match="free some space and run it again"):
        loop.save_aside(file, {"epoch": 2})
    assert torch.load(file, weights_only=True) == {"epoch": 1}
    assert [f.name for f in tmp_path.iterdir()] == ["checkpoint.pt"]


def test_a_folder_with_another_run_is_refused(tmp_path: Path) -> None:
    run(tmp_path)
    with pytest.raises(DataError, match="epochs = 4, this one has 5"):
        run(tmp_path, epochs=5)


def test_a_damaged_checkpoint_says_what_to_do(tmp_path: Path) -> None:
    run(tmp_path)
    (tmp_path / "checkpoint.pt").write_bytes((tmp_path / "checkpoint.pt").read_bytes()[:200])
    with pytest.raises(DataError, match="name another folder or delete it"):
        run(tmp_path)
    (tmp_path / "checkpoint.pt").write_text("something else")
    with pytest.raises(DataError, match="name another folder or delete it"):
        run(tmp_path)


def test_an_epoch_without_batches_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "batches", lambda epoch: iter(()))
    with pytest.raises(DataError, match="has no batch"):
        run(tmp_path)


def test_nothing_to_train_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "net", lambda: nn.Linear(4, 2).requires_grad_(False))
    with pytest.raises(DataError, match="every weight is frozen"):
        run(tmp_path)


def test_batches_of_any_shape_are_moved() -> None:
    x = torch.ones(2)
    batch = moved({"a": [x, 1], "b": (x, "word")}, torch.device("meta"))
    assert batch["a"][0].device.type == batch["b"][0].device.type == "meta"
    assert (batch["a"][1], batch["b"][1]) == (1, "word")


def test_trackers_by_name(tmp_path: Path) -> None:
    tracker("", tmp_path).log(1, {"loss": 1.0})
    with pytest.raises(SettingsError, match="tensorboard or mlflow"):
        tracker("wandb", tmp_path)
