"""Where Heed meets AWS: the table, the queues, the secrets, HTTP. The only package that imports botocore."""

try:
    from heed_patterns import PATTERNS  # of the vendor layer, where it was built with bytecode
except ImportError:
    pass
else:
    from heed.rim.patterns import install

    install(PATTERNS)
