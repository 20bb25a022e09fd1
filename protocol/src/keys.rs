//! Keys with one job each.
