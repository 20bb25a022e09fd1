//! How bundles travel.
