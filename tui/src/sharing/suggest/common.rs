//! Names that are also everyday words: they count as names only where they are written as one.

/// Is the folded word a common word, or so short that it may be one?
pub(in crate::sharing) fn is_common(folded: &str) -> bool {
    folded.chars().count() < 3 || COMMON.binary_search(&folded).is_ok()
}

/// Sorted. First names, then family names, that English text uses otherwise; months and days among them.
#[rustfmt::skip]
const COMMON: [&str; 270] = [
    "abbey", "ace", "amber", "angel", "april", "archer", "art", "ash", "asia", "august", "autumn", "baker",
    "ball", "banks", "bar", "barber", "barnes", "bay", "bean", "bear", "bee", "bell", "best", "bill",
    "bird", "bishop", "black", "blessing", "bliss", "blue", "bond", "booth", "bow", "bowman", "boy",
    "bright", "brook", "brooks", "brown", "buddy", "bull", "burns", "bush", "buster", "butcher", "butler",
    "butt", "cable", "camp", "carol", "carter", "case", "chance", "charity", "chase", "cherry", "chief",
    "christian", "church", "clay", "cliff", "coach", "cole", "comfort", "cook", "cooper", "coral", "cotton",
    "cross", "crystal", "daisy", "dale", "dawn", "day", "dean", "destiny", "diamond", "dish", "don", "dot",
    "drew", "driver", "duke", "dusty", "earl", "eden", "english", "eve", "ever", "faith", "farmer",
    "favour", "fern", "field", "finch", "fish", "fisher", "flint", "flora", "flower", "flowers", "ford",
    "forest", "fox", "frank", "french", "friend", "frost", "gale", "gardener", "gene", "gift", "ginger",
    "glen", "gold", "good", "goodwin", "grace", "grant", "gray", "green", "grey", "guy", "hall", "ham",
    "happy", "harbour", "hardy", "harmony", "harper", "hart", "haven", "hazel", "head", "heath", "heather",
    "henna", "hill", "holiday", "holly", "honey", "honour", "hood", "hook", "hope", "house", "hunt",
    "hunter", "hurt", "iris", "ivory", "ivy", "jack", "jade", "jet", "jewel", "joy", "judge", "july",
    "june", "justice", "kay", "king", "kit", "kitty", "knight", "lake", "lance", "land", "lane", "law",
    "leaf", "lily", "little", "long", "lord", "love", "low", "major", "march", "mark", "marks", "marsh",
    "mason", "max", "may", "melody", "mercy", "miles", "mills", "mint", "miracle", "moon", "moss", "nick",
    "night", "noble", "north", "oak", "ocean", "olive", "page", "paige", "park", "parks", "pat", "patience",
    "peace", "pearl", "penny", "pepper", "piper", "poppy", "potter", "power", "precious", "price", "prince",
    "princess", "promise", "prudence", "queen", "rain", "raven", "ray", "read", "red", "reed", "reg", "rice",
    "rich", "river", "rob", "robin", "rock", "rod", "rose", "rosemary", "rowan", "royal", "ruby", "rusty",
    "sage", "sandy", "savannah", "scarlet", "sharp", "short", "skip", "sky", "small", "snow", "spring",
    "star", "stone", "storm", "sue", "summer", "swift", "tiger", "trinity", "victory", "violet", "will",
    "willow", "winter", "wise", "wood", "woods", "young",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_so_that_it_can_be_searched() {
        assert!(
            COMMON.windows(2).all(|pair| pair[0] < pair[1]),
            "{:?}",
            COMMON.windows(2).find(|pair| pair[0] >= pair[1])
        );
        assert!(is_common("will") && is_common("bo") && !is_common("ryan"));
    }
}
