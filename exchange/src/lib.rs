//! How bundles travel: links between two keys, the courier that calls a node, and the node itself.
