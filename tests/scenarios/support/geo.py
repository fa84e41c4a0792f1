"""Databases of places and networks, written with Debian's libmaxmind-db-writer-perl: see tests/support/write_geo_database.pl for
who is where."""
import os
import subprocess

from .gateway import source

MALMO, SEATTLE, NORWAY, GERMANY, NOWHERE = "192.0.2.10", "198.51.100.9", "203.0.113.5", "2001:db8:de::7", "10.9.8.7"


def write_database(what, where):
    """`what` is places or networks; gives the file's name."""
    name = os.path.join(where, what + ".mmdb")
    subprocess.run(["perl", os.path.join(source(), "tests", "support", "write_geo_database.pl"), what, name + ".new"], check=True, timeout=60)
    os.replace(name + ".new", name)  # as a file in use has to be replaced
    return name
