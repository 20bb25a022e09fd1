//! Words of made-up narratives, for benchmarks.

/// Drawn at random, they read like an entry and have its lengths.
pub const WORDS: [&str; 24] = [
    "Jamie",
    "said",
    "that",
    "his",
    "mother's",
    "partner",
    "grabbed",
    "the",
    "arm",
    "because",
    "she",
    "spilled",
    "it,",
    "and",
    "Lena",
    "saw",
    "everything",
    "from",
    "a",
    "window;",
    "safeguarding",
    "lead",
    "was",
    "told.",
];
