"""A TLS client that keeps its ClientHello, and the fingerprints of one, made here from the two definitions alone."""
import hashlib
import ssl
import struct


class RecordedTls:
    """Stands in for a socket. What OpenSSL sends first is in `hello`, without record and handshake headers."""

    def __init__(self, sock, context, server_hostname):
        self.socket, self.incoming, self.outgoing = sock, ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_hostname=server_hostname)
        try:
            self.tls.do_handshake()
        except ssl.SSLWantReadError:
            pass
        first = self.outgoing.read()
        self.hello = first[9:]
        self.socket.sendall(first)
        self.until(self.tls.do_handshake)

    def until(self, work):
        """Does what may have to wait for the peer."""
        while True:
            try:
                done = work()
                self.flush()
                return done
            except ssl.SSLWantReadError:
                self.flush()
                data = self.socket.recv(65536)
                if not data:
                    self.incoming.write_eof()
                self.incoming.write(data)

    def flush(self):
        if self.outgoing.pending:
            self.socket.sendall(self.outgoing.read())

    def sendall(self, data):
        self.until(lambda: self.tls.write(data))

    def recv(self, size):
        return self.until(lambda: self.tls.read(size))

    def settimeout(self, seconds):
        self.socket.settimeout(seconds)

    def close(self):
        self.socket.close()


def grease(value):
    return value & 0x0F0F == 0x0A0A and value >> 8 == value & 0xFF


def numbers(data):
    return [value for value in struct.unpack(f">{len(data) // 2}H", data) if not grease(value)]


def parts(hello):
    """(version, ciphers, {extension: content} in order)"""
    at = 34 + 1 + hello[34]
    size = struct.unpack_from(">H", hello, at)[0]
    ciphers = numbers(hello[at + 2:at + 2 + size])
    at += 2 + size
    at += 1 + hello[at] + 2
    extensions = {}
    while at < len(hello):
        kind, size = struct.unpack_from(">HH", hello, at)
        if not grease(kind):
            extensions[kind] = hello[at + 4:at + 4 + size]
        at += 4 + size
    return struct.unpack_from(">H", hello)[0], ciphers, extensions


def ja3(hello):
    version, ciphers, extensions = parts(hello)
    groups, formats = numbers(extensions.get(10, b"\0\0")[2:]), list(extensions.get(11, b"\0")[1:])
    text = ",".join([str(version)] + ["-".join(map(str, some)) for some in (ciphers, extensions, groups, formats)])
    return hashlib.md5(text.encode()).hexdigest()


def ja4(hello):
    version, ciphers, extensions = parts(hello)
    version = max(numbers(extensions[43][1:])) if 43 in extensions else version
    protocol = extensions[16][3:3 + extensions[16][2]].decode() if 16 in extensions else "00"
    begin = (f"t{ {0x304: '13', 0x303: '12'}[version]}{'d' if 0 in extensions else 'i'}{min(len(ciphers), 99):02}"
             f"{min(len(extensions), 99):02}{protocol[0]}{protocol[-1]}")
    digest = lambda text: hashlib.sha256(text.encode()).hexdigest()[:12]
    listed = ",".join(f"{kind:04x}" for kind in sorted(extensions) if kind not in (0, 16))
    algorithms = ",".join(f"{value:04x}" for value in numbers(extensions.get(13, b"\0\0")[2:]))
    return f"{begin}_{digest(','.join(f'{one:04x}' for one in sorted(ciphers)))}_{digest(listed + (f'_{algorithms}' if algorithms else ''))}"
