"""Everything that leaves: documents that people review by folders, letters, receipts, and the proof of each."""
