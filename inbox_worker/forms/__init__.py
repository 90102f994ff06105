"""Cells -> a form's typed table with every cell's address, or findings; blanks and the marked workbook."""
