# SPDX-License-Identifier: Apache-2.0
"""ssmz: lossless compression by a model that learns the data while it reads them.

The names are those of the standard library's lzma and compression.zstd: compress, decompress, open, SsmzFile,
SsmzCompressor, SsmzDecompressor. The interpreter's lock is released while they work.
"""
import bisect
import builtins
import io
import os
from collections import namedtuple

from . import _ssmz
from ._ssmz import Prime, SsmzError, Vocabulary

__version__ = _ssmz.version
__all__ = ["compress", "decompress", "open", "SsmzFile", "SsmzCompressor", "SsmzDecompressor", "SsmzError", "FrameInfo",
           "Prime", "Vocabulary", "get_frame_info", "list_frames", "train_prime", "train_vocabulary"]

FrameInfo = namedtuple("FrameInfo", "offset frame_size content_size level memory_needed vocabulary has_checksum checksum")
FrameInfo.__doc__ = """What a frame says of itself. None where it does not; frame_size is 0 if only its start was read."""

_CHUNK = 1 << 16


def _settings(**options):
    settings = _ssmz.Settings()
    for name, value in options.items():
        setattr(settings, name, value)
    return settings


def _compress_settings(level, threads, memory_limit, frame_size, checksum, vocabulary, prime):
    return _settings(level=level, threads=threads, memory_limit=memory_limit, frame_size=frame_size,
                     checksum=checksum, vocabularies=[vocabulary] if vocabulary else [],
                     primes=[prime] if prime else [])


def _decompress_settings(threads, memory_limit, output_limit, vocabularies, primes):
    return _settings(threads=threads, memory_limit=memory_limit, output_limit=output_limit,
                     vocabularies=list(vocabularies), primes=list(primes))


def compress(data, level=5, *, threads=1, memory_limit=0, frame_size=0, checksum=True, vocabulary=None, prime=None):
    """Compresses a bytes-like object. The result does not depend on threads (0: one a core)."""
    return _ssmz.compress(
        data, _compress_settings(level, threads, memory_limit, frame_size, checksum, vocabulary, prime))


def decompress(data, *, threads=1, memory_limit=0, output_limit=None, vocabularies=(), primes=()):
    """Decompresses all streams of a bytes-like object. Set output_limit for data of others."""
    return _ssmz.decompress(data, _decompress_settings(threads, memory_limit, output_limit, vocabularies, primes))


class SsmzCompressor:
    """Compresses a stream: compress() as often as you like, then flush() once."""

    FLUSH_FRAME, FLUSH_STREAM = 1, 2

    def __init__(self, level=5, *, threads=1, memory_limit=0, frame_size=0, checksum=True, vocabulary=None, prime=None):
        self._coder = _ssmz.Compressor(
            _compress_settings(level, threads, memory_limit, frame_size, checksum, vocabulary, prime))

    def compress(self, data):
        """Takes data; returns what could be written, often nothing yet."""
        return self._coder.compress(data)

    def flush(self, mode=FLUSH_STREAM):
        """Ends the stream, or only the frame, and returns the rest: all data so far can then be decompressed."""
        if mode not in (self.FLUSH_FRAME, self.FLUSH_STREAM):
            raise ValueError("mode is FLUSH_FRAME or FLUSH_STREAM")
        return self._coder.flush(mode == self.FLUSH_STREAM)


class SsmzDecompressor:
    """Decompresses one stream. What stands behind it, a seek table among that, is unused_data."""

    def __init__(self, *, threads=1, memory_limit=0, output_limit=None, vocabularies=(), primes=()):
        self._coder = _ssmz.Decompressor(
            _decompress_settings(threads, memory_limit, output_limit, vocabularies, primes))

    def decompress(self, data, max_length=-1):
        """Takes data; returns at most max_length bytes of content (below 0: all). EOFError behind the end."""
        return self._coder.decompress(data, max_length)

    @property
    def eof(self):
        """True once the end of the stream was reached and all content was returned."""
        return self._coder.eof

    @property
    def needs_input(self):
        """False if decompress() can return more content without more data."""
        return self._coder.needs_input

    @property
    def unused_data(self):
        """What stood behind the end of the stream."""
        return self._coder.unused_data


