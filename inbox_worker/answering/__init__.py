"""Letters that leave: the answer to a sender, its marked workbook, and the one sender that all letters go by."""
