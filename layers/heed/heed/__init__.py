"""Heed: social customer care. The core decides on plain data; AWS stays in `store`, `runtime` and the functions."""
