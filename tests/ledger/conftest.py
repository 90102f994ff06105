"""Fixtures of the small billing centre."""

from tests.support.fixtures import reader

__all__ = ["reader"]
