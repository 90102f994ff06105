"""A home to break, made once and copied for each test."""

from tests.support.fixtures import home, made, runner

__all__ = ["home", "made", "runner"]
