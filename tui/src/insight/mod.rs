//! Figures computed from rows given.
