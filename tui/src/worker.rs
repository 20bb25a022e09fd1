//! Carries requests out, off the screen thread.
