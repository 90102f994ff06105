"""A stranger's workbook -> a typed table with every cell's address, or findings."""
