"""A home to break, made once and copied for each test."""

from tests.support.fixtures import home

__all__ = ["home"]
