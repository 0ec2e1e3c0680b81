//! Adds up recorded changes of a number of files and of their bytes.

use std::collections::BTreeMap;

/// Number of changes that are added up in a transaction.
pub const BATCH: i64 = 1000;

/// Returns the changed sums, as files and bytes. Ordered, so that transactions lock rows in the same order.
pub fn add_up<Key: Ord>(changes: impl IntoIterator<Item = (Key, i64, i64)>) -> BTreeMap<Key, (i64, i64)> {
    let mut sums: BTreeMap<Key, (i64, i64)> = BTreeMap::new();
    for (key, files, bytes) in changes {
        let sum = sums.entry(key).or_default();
        *sum = (sum.0 + files, sum.1 + bytes);
    }
    sums.retain(|_, sum| *sum != (0, 0));
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_that_cancel_each_other_change_no_sum() {
        let changes = [("a", 1, 5), ("b", 1, 7), ("a", -1, -5), ("b", 1, 1), ("c", 1, 3), ("c", 0, -3)];
        assert_eq!(add_up(changes), BTreeMap::from([("b", (2, 8)), ("c", (1, 0))]));
    }
}
