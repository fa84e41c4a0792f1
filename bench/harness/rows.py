"""The rows of the comparison: one job each, the same for every peer."""
import collections

# cache: "" is none; "idle" is one that is configured and never asked; "hit" is one that answers everything.
Row = collections.namedtuple("Row", "name path body connections tls log cache", defaults=("",))

ROWS = {row.name: row for row in (
    Row("plain-1k-64", "/1k", 1024, 64, tls=False, log=False),
    Row("plain-1k-512", "/1k", 1024, 512, tls=False, log=False),
    Row("plain-64k-64", "/64k", 65536, 64, tls=False, log=False),
    Row("tls-1k-64", "/1k", 1024, 64, tls=True, log=False),
    Row("plain-1k-64-log", "/1k", 1024, 64, tls=False, log=True),
    Row("plain-1k-64-cache", "/1k", 1024, 64, tls=False, log=False, cache="idle"),
    Row("hit-1k-64", "/stored/1k", 1024, 64, tls=False, log=False, cache="hit"),
    Row("hit-64k-64", "/stored/64k", 65536, 64, tls=False, log=False, cache="hit"),
)}
