"""The base that imports no other room: the model, time, money, files, hashes, identifiers, text."""
