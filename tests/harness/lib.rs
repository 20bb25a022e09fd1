//! What the journeys stand on: casebooks of any size.

pub mod scale;
