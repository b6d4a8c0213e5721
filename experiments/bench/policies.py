"""The ways to choose batch sizes, each as what a job is driven by."""
from contextlib import contextmanager

LEVELS = {"fallback": 100, "low": 250, "medium": 500, "high": 1000}
SWEEP = (100, 150, 250, 350, 500, 700, 1000)
POLICIES = ("fixed_1000", "fixed_500", "compatible", "tuned", "predictive")
# The existing manager looks once a second at jobs of minutes to hours; these take seconds.
INTERVAL = 0.1


class Fixed:
    """A loop with one size, as jobs have it without memtool."""

    def __init__(self, size):
        self.size = size

    @contextmanager
    def stage(self, _name):
        yield

    def run_batches(self, total, _operation, work):
        for start in range(0, total, self.size):
            work(start, min(self.size, total - start))

    def leaked(self, _bytes):
        pass

    retained = leaked

    def close(self):
        return {}


class Managed(Fixed):
    """The same loop with the sizes of memtool's manager."""

    def __init__(self, manager):
        self.manager = manager
        self.sizes = {}
        manager.start_monitoring()

    @contextmanager
    def stage(self, name):
        self.manager.force_memory_check(f"{name}_start")
        yield
        self.manager.force_memory_check(f"{name}_complete")

    def run_batches(self, total, operation, work):
        for part in self.manager.iter_batches(range(total), operation=operation):
            self.sizes[len(part)] = self.sizes.get(len(part), 0) + 1
            work(part.start, len(part))

    def close(self):
        self.manager.stop_monitoring()
        return {"sizes": self.sizes}


def driver(policy, *, limit_mb, children, reports, tuned=None):
    """What drives a job under a policy: `fixed_N`, `compatible`, `tuned` or `predictive`."""
    if policy.startswith("fixed_"):
        return Fixed(int(policy.removeprefix("fixed_")))
    from memtool import AdaptiveConfig, AdaptiveMemoryManager

    if policy == "tuned":
        config = AdaptiveConfig.from_yaml(tuned)
        config.memory_limit_mb = limit_mb
    else:
        # Thresholds follow from the limit: 50, 75 and 90 % of it.
        config = AdaptiveConfig(memory_limit_mb=limit_mb, predictive=policy == "predictive")
    config.include_children = children
    config.monitoring_interval_seconds = INTERVAL
    return Managed(AdaptiveMemoryManager(config, reports_dir=reports))
