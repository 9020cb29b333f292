# SPDX-License-Identifier: Apache-2.0
# The Python package: the shape of the standard library's lzma, round trips, archives, random access, threads.
import io
import random
import tarfile
import threading

import pytest
import ssmz

TEXT = b"".join(b"line %d: the river under the house number %d\n" % (i, i * 7919 % 1000) for i in range(300))


@pytest.mark.parametrize("data", [b"", b"x", TEXT, bytes(range(256)) * 3])
def test_one_call_gives_back_what_it_took(data):
    assert ssmz.decompress(ssmz.compress(data, 1)) == data


def test_takes_any_buffer():
    assert ssmz.decompress(bytearray(ssmz.compress(memoryview(TEXT), 1))) == TEXT


def test_output_does_not_depend_on_threads_or_pieces():
    whole = ssmz.compress(TEXT, 1, frame_size=4096)
    assert ssmz.compress(TEXT, 1, frame_size=4096, threads=2) == whole
    coder = ssmz.SsmzCompressor(1, frame_size=4096)
    pieces = [coder.compress(TEXT[at:at + 777]) for at in range(0, len(TEXT), 777)]
    assert b"".join(pieces) + coder.flush() == whole


def test_flushed_frame_decompresses_at_once():
    coder, back = ssmz.SsmzCompressor(1), ssmz.SsmzDecompressor()
    assert back.decompress(coder.compress(TEXT) + coder.flush(ssmz.SsmzCompressor.FLUSH_FRAME)) == TEXT
    assert back.decompress(coder.compress(b"more") + coder.flush()) == b"more" and back.eof


def test_prime_is_needed_again():
    prime = ssmz.Prime(TEXT, "text")
    stream = ssmz.compress(TEXT[:5000], 1, prime=prime)
    assert len(stream) < len(ssmz.compress(TEXT[:5000], 1)) / 2
    with pytest.raises(ssmz.SsmzError):
        ssmz.decompress(stream)
    assert ssmz.decompress(stream, primes=[prime]) == TEXT[:5000]


def test_decompressor_stops_at_the_end_of_a_stream():
    stream = ssmz.compress(TEXT, 1)
    coder = ssmz.SsmzDecompressor()
    assert coder.needs_input and not coder.eof
    assert coder.decompress(stream + b"behind") == TEXT
    assert coder.eof and coder.unused_data == b"behind"
    with pytest.raises(EOFError):
        coder.decompress(b"")


def test_decompressor_gives_no_more_than_asked_for():
    coder = ssmz.SsmzDecompressor()
    data = coder.decompress(ssmz.compress(TEXT, 1), max_length=100)
    assert data == TEXT[:100] and not coder.needs_input
    while not coder.eof:
        data += coder.decompress(b"", max_length=1000)
    assert data == TEXT


def test_decompressor_takes_single_bytes():
    stream = ssmz.compress(TEXT[:2000], 1, frame_size=700)
    coder = ssmz.SsmzDecompressor()
    data = b""
    for at in range(len(stream)):
        if coder.eof:
            break
        data += coder.decompress(stream[at:at + 1])
    assert data == TEXT[:2000]


