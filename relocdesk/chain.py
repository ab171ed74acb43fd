"""The chain of the operation log: one transaction as it is hashed, and its hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

START = "0" * 64  # the hash before a writer's first transaction


@dataclass(frozen=True, slots=True)
class Txn:
    """One transaction of one home as it is hashed and handed over."""

    home: str
    rid: str
    tseq: int
    lc: int
    e: int
    action: str
    operator: str | None
    name: str | None
    role: str | None
    at: str
    why: str
    source: str
    app: str
    schema: int
    nops: int
    prev: str


def txn_hash(txn: Txn, vv: str, ops: Iterable[tuple[int, str, str, str, str]]) -> str:
    """SHA-256 over the epoch's version vector, the transaction and its operations, byte for byte as stored."""
    head = [txn.home, txn.rid, txn.tseq, txn.lc, txn.e, txn.action, txn.operator, txn.name, txn.role, txn.at, txn.why,
            txn.source, txn.app, txn.schema, txn.nops, txn.prev]  # fmt: skip
    digest = hashlib.sha256(vv.encode())
    digest.update(json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode())
    for n, tbl, row, kind, cells in ops:
        digest.update(f"\n{n}\t{tbl}\t{row}\t{kind}\t{cells}".encode())
    return digest.hexdigest()
