//! Sorting what is many and wide: a stable sort in the ordinary way takes half as much memory again, at the very end of a
//! run, when all of it is there.

use std::cmp::Ordering;

/// Sorts, keeping the order of what is equal. Needs four bytes an item.
pub fn sort_in_place<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let Ok(count) = u32::try_from(items.len()) else { return items.sort_by(compare) };
    let mut order: Vec<u32> = (0..count).collect();
    order.sort_unstable_by(|one, other| {
        compare(&items[*one as usize], &items[*other as usize]).then_with(|| one.cmp(other))
    });
    // along each circle of places, every item goes where it belongs by one swap
    for start in 0..items.len() {
        let mut place = start;
        while order[place] as usize != start {
            let from = order[place] as usize;
            items.swap(place, from);
            order[place] = place as u32;
            place = from;
        }
        order[place] = place as u32;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_order_is_that_of_a_stable_sort(items in proptest::collection::vec((0_u8..8, any::<u16>()), 0..200)) {
            let (mut own, mut usual) = (items.clone(), items);
            sort_in_place(&mut own, |one, other| one.0.cmp(&other.0));
            usual.sort_by_key(|item| item.0);
            prop_assert_eq!(own, usual);
        }
    }
}