def test_damage_raises():
    stream = bytearray(ssmz.compress(TEXT, 1))
    stream[len(stream) // 2] ^= 1
    with pytest.raises(ssmz.SsmzError):
        ssmz.decompress(stream)
    with pytest.raises(ssmz.SsmzError):
        ssmz.decompress(b"no frame at all")
    with pytest.raises(ssmz.SsmzError):
        ssmz.compress(TEXT, 99)


def test_output_limit_holds():
    with pytest.raises(ssmz.SsmzError):
        ssmz.decompress(ssmz.compress(TEXT, 1), output_limit=100)


def test_file_is_written_and_read(tmp_path):
    path = tmp_path / "text.ssmz"
    with ssmz.open(path, "wt", level=1, encoding="utf-8") as file:
        file.write("héllo\n" * 50)
    with ssmz.open(path, "rt", encoding="utf-8") as file:
        assert file.readlines() == ["héllo\n"] * 50


def test_appended_streams_are_read_as_one(tmp_path):
    path = tmp_path / "text.ssmz"
    for part in (TEXT[:5000], TEXT[5000:]):
        with ssmz.open(path, "ab", level=1, frame_size=2000) as file:
            file.write(part)
    with ssmz.open(path) as file:
        assert file.read() == TEXT


def test_file_that_was_cut_raises(tmp_path):
    path = tmp_path / "text.ssmz"
    path.write_bytes(ssmz.compress(TEXT, 1)[:-3])
    with pytest.raises((EOFError, ssmz.SsmzError)):
        ssmz.open(path).read()


def test_seeks_with_and_without_an_index():
    rng = random.Random(1)
    for frame_size in (0, 1000):
        file = ssmz.SsmzFile(io.BytesIO(ssmz.compress(TEXT, 1, frame_size=frame_size)))
        assert file.seekable() and file.seek(0, io.SEEK_END) == len(TEXT)
        for _ in range(8):
            at = rng.randrange(len(TEXT))
            file.seek(at)
            assert file.tell() == at and file.read(50) == TEXT[at:at + 50]


def test_index_reads_one_frame_only():
    class Counting(io.BytesIO):
        taken = 0

        def read(self, size=-1):
            data = super().read(size)
            self.taken += len(data)
            return data

    raw = Counting(ssmz.compress(TEXT, 1, frame_size=1000))
    file = ssmz.SsmzFile(raw)
    raw.taken = 0
    file.seek(len(TEXT) // 2)
    assert file.read1(10) == TEXT[len(TEXT) // 2:len(TEXT) // 2 + 10]
    assert raw.taken < len(raw.getvalue()) / 3


def test_random_access_into_megabytes(tmp_path):
    # Noise is stored: frames of a megabyte without the time that a model takes.
    content = random.Random(2).randbytes(20 << 20)
    path = tmp_path / "noise.ssmz"
    path.write_bytes(ssmz.compress(content, 1, frame_size=1 << 20))
    with ssmz.open(path) as file:
        for at in (10 << 20, 100, (20 << 20) - 50, (7 << 20) - 10):
            file.seek(at)
            assert file.read(100) == content[at:at + 100]


def test_tarfile_through_fileobj():
    buffer = io.BytesIO()
    with ssmz.SsmzFile(buffer, "w", level=1) as out, tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo("text")
        info.size = len(TEXT)
        archive.addfile(info, io.BytesIO(TEXT))
    buffer.seek(0)
    with tarfile.open(fileobj=ssmz.SsmzFile(buffer)) as archive:
        assert archive.extractfile("text").read() == TEXT


def test_frames_say_what_they_are():
    stream = ssmz.compress(TEXT, 1, frame_size=5000)
    frames = ssmz.list_frames(stream)
    assert sum(frame.content_size for frame in frames) == len(TEXT)
    assert ssmz.get_frame_info(stream).level == 1
    assert frames[0].has_checksum


def test_coders_in_threads_give_what_each_gives_alone():
    results = {}

    def work(number):
        results[number] = ssmz.compress(TEXT[number * 1000:], 1)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number in range(4):
        assert results[number] == ssmz.compress(TEXT[number * 1000:], 1)


def test_prime_is_trained_and_used():
    records = [b"<record id='%d'><name>river %d</name></record>" % (number, number * 7919 % 1000) for number in range(200)]
    prime = ssmz.train_prime(records[:150], 1024)
    assert 256 <= len(prime) <= 1024
    stream = ssmz.compress(b"".join(records[180:190]), 1, prime=ssmz.Prime(prime))
    assert len(stream) < len(ssmz.compress(b"".join(records[180:190]), 1))
    assert ssmz.decompress(stream, primes=[ssmz.Prime(prime)]) == b"".join(records[180:190])


def test_vocabulary_is_trained_and_used():
    vocabulary = ssmz.Vocabulary(ssmz.train_vocabulary([TEXT * 3], 512))
    stream = ssmz.compress(TEXT, 1, vocabulary=vocabulary)
    with pytest.raises(ssmz.SsmzError):
        ssmz.decompress(stream)
    assert ssmz.decompress(stream, vocabularies=[vocabulary]) == TEXT
