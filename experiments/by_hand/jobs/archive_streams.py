"""Letters are packed for an archive by zlib, called through ctypes. A stream is ended by deflateEnd, but not where the letter is a duplicate,
which one in four is: the early return leaves the stream's windows allocated (a leak in native memory, which Python does not see)."""
TOTAL, PATTERN, MEMORY, LEAK, CHURN = 2_400, "native_handles_left", "native", True, False
# What deflate allocates for a window of 15 bits and a memory level of 8 (zconf.h), and its state.
STREAM = (1 << 17) + (1 << 17) + 5_952


def run(job):
    import ctypes

    class Stream(ctypes.Structure):
        _fields_ = [("next_in", ctypes.c_void_p), ("avail_in", ctypes.c_uint), ("total_in", ctypes.c_ulong),
                    ("next_out", ctypes.c_void_p), ("avail_out", ctypes.c_uint), ("total_out", ctypes.c_ulong),
                    ("msg", ctypes.c_char_p), ("state", ctypes.c_void_p), ("zalloc", ctypes.c_void_p), ("zfree", ctypes.c_void_p),
                    ("opaque", ctypes.c_void_p), ("data_type", ctypes.c_int), ("adler", ctypes.c_ulong), ("reserved", ctypes.c_ulong)]

    zlib, finish, ended = ctypes.CDLL("libz.so.1"), 4, 1
    zlib.zlibVersion.restype = ctypes.c_char_p
    sizes = {}

    bodies = ["\n".join(f"line {k}, {(text + k) * 104_729 % 1_000_003} of {(text * 31 + k * k) * 7_877 % 999_983}, {k * k * (text + 7) % 99_999_989}"
                        for k in range(1_500)) for text in range(40)]

    def letter(number):
        return f"Letter {number}\n{bodies[number % 40]}".encode()

    def pack(number, text, room):
        stream = Stream(next_in=ctypes.cast(text, ctypes.c_void_p), avail_in=len(text), next_out=ctypes.addressof(room), avail_out=len(room))
        if zlib.deflateInit2_(ctypes.byref(stream), 1, 8, 15, 8, 0, zlib.zlibVersion(), ctypes.sizeof(stream)) != 0:
            raise MemoryError("deflateInit2")
        assert zlib.deflate(ctypes.byref(stream), finish) == ended
        if number % 4 == 1:
            job.leaked(STREAM)
            return b""
        packed = room.raw[:stream.total_out]
        zlib.deflateEnd(ctypes.byref(stream))
        return packed

    def work(start, n):
        room = ctypes.create_string_buffer(160_000)
        letters = [letter(number) for number in range(start, start + n)]
        packed = [pack(number, text, room) for number, text in enumerate(letters, start)]
        job.wait(0.002 * n)
        with open("archive.bin", "ab") as file:
            file.writelines(packed)
        for number, content in enumerate(packed, start):
            sizes[number % 100] = max(sizes.get(number % 100, 0), len(content))

    with job.stage("pack"):
        job.batches("pack", 0, TOTAL, work)
    assert sizes
