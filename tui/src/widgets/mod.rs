//! Widgets: they draw and edit, and know no case.
