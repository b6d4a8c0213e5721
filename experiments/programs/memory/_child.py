"""The child of `children`: takes and drops memory as its standard input says."""
import sys

MIB = 1024


def state():
    marks = {}
    with open("/proc/self/status", encoding="ascii") as file:
        for line in file:
            name, _, value = line.partition(":")
            if name in ("VmRSS", "VmHWM"):
                marks[name] = int(value.split()[0]) / MIB
    return f"{marks['VmRSS']:.2f} {marks['VmHWM']:.2f}"


def main():
    held = {}
    for line in sys.stdin:
        order, *numbers = line.split()
        if order == "take":
            number, *sizes = map(int, numbers)
            held[number] = [bytearray(b"x") * size for size in sizes]
        elif order == "drop":
            held.pop(int(numbers[0]))
        print(state(), flush=True)


if __name__ == "__main__":
    main()
