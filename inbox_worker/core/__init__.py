"""What knows nothing of ours: the model, time, money, files, hashes, identifiers, text."""
