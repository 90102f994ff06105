"""A month -> bytes for people: one module a document, each a pure function of close, rules and template."""
