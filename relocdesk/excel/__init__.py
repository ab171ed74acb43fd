"""Workbooks in and out: reading what people send, judging it with the entry layer, writing what they can send back."""

from __future__ import annotations
