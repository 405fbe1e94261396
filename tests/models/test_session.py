"""Running models: a batch shared out among threads answers as one run does."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from meot.errors import ModelError
from meot.models import store
from meot.models.session import OnnxSession, SharedSession, cores


def batch(rows: int) -> dict[str, NDArray[np.float32]]:
    rng = np.random.default_rng(rows)
    return {
        "pixels": rng.normal(size=(rows, 3, 32, 32)).astype(np.float32),
        "mask": np.ones((rows, 1, 32, 32), np.float32),
        "worn": np.zeros((rows, 1), np.float32),
    }


@pytest.mark.parametrize("rows", [1, 2, 3, 7])
@pytest.mark.parametrize("threads", [1, 2, 4])
def test_a_shared_batch_answers_as_a_whole_one(rows: int, threads: int) -> None:
    file, _ = store.find("garment")
    whole, shared = OnnxSession(model=file, threads=1), SharedSession(model=file, threads=threads)
    for one, other in zip(whole.run(batch(rows)), shared.run(batch(rows)), strict=True):
        assert one.shape == other.shape
        np.testing.assert_allclose(one, other, atol=1e-4)


def test_requests_share_a_session() -> None:
    file, _ = store.find("garment")
    session = SharedSession(model=file, threads=2)
    with ThreadPoolExecutor(6) as people:
        answers = list(people.map(lambda rows: session.run(batch(rows))[1], [1, 2, 3, 4, 5, 6] * 3))
    assert [len(vectors) for vectors in answers] == [1, 2, 3, 4, 5, 6] * 3
    for once, again in zip(answers[:6], answers[6:12], strict=True):
        np.testing.assert_allclose(once, again, atol=1e-4)


def test_threads_are_as_wanted_or_at_most_four() -> None:
    assert cores(3) == 3
    assert 1 <= cores() <= 4


def test_a_file_that_is_no_model_is_said_so(tmp_path: Path) -> None:
    file = tmp_path / "parser.onnx"
    file.write_bytes(b"no model")
    for kind in (OnnxSession, SharedSession):
        with pytest.raises(ModelError, match="cannot be loaded by onnxruntime"):
            kind(model=file)
