//! What is to be known of such series.

use crate::reader::Caution;

pub(super) const CAUTIONS: &[Caution] =
    &[COARSE_STEP, RESTARTED, ALIVE_AFTER_DEATH, UNIT_ASSUMED, NOT_IN_USE, SUMS_LEFT_OUT, WORKLOAD_BY_NAME];

pub(super) const COARSE_STEP: Caution = Caution {
    code: "coarse_step",
    text: "what happens between two samples is not seen: a cycle about as long as the step reads as flat; \
           max_over_time(…[step]) keeps the peaks",
    seen: "2.42: a step of 5 s on a sawtooth of 5 s read 71 of 83 MiB",
};

pub(super) const RESTARTED: Caution = Caution {
    code: "restarted",
    text: "the series is absent for a while and goes on lower: another process under the same labels",
    seen: "2.42: 7 s absent, from 73 to 24 MiB",
};

pub(super) const ALIVE_AFTER_DEATH: Caution = Caution {
    code: "alive_after_death",
    text: "the last five minutes hold one value: an exporter that sends its own times looks alive that long after \
           the process has ended",
    seen: "2.42, lookback of 5 minutes",
};

pub(super) const UNIT_ASSUMED: Caution = Caution {
    code: "unit_assumed",
    text: "the query was an expression: that its value is memory in bytes is assumed",
    seen: "2.42: sum(…) and max_over_time(…) drop the metric's name",
};

pub(super) const NOT_IN_USE: Caution = Caution {
    code: "not_in_use",
    text: "by its name the series is not memory in use, but a limit, virtual or free memory",
    seen: "process-exporter 0.7 (memtype), node_exporter 1.5",
};

pub(super) const SUMS_LEFT_OUT: Caution = Caution {
    code: "sums_left_out",
    text: "series of pods, of system groups and of the pause container are left out: containers are there one by one",
    seen: "documented labels of cAdvisor: container is empty, or POD",
};

pub(super) const WORKLOAD_BY_NAME: Caution = Caution {
    code: "workload_by_name",
    text: "what the pod belongs to is taken from its name: kube_pod_owner, kube_replicaset_owner and kube_job_owner tell it",
    seen: "documented names of Kubernetes' pods",
};
