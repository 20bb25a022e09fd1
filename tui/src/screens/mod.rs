//! Screens: they ask and draw, and do nothing themselves.
