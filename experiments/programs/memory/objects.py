"""Small Python objects: records of a number, a fraction and a short text."""
# What a record takes: the tuple, its two numbers and its text.
RECORD = 360


class Memory:
    def take(self, sizes):
        return [[(number, number * 0.5, b"%0235d" % number) for number in range(max(1, size // RECORD))] for size in sizes]
