"""Fixtures of the small billing centre."""

from tests.support.fixtures import office, reader

__all__ = ["office", "reader"]
