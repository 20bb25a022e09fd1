//! Kith for safeguarding leads.
