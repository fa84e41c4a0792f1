"""The rows of the comparison: one job each, the same for every peer."""
import collections

Row = collections.namedtuple("Row", "name path body connections tls log")

ROWS = {row.name: row for row in (
    Row("plain-1k-64", "/1k", 1024, 64, tls=False, log=False),
    Row("plain-1k-512", "/1k", 1024, 512, tls=False, log=False),
    Row("plain-64k-64", "/64k", 65536, 64, tls=False, log=False),
    Row("tls-1k-64", "/1k", 1024, 64, tls=True, log=False),
    Row("plain-1k-64-log", "/1k", 1024, 64, tls=False, log=True),
)}
