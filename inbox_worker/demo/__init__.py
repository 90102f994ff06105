"""A made-up town and its post: the same seed gives the same bytes (issue 1, `demo`).

Everything is invented: people, companies and accounts live under `.example`; only the streets are Almaty's.
"""

from inbox_worker.demo.story import Step, Story, build_town, prove_town

__all__ = ["Step", "Story", "build_town", "prove_town"]
