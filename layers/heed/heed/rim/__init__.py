"""Where Heed meets AWS: the table, the queues, the secrets, HTTP. The only package that imports botocore."""