def get_frame_info(data):
    """The FrameInfo of the frame that data begins with; its first bytes are enough."""
    return FrameInfo(**_ssmz.peek(bytes(memoryview(data)[:_ssmz.peek_size])))


def list_frames(data):
    """The FrameInfo of all frames in data, without decoding them."""
    return [FrameInfo(**frame) for frame in _ssmz.inspect(data)]


def train_prime(samples, size=131072):
    """Chooses, of many small bytes-like samples, at most `size` bytes for a Prime that serves what is like them."""
    return _ssmz.train_prime(list(samples), size)


def train_vocabulary(texts, size=65536, *, weights=()):
    """Trains a vocabulary of up to `size` lexemes on bytes-like texts and returns its file; Vocabulary(file) takes it."""
    return _ssmz.train_vocabulary(list(texts), size, list(weights))


class _Reader(io.RawIOBase):
    """Content of a file, one frame at a time where it can be sought in, else as a stream."""

    def __init__(self, file, options):
        self._file = file
        self._options = options
        self._position = 0
        self._index = None
        if file.seekable():
            self._start = file.tell()
            self._index = self._read_index()
        self._frame, self._content = None, b""
        self._rewind()

    def _read_index(self):
        def read_at(offset, size):
            self._file.seek(self._start + offset)
            return self._file.read(size)

        try:
            frames = _ssmz.index(self._file.seek(0, os.SEEK_END) - self._start, read_at)
        except SsmzError:
            return None  # Damaged or cut off: reading it as a stream tells where.
        finally:
            self._file.seek(self._start)
        return frames, [content_offset for _, _, content_offset, _ in frames]

    def _rewind(self):
        if self._index is None:
            self._decoder = None
            self._rest = b""
            self._ended = False

    def readable(self):
        return True

    def seekable(self):
        return self._file.seekable()

    def readinto(self, buffer):
        view = memoryview(buffer).cast("B")
        data = self._read_indexed(len(view)) if self._index is not None else self._read_stream(len(view))
        view[:len(data)] = data
        self._position += len(data)
        return len(data)

    def _read_indexed(self, size):
        frames, starts = self._index
        if self._position >= self._size():
            return b""
        number = bisect.bisect_right(starts, self._position) - 1
        offset, frame_size, begin, content_size = frames[number]
        if number != self._frame:
            self._file.seek(self._start + offset)
            self._content = _ssmz.decompress(self._file.read(frame_size),
                                             _settings(part_of_stream=True, **self._options))
            self._frame = number
            if len(self._content) != content_size:
                raise SsmzError("data damaged: the index has another size")
        return self._content[self._position - begin:self._position - begin + size]

    def _read_stream(self, size):
        while not self._ended:
            if self._decoder is None:
                # Zero bytes behind a stream are padding.
                chunk = self._rest or self._file.read(_CHUNK)
                self._rest = chunk.lstrip(b"\0")
                if not self._rest:
                    self._ended = not chunk
                    continue
                self._decoder = SsmzDecompressor(**self._options)
            if self._decoder.needs_input and not self._rest:
                self._rest = self._file.read(_CHUNK)
                if not self._rest:
                    raise EOFError("compressed file ended before the end of its stream")
            data = self._decoder.decompress(self._rest, size)
            self._rest = b""
            if self._decoder.eof:
                self._rest = self._decoder.unused_data
                self._decoder = None
            if data:
                return data
        return b""

    def seek(self, offset, whence=io.SEEK_SET):
        if whence == io.SEEK_CUR:
            offset += self._position
        elif whence == io.SEEK_END:
            offset += self._size()
        if offset < 0:
            raise ValueError("negative position")
        if self._index is None:
            if offset < self._position:
                self._file.seek(self._start)
                self._rewind()
                self._position = 0
            while self._position < offset:
                data = self._read_stream(min(_CHUNK, offset - self._position))
                if not data:
                    break
                self._position += len(data)
        else:
            self._position = min(offset, self._size())
        return self._position

    def _size(self):
        if self._index is not None:
            frames = self._index[0]
            return frames[-1][2] + frames[-1][3] if frames else 0
        at = self._position
        while data := self._read_stream(_CHUNK):
            self._position += len(data)
        size = self._position
        self.seek(at)
        return size

    def tell(self):
        return self._position


