"""Keeps long batch jobs alive within their memory, and records what they do with it.

    from memtool import create_adaptive_memory_manager

    with create_adaptive_memory_manager(predictive=True) as manager:
        for people in manager.iter_batches(everyone, "hiring"):
            hire(people)
"""

from memtool._interpreter import require_supported

# Before anything that loads the compiled module.
require_supported()

from memtool._analysis import ArrowData, analyze, merge, quantile, summary  # noqa: E402
from memtool._config import (  # noqa: E402
    AdaptiveConfig,
    AvailableLimits,
    BatchSizeConfig,
    Hysteresis,
    MemoryThresholds,
    Predictive,
)
from memtool._levels import MemoryPressureLevel, OptimizationLevel
from memtool._load import Profiles, load_profile, load_profiles
from memtool._manager import AdaptiveMemoryManager, create_adaptive_memory_manager
from memtool._memtool import Batch, FakeMemory, MemorySnapshot, Profile, Table, __version__
from memtool._namesake import warn_of_namesake
from memtool._recommendation import MemoryRecommendation

__all__ = [
    "AdaptiveConfig",
    "AdaptiveMemoryManager",
    "ArrowData",
    "AvailableLimits",
    "Batch",
    "BatchSizeConfig",
    "FakeMemory",
    "Hysteresis",
    "MemoryPressureLevel",
    "MemoryRecommendation",
    "MemorySnapshot",
    "MemoryThresholds",
    "OptimizationLevel",
    "Predictive",
    "Profile",
    "Profiles",
    "Table",
    "__version__",
    "analyze",
    "create_adaptive_memory_manager",
    "load_profile",
    "load_profiles",
    "merge",
    "quantile",
    "summary",
]

warn_of_namesake()
