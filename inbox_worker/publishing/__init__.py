"""A month's documents, bills, ledger workbooks and page, out of its close or its draft."""
