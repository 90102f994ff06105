"""Fixtures of the small billing centre."""

from tests.support.fixtures import office

__all__ = ["office"]
