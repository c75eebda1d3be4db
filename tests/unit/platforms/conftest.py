"""A busy machine is slow, not wrong: examples have no deadline of their own here."""

from hypothesis import settings

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
