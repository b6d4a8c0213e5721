//! The fields of a snapshot line.

/// What a snapshot line begins with.
pub(super) const TAG: &[u8] = br#"{"type":"snapshot","#;

/// A field of a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Time,
    Rss,
    Children,
    Shared,
    Pss,
    Vms,
    Available,
    PeakRss,
    Group,
    HeapUsed,
    HeapFree,
    Percent,
    Level,
    Collections,
    BatchSize,
    Label,
    Blocks,
    Meters,
}

impl Field {
    /// All fields, in their order.
    pub(super) const ALL: [Self; 18] = [
        Self::Time,
        Self::Rss,
        Self::Children,
        Self::Shared,
        Self::Pss,
        Self::Vms,
        Self::Available,
        Self::PeakRss,
        Self::Group,
        Self::HeapUsed,
        Self::HeapFree,
        Self::Percent,
        Self::Level,
        Self::Collections,
        Self::BatchSize,
        Self::Label,
        Self::Blocks,
        Self::Meters,
    ];

    /// What follows its name between quotes and the colon, where a text begins with them. Each is compared in as few
    /// steps as its length takes: that is half of the cost of a line.
    #[inline]
    pub(super) fn strip(self, text: &[u8]) -> Option<&[u8]> {
        match self {
            Self::Time => text.strip_prefix(br#""t_ns":"#),
            Self::Rss => text.strip_prefix(br#""rss_mb":"#),
            Self::Children => text.strip_prefix(br#""children_rss_mb":"#),
            Self::Shared => text.strip_prefix(br#""shared_mb":"#),
            Self::Pss => text.strip_prefix(br#""pss_mb":"#),
            Self::Vms => text.strip_prefix(br#""vms_mb":"#),
            Self::Available => text.strip_prefix(br#""available_mb":"#),
            Self::PeakRss => text.strip_prefix(br#""peak_rss_mb":"#),
            Self::Group => text.strip_prefix(br#""group_mb":"#),
            Self::HeapUsed => text.strip_prefix(br#""heap_used_mb":"#),
            Self::HeapFree => text.strip_prefix(br#""heap_free_mb":"#),
            Self::Percent => text.strip_prefix(br#""percent":"#),
            Self::Level => text.strip_prefix(br#""pressure_level":"#),
            Self::Collections => text.strip_prefix(br#""gc_collections":"#),
            Self::BatchSize => text.strip_prefix(br#""batch_size":"#),
            Self::Label => text.strip_prefix(br#""operation":"#),
            Self::Blocks => text.strip_prefix(br#""py_blocks":"#),
            Self::Meters => text.strip_prefix(br#""meters":"#),
        }
    }
}
