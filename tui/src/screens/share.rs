//! stub
use super::{Cx, Face, Flow};
use crate::casework::query::CaseView;
use crate::{action::Action, keymap::Context};
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};
#[derive(Debug, Clone, PartialEq)]
pub struct Share;
impl Share {
    pub fn new(_c: &CaseView) -> Self {
        Self
    }
}
impl Face for Share {
    fn title(&self, _cx: &Cx<'_>) -> (String, String) {
        Default::default()
    }
    fn contexts(&self) -> Vec<Context> {
        vec![Context::Wizard]
    }
    fn act(&mut self, _a: Action, _cx: &Cx<'_>) -> Vec<Flow> {
        vec![Flow::Pop]
    }
    fn view(&self, _cx: &Cx<'_>, area: Rect, _b: &mut Buffer) -> Position {
        crate::widgets::paint::home(area)
    }
}
