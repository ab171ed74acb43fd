"""Every example in a docstring of the rules holds, and each module has some."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import relocdesk.rules

MODULES = [module.name for module in pkgutil.iter_modules(relocdesk.rules.__path__, "relocdesk.rules.")]


@pytest.mark.parametrize("name", MODULES)
def test_examples_hold(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name))
    assert result.attempted > 0
    assert result.failed == 0
