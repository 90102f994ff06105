"""What customers receive: one module a document, each a pure function of the month's close, the rules and a
template.
"""
