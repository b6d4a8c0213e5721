//! The one list of finding kinds.
//!
//! A kind is a file in `rules/` and a line here. Everything else is made from this list: the
//! modules, the enum [`FindingKind`](super::kind::FindingKind), the detectors that run, and by
//! `tests/finding_pages.rs` the pages and tables in docs/.

/// Gives the list to another macro: the file in `rules/`, and the kind. Findings of one severity
/// are listed in this order.
macro_rules! finding_kinds {
    ($give_to:ident) => {
        $give_to! {
            memory_leak MemoryLeak,
            sustained_high SustainedHigh,
            near_limit NearLimit,
            cut_off_at_peak CutOffAtPeak,
            gc_churn GcChurn,
            gc_ineffective GcIneffective,
            busy_collector BusyCollector,
            waiting_garbage WaitingGarbage,
            held_after_work HeldAfterWork,
            allocator_retention AllocatorRetention,
            batch_flapping BatchFlapping,
            history_cut HistoryCut,
            hidden_peak HiddenPeak,
            coarse_sampling CoarseSampling,
            unused_batch_size UnusedBatchSize,
            idle_headroom IdleHeadroom,
            children_memory ChildrenMemory,
            shared_memory SharedMemory,
            outside_the_heap OutsideTheHeap,
            peak_by_operation PeakByOperation,
            pressure_by_others PressureByOthers,
        }
    };
}

pub(super) use finding_kinds;
