"""What a stream has of a killed job, beside what the job is known to have done."""
import json
from datetime import datetime
from dataclasses import dataclass, field


@dataclass
class Truth:
    """Moments at which batches began and ended, by number, as the job told another process."""

    began: dict = field(default_factory=dict)
    ended: dict = field(default_factory=dict)

    @classmethod
    def of(cls, told):
        truth = cls()
        # What stands behind the last line end was cut off.
        for line in told.decode().split("\n")[:-1]:
            what, batch, nanos = line.split()
            (truth.began if what == "b" else truth.ended)[int(batch)] = int(nanos)
        return truth


@dataclass
class Kept:
    """What a stream has."""

    records: list
    torn: int
    damaged: int

    @classmethod
    def of(cls, stream):
        *whole, rest = stream.split(b"\n")
        records, damaged = [], 0
        for line in whole:
            try:
                records.append(json.loads(line))
            except ValueError:
                damaged += 1
        return cls(records, bool(rest), damaged)

    def of_kind(self, kind):
        return [record for record in self.records if record["type"] == kind]

    def batches(self, kind):
        return {record["batch"] for record in self.of_kind(kind)}

    def newest(self):
        """The wall-clock time of the newest record, in seconds since 1970."""
        started = datetime.fromisoformat(self.records[0]["started"][:26].rstrip("Z") + "+00:00").timestamp()
        return started + max(record.get("t_ns", 0) for record in self.records) / 1e9

    @property
    def reported_lost(self):
        """Records that the stream says were lost."""
        return max((record.get("lost_records", 0) for record in self.records), default=0)


def missing(told, kept):
    """What was told and is not kept: the number of records inside the stream, and the moment of the first behind its last."""
    newest = max(kept, default=0)
    inside = sum(batch not in kept for batch in told if batch < newest)
    behind = [moment for batch, moment in told.items() if batch > newest]
    return inside, min(behind, default=None)
