//! The casebook on disk. The only part that knows SQL.
