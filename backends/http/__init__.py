"""HTTP for adapters: bounded in time and size, strict about whom it talks to, and every failure a sentence.

`client` asks, `tls` decides whom to trust, `body` reads, `decode` makes typed records of it.
"""
