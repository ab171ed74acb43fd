"""Pieces of SQL that computed fields of every family are made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, FromClause, select

Sql = Callable[[FromClause], ColumnElement[Any]]
"""The value of a computed field over one row of its register's table."""


def child_sum(child: Any, link: str, value: Any, row: ColumnElement[Any], *also: Any) -> ColumnElement[Any]:
    """An aggregate over the living children of a row. `value` and `also` are built on the child's own table."""
    living = select(value).where(child.c[link] == row, child.c.deleted == 0, *also)
    return living.correlate_except(child).scalar_subquery()
