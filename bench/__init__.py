"""What reading, posting, closing and rendering cost on this machine: `python -m bench [name...] [--quick]`."""
