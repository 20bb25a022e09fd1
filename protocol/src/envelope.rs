//! What a node sees.
