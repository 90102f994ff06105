"""One reading process for the whole folder, and offices of their own."""

from tests.support.fixtures import office

__all__ = ["office"]
