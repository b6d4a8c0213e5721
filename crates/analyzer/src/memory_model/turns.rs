//! Operations in turn: each chunk of the work goes through one operation after the other.
//!
//! Batches of such operations end with the chunk, not with the work: a larger chunk makes all of them larger. So the
//! pieces of each operation are one segment, and the segments of a round are replayed batch by batch in turn. What
//! shows it is a piece of one batch as large as was allowed, whose operation comes again with one batch.

use super::segment::{OutsideWork, Segment};

/// How the batches of a segment lay, as they were recorded.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Piece {
    pub(super) batches: usize,
    /// Whether the last one was as large as was allowed.
    pub(super) full: bool,
}

/// The segments with those of operations in turn made one per operation; work outside of batches keeps its place.
pub(super) fn in_turn(
    segments: &[Segment],
    pieces: &[Piece],
    outside: &[OutsideWork],
) -> (Vec<Segment>, Vec<OutsideWork>) {
    let mut merged = Vec::with_capacity(segments.len());
    let mut moved = Vec::with_capacity(outside.len());
    let mut from = 0;
    let mut works = outside.iter().peekable();
    for round in 0.. {
        let Some(to) = end_of_round(segments, pieces, from) else { break };
        let first = merged.len();
        let pieces = &segments[from..to];
        merged.extend(round_of(pieces, round));
        while let Some(work) = works.next_if(|work| work.segment < to) {
            moved.push(OutsideWork { segment: first, share: share_of(pieces, work, from), ..*work });
        }
        from = to;
    }
    (merged, moved)
}

/// Where the round ends that begins at a piece: after the last one that an operation of it comes back in.
fn end_of_round(segments: &[Segment], pieces: &[Piece], from: usize) -> Option<usize> {
    if from >= segments.len() {
        return None;
    }
    let mut end = from + 1;
    let mut place = from;
    while place < end {
        end = end.max(comes_again(segments, pieces, place).map_or(0, |next| next + 1));
        place += 1;
    }
    Some(end)
}

/// The next piece of the operation of a piece, where both are one batch and the first was as large as was allowed.
fn comes_again(segments: &[Segment], pieces: &[Piece], place: usize) -> Option<usize> {
    let one = |place: usize| pieces.get(place).is_some_and(|piece| piece.batches == 1);
    let operation = segments[place].operation;
    let next = place + 1 + segments[place + 1..].iter().position(|next| next.operation == operation)?;
    (one(place) && one(next) && pieces[place].full).then_some(next)
}

/// One segment for each operation of a round, in order of appearance.
fn round_of(pieces: &[Segment], round: usize) -> Vec<Segment> {
    let mut members: Vec<Segment> = Vec::new();
    for piece in pieces {
        match members.iter_mut().find(|member| member.operation == piece.operation) {
            Some(member) => {
                member.items += piece.items;
                member.pause += piece.pause;
            }
            None => members.push(Segment { round, ..*piece }),
        }
    }
    let most = members.iter().map(|member| member.items).fold(0.0, f64::max);
    members
        .iter_mut()
        .filter(|member| member.items > 0.0)
        .for_each(|member| member.of_chunk = member.items / most);
    members
}

/// The share of a round's work before a piece of work outside of batches.
fn share_of(pieces: &[Segment], work: &OutsideWork, from: usize) -> f64 {
    let place = work.segment - from;
    let items = |pieces: &[Segment]| pieces.iter().map(|piece| piece.items).sum::<f64>();
    let before = items(&pieces[..place]) + work.share * pieces[place].items;
    before / items(pieces).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Segments from operations and items, of one full batch each, where the last one of an operation is short.
    fn work(pieces: &[(usize, f64)]) -> Vec<Segment> {
        let mut done = [0.0; 8];
        let segment = |&(operation, items): &(usize, f64)| {
            let from = done[operation];
            done[operation] += items;
            Segment { operation, from, items, pause: 0.5, round: 0, of_chunk: 1.0 }
        };
        pieces.iter().map(segment).collect()
    }

    fn merged(pieces: &[(usize, f64)], batches: usize) -> Vec<(usize, f64, usize, f64)> {
        let segments = work(pieces);
        let shape = vec![Piece { batches, full: true }; segments.len()];
        let (merged, _) = in_turn(&segments, &shape, &[]);
        merged.iter().map(|s| (s.operation, s.items, s.round, s.of_chunk)).collect()
    }

    #[test]
    fn two_operations_on_each_chunk_are_one_segment_each_in_one_round() {
        let found = merged(&[(0, 32.0), (1, 32.0), (0, 32.0), (1, 32.0), (0, 32.0), (1, 32.0)], 1);
        assert_eq!(found, [(0, 96.0, 0, 1.0), (1, 96.0, 0, 1.0)]);
    }

    #[test]
    fn three_operations_of_which_one_takes_a_part_of_the_chunk() {
        let found = merged(&[(0, 32.0), (1, 8.0), (2, 32.0), (0, 32.0), (1, 8.0), (2, 32.0)], 1);
        assert_eq!(found, [(0, 64.0, 0, 1.0), (1, 16.0, 0, 0.25), (2, 64.0, 0, 1.0)]);
    }

    #[test]
    fn operations_one_after_the_other_and_pieces_of_several_batches_stay_apart() {
        assert_eq!(merged(&[(0, 100.0), (1, 100.0)], 1), [(0, 100.0, 0, 1.0), (1, 100.0, 1, 1.0)]);
        let years = [(0, 500.0), (1, 200.0), (0, 500.0), (1, 200.0)];
        assert_eq!(merged(&years, 5).len(), 4, "each year's work has its own end");
    }

    #[test]
    fn work_outside_of_batches_keeps_its_share_of_the_work() {
        let segments = work(&[(2, 10.0), (0, 30.0), (1, 30.0), (0, 30.0), (1, 30.0)]);
        let shape = vec![Piece { batches: 1, full: true }; segments.len()];
        let outside = [OutsideWork { segment: 3, share: 1.0, peak: 9.0, seconds: 1.0 }];
        let (merged, moved) = in_turn(&segments, &shape, &outside);
        assert_eq!(merged.len(), 3);
        assert_eq!((moved[0].segment, moved[0].share), (1, 0.75));
    }
}
