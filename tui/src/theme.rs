//! Every colour.
