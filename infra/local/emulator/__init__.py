"""ministack with the gaps closed that matter to this template; `python -m infra.local.emulator` runs it.

Nothing is edited on disk: each module wraps functions of the running process, so all of it is tied to the
exact version named here. tests/unit/local_stack holds one test for each patch.
"""

MINISTACK_VERSION = "1.5.33"