class SsmzFile(io.BufferedIOBase):
    """A compressed file, read or written as if it were not. Seeking takes the decoding of one frame."""

    def __init__(self, filename, mode="r", *, level=5, threads=1, memory_limit=0, frame_size=0, checksum=True,
                 vocabulary=None, prime=None):
        self._file, self._owned, self._reader, self._coder = None, False, None, None
        mode = mode.replace("b", "")
        if mode not in ("r", "w", "x", "a"):
            raise ValueError(f"invalid mode: {mode!r}")
        if isinstance(filename, (str, bytes, os.PathLike)):
            self._file, self._owned = builtins.open(filename, mode + "b"), True
        elif hasattr(filename, "read") or hasattr(filename, "write"):
            self._file = filename
        else:
            raise TypeError("filename must be a path or a file object")
        self._position = 0
        if mode == "r":
            options = {"threads": threads, "memory_limit": memory_limit,
                       "vocabularies": [vocabulary] if vocabulary else [], "primes": [prime] if prime else []}
            self._reader = io.BufferedReader(_Reader(self._file, options))
        else:
            self._coder = SsmzCompressor(level, threads=threads, memory_limit=memory_limit, frame_size=frame_size,
                                         checksum=checksum, vocabulary=vocabulary, prime=prime)

    def close(self):
        if self.closed:
            return
        try:
            if self._coder is not None:
                self._file.write(self._coder.flush())
                self._coder = None
        finally:
            file, self._file = self._file, None
            if self._owned:
                file.close()
            super().close()

    def __del__(self):
        # A writer that was never closed leaves no end: the file is then refused, not taken for whole.
        self._coder = None
        if self._owned and self._file is not None:
            self._file.close()
            self._file = None

    def _reading(self):
        if self.closed:
            raise ValueError("I/O operation on closed file")
        if self._reader is None:
            raise io.UnsupportedOperation("file was opened for writing")
        return self._reader

    def readable(self):
        return self._reader is not None

    def writable(self):
        return self._coder is not None

    def seekable(self):
        return self._reader is not None and self._reader.seekable()

    def fileno(self):
        return self._file.fileno()

    def read(self, size=-1):
        return self._reading().read(size)

    def read1(self, size=-1):
        return self._reading().read1(size)

    def readinto(self, buffer):
        return self._reading().readinto(buffer)

    def readline(self, size=-1):
        return self._reading().readline(size)

    def peek(self, size=1):
        return self._reading().peek(size)

    def seek(self, offset, whence=io.SEEK_SET):
        return self._reading().seek(offset, whence)

    def tell(self):
        return self._reader.tell() if self._reader is not None else self._position

    def write(self, data):
        if self._coder is None:
            raise io.UnsupportedOperation("file was opened for reading")
        size = memoryview(data).nbytes
        self._file.write(self._coder.compress(data))
        self._position += size
        return size


def open(filename, mode="rb", *, encoding=None, errors=None, newline=None, **options):
    """Opens a compressed file in binary ("rb", "wb", "xb", "ab") or text mode ("rt", ...). Options as SsmzFile's."""
    text = "t" in mode
    if text and "b" in mode:
        raise ValueError(f"invalid mode: {mode!r}")
    if not text and (encoding, errors, newline) != (None, None, None):
        raise ValueError("encoding, errors and newline are for text mode")
    file = SsmzFile(filename, mode.replace("t", ""), **options)
    return io.TextIOWrapper(file, encoding, errors, newline) if text else file
