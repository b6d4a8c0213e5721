"""Trading days replayed through doubly linked order books: every book is a
cycle, so a finished batch is garbage that only the cycle collector can free."""
UNIT, LIMIT_MB, INTERVAL = "books", 380, 0.05
TOTAL = 36000
PATTERN = "cyclic_garbage"
PRELOAD = ()
LEAK = False
GC_CHURN = True

ORDERS = 130


class Order:
    __slots__ = ("price", "note", "before", "after", "book")

    def __init__(self, price, book):
        self.price, self.book = price, book
        self.note = bytearray(1800)
        self.before = self.after = None


class Book:
    def __init__(self, number):
        self.number, self.first, self.last = number, None, None

    def add(self, price):
        order = Order(price, self)
        if self.last is None:
            self.first = order
        else:
            order.before, self.last.after = self.last, order
        self.last = order


def run(job, seed):
    state = {"sum": 0}

    def work(start, items):
        books = []
        for i in range(start, start + items):
            book = Book(i)
            price = (seed + i * 7919) % 10_007
            for k in range(ORDERS):
                price = (price * 73 + k) % 10_007
                book.add(price)
            books.append(book)
        for book in books:
            order, value = book.last, 0
            while order is not None:
                value += order.price
                order = order.before
            state["sum"] = (state["sum"] + value * (book.number + 1)) % ((1 << 61) - 1)

    with job.stage("replay"):
        job.run_batches(TOTAL, "replay", work)
    return state["sum"]
