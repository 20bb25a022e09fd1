//! When a second person must check a share, by who receives it and how serious the case is.

use std::collections::BTreeSet;

use kith_protocol::directory::Sector;
use serde::{Deserialize, Serialize};

use super::case::LevelOfNeed;

/// What the school asks for; nothing by default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharingPolicy {
    pub sectors: BTreeSet<Sector>,
    pub levels: BTreeSet<LevelOfNeed>,
}

/// Must somebody else look at a share with an agency of `sector`, from a case at `level`?
#[must_use]
pub fn needs_second(policy: &SharingPolicy, sector: Sector, level: LevelOfNeed) -> bool {
    policy.sectors.contains(&sector) || policy.levels.contains(&level)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_the_sector_or_the_level_asks_for_it_and_nothing_does_by_default() {
        use LevelOfNeed as L;
        use Sector as S;
        let none = SharingPolicy::default();
        let policy = SharingPolicy { sectors: [S::School].into(), levels: [L::ChildProtection].into() };
        for (sector, level, needed) in [
            (S::School, L::Universal, true),
            (S::Police, L::ChildProtection, true),
            (S::School, L::ChildProtection, true),
            (S::Police, L::ChildInNeed, false),
            (S::Other, L::Universal, false),
        ] {
            assert_eq!(needs_second(&policy, sector, level), needed, "{sector:?} {level:?}");
            assert!(!needs_second(&none, sector, level), "{sector:?} {level:?}");
        }
    }
}
