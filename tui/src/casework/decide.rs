//! Decide: the only place that refuses. A command and what it touches become facts, or a refusal that says why.
