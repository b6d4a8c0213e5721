"""What a job does with memory beyond that of its batches: one class a file, named after it."""
import importlib

# Every pattern has programs in both parts. The order is that of the seeds: seed modulo their number.
NAMES = (
    "steady", "saw", "slow_leak", "fast_leak", "late_leak", "accelerating_leak", "cut_off_leak", "operation_leak",
    "warm_up", "load", "kept_results", "wide_step", "buffer", "pinned_heap", "waiting_garbage", "busy_collector",
    "churn", "cache", "growing_data", "two_operations", "waiting_batches",
)
# What can be added to any of them without a change of its truth.
ADDITIONS = ("warm_up", "load", "wide_step", "growing_data")


def kind(name):
    """The class of the pattern of a name."""
    module = importlib.import_module(f"programs.patterns.{name}")
    return getattr(module, name.title().replace("_", ""))


def make(name, draw, program):
    """The pattern of a name, its numbers drawn from `draw`, a random.Random."""
    return kind(name)(draw, program)
