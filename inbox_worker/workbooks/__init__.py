"""A stranger's bytes -> cells, in a confined process; marks for a workbook that goes back."""
