"""A short day of a brand on the local AWS: `make run` plays it and stays up, `make demo` also checks what happened."""
