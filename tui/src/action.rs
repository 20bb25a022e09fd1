//! What a person means: one table of actions.
