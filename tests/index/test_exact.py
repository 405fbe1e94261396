from __future__ import annotations

from tests.index.contract import VectorIndexContract

from meot.index.exact import ExactIndex
from meot.index.protocol import VectorIndex


class TestExactIndex(VectorIndexContract):
    def build(self) -> VectorIndex:
        return ExactIndex()
