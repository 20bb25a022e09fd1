//! Widgets: they draw and edit, and know no case.

pub mod editor;
pub mod form;
pub mod form_view;
pub mod list;
pub mod paint;
pub mod safe_text;
