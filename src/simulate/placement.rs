//! How many shards of a collection suffer when peers go away. Qdrant deals replicas out evenly when it creates a
//! collection: no peer holds a shard twice, and no two peers differ by more than one replica. Which peer holds which
//! is not known from files, so the answer is the least and the most over every such placement.

/// A collection over peers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Shards.
    pub shards: u64,
    /// Copies of each shard that exist: never more than peers.
    pub copies: u64,
    /// Peers.
    pub peers: u64,
}

impl Layout {
    /// Copies that are asked for beyond the number of peers are not made.
    pub fn new(shards: u64, copies: u64, peers: u64) -> Self {
        Self { shards, copies: copies.min(peers), peers }
    }

    /// The least and the most shards that lose at least `copies_lost` of their copies when `down` peers go away.
    pub fn hit(&self, down: u64, copies_lost: u64) -> (u64, u64) {
        let wide = i128::from;
        let down = down.min(self.peers);
        if copies_lost == 0 || self.shards == 0 {
            return (self.shards, self.shards);
        }
        if self.peers == 0 || self.copies == 0 || down == 0 {
            return (0, 0);
        }
        let (shards, copies, peers) = (wide(self.shards), wide(self.copies), wide(self.peers));
        let (down, lost) = (wide(down), wide(copies_lost));
        // what a shard may have on the peers that go away
        let (least, most) = ((copies - (peers - down)).max(0), down.min(copies));
        if lost > most {
            return (0, 0);
        }
        if lost <= least {
            return (self.shards, self.shards);
        }
        // what all of them together hold there
        let (each, over) = (shards * copies / peers, shards * copies % peers);
        let fewest = down * each + (over - (peers - down)).max(0);
        let fullest = down * each + over.min(down);
        // `m` hit shards hold between `m·lost + (shards-m)·least` and `m·most + (shards-m)·(lost-1)`; any spread of such
        // sums over evenly filled peers exists, because even is what every other filling majorises
        let max = (fullest - shards * least) / (lost - least);
        let missing = fewest - shards * (lost - 1);
        let step = most - lost + 1;
        let min = if missing <= 0 { 0 } else { (missing + step - 1) / step };
        let bounded = |count: i128| u64::try_from(count.clamp(0, shards)).unwrap_or(self.shards);
        (bounded(min), bounded(max))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Every way to give each shard its copies on different peers so that the peers are filled evenly.
    fn placements(layout: Layout) -> Vec<Vec<u32>> {
        let subsets: Vec<u32> =
            (0u32..1 << layout.peers).filter(|set| u64::from(set.count_ones()) == layout.copies).collect();
        let mut all = vec![Vec::new()];
        for _ in 0..layout.shards {
            all = all
                .into_iter()
                .flat_map(|placed: Vec<u32>| subsets.iter().map(move |set| [placed.as_slice(), &[*set]].concat()))
                .collect();
        }
        all.retain(|placed| {
            let held: Vec<usize> = (0..layout.peers)
                .map(|peer| placed.iter().filter(|shard| **shard & (1 << peer) != 0).count())
                .collect();
            held.iter().max().unwrap() - held.iter().min().unwrap() <= 1
        });
        all
    }

    /// The least and the most by looking at every placement and every set of peers.
    fn counted(layout: Layout, down: u64, lost: u64) -> (u64, u64) {
        let sets: Vec<u32> = (0u32..1 << layout.peers).filter(|set| u64::from(set.count_ones()) == down).collect();
        let counts: Vec<u64> = placements(layout)
            .iter()
            .flat_map(|placed| {
                sets.iter().map(move |gone| {
                    placed.iter().filter(|shard| u64::from((**shard & gone).count_ones()) >= lost).count() as u64
                })
            })
            .collect();
        (*counts.iter().min().unwrap(), *counts.iter().max().unwrap())
    }

    #[test]
    fn the_formula_is_what_every_placement_counted_one_by_one_gives() {
        for peers in 1..=4 {
            for shards in 1..=4 {
                for copies in 1..=peers {
                    let layout = Layout::new(shards, copies, peers);
                    for down in 0..=peers {
                        for lost in 1..=copies {
                            assert_eq!(
                                layout.hit(down, lost),
                                counted(layout, down, lost),
                                "{layout:?}, {down} down, {lost} copies lost"
                            );
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn numbers_of_strangers_do_not_overflow() {
        let layout = Layout::new(u64::MAX, u64::MAX, u64::MAX);
        assert_eq!(layout.hit(u64::MAX, u64::MAX), (u64::MAX, u64::MAX));
        assert_eq!(Layout::new(0, 3, 3).hit(1, 1), (0, 0));
        assert_eq!(Layout::new(3, 0, 3).hit(1, 1), (0, 0));
    }

    proptest! {
        /// Qdrant deals copies out one after the other, in rounds over the peers in an order of chance.
        #[test]
        fn what_qdrant_deals_out_lies_within(
            peers in 1u64..9, shards in 1u64..30, copies in 1u64..9, gone in any::<u32>(), lost in 1u64..9,
        ) {
            let layout = Layout::new(shards, copies, peers);
            let gone = gone & ((1 << peers) - 1);
            let hit = (0..shards)
                .filter(|shard| {
                    let on_gone =
                        (0..layout.copies).filter(|copy| gone & (1 << ((shard * layout.copies + copy) % peers)) != 0);
                    on_gone.count() as u64 >= lost
                })
                .count() as u64;
            let (min, max) = layout.hit(u64::from(gone.count_ones()), lost);
            prop_assert!(min <= hit && hit <= max, "{hit} outside {min}..={max} of {layout:?}");
        }

        #[test]
        fn more_peers_down_never_hit_fewer_shards(
            peers in 1u64..40, shards in 1u64..500, copies in 1u64..9, down in 0u64..40, lost in 1u64..9,
        ) {
            let layout = Layout::new(shards, copies, peers);
            let (fewer, more) = (layout.hit(down, lost), layout.hit(down + 1, lost));
            prop_assert!(fewer.0 <= more.0 && fewer.1 <= more.1, "{fewer:?} then {more:?} of {layout:?}");
        }
    }
}
