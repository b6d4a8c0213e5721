"""The two scales of the policy. Their words clash, so they are two enums."""

from __future__ import annotations

from enum import Enum


class MemoryPressureLevel(Enum):
    """How full memory is."""

    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"
    CRITICAL = "critical"


class OptimizationLevel(Enum):
    """How large a batch may be: the opposite sense of pressure."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    FALLBACK = "fallback"
