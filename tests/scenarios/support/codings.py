"""Content codings undone as clients do it: gzip by Python, br and zstd by the libraries' own decoders. All of them read content
that is not complete yet, as far as it goes."""
import ctypes
import zlib

CHUNK = 1 << 16


def gunzip(data):
    return zlib.decompressobj(31).decompress(data)


def unbrotli(data):
    library = ctypes.CDLL("libbrotlidec.so.1")
    library.BrotliDecoderCreateInstance.restype = ctypes.c_void_p
    state = ctypes.c_void_p(library.BrotliDecoderCreateInstance(None, None, None))
    source = ctypes.create_string_buffer(data, len(data))
    left, at = ctypes.c_size_t(len(data)), ctypes.cast(source, ctypes.c_void_p)
    room, out, more = ctypes.create_string_buffer(CHUNK), b"", 3
    while more == 3:  # BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT
        free, to = ctypes.c_size_t(CHUNK), ctypes.cast(room, ctypes.c_void_p)
        more = library.BrotliDecoderDecompressStream(state, ctypes.byref(left), ctypes.byref(at), ctypes.byref(free), ctypes.byref(to), None)
        out += room.raw[:CHUNK - free.value]
    library.BrotliDecoderDestroyInstance(state)
    if more == 0:
        raise ValueError("no brotli")
    return out


class _Piece(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("size", ctypes.c_size_t), ("at", ctypes.c_size_t)]


def unzstd(data):
    library = ctypes.CDLL("libzstd.so.1")
    library.ZSTD_createDCtx.restype = ctypes.c_void_p
    library.ZSTD_decompressStream.restype = ctypes.c_size_t
    library.ZSTD_isError.argtypes = [ctypes.c_size_t]
    state = ctypes.c_void_p(library.ZSTD_createDCtx())
    source, room, out = ctypes.create_string_buffer(data, len(data)), ctypes.create_string_buffer(CHUNK), b""
    piece = _Piece(ctypes.cast(source, ctypes.c_void_p), len(data), 0)
    while True:
        made = _Piece(ctypes.cast(room, ctypes.c_void_p), CHUNK, 0)
        if library.ZSTD_isError(library.ZSTD_decompressStream(state, ctypes.byref(made), ctypes.byref(piece))):
            raise ValueError("no zstd")
        out += room.raw[:made.at]
        if made.at < CHUNK and piece.at == piece.size:
            break
    library.ZSTD_freeDCtx(state)
    return out


DECODERS = {"gzip": gunzip, "br": unbrotli, "zstd": unzstd, None: bytes}


def plain(response):
    """The content of a response without its coding."""
    return DECODERS[response.one("content-encoding")](response.body)
