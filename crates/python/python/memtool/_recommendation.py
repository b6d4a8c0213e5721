"""Advice while the job runs."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any


class MemoryRecommendation:
    """What to do, and why."""

    def __init__(
        self,
        recommendation_type: str,
        description: str,
        action: str,
        priority: str = "medium",
        estimated_savings_mb: float | None = None,
        confidence: float = 0.7,
    ) -> None:
        self.type = recommendation_type
        self.description = description
        self.action = action
        self.priority = priority
        self.estimated_savings_mb = estimated_savings_mb
        self.confidence = confidence
        self.timestamp = datetime.now(timezone.utc)

    def __repr__(self) -> str:
        return f"MemoryRecommendation({self.type!r}, {self.description!r}, {self.action!r}, {self.priority!r})"

    def to_dict(self) -> dict[str, Any]:
        """All attributes, the time as ISO text."""
        return {
            "type": self.type,
            "description": self.description,
            "action": self.action,
            "priority": self.priority,
            "estimated_savings_mb": self.estimated_savings_mb,
            "confidence": self.confidence,
            "timestamp": self.timestamp.isoformat(),
        }
