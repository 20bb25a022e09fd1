//! The picture in the README, drawn from the cells of the real program after real keys on a real casebook.

use std::fmt::Write as _;

use kith_tests::world::World;
use ratatui::{
    buffer::{Buffer, Cell},
    style::{Color, Modifier},
};

use crate::{journeys::story, tidy::root};

/// Width and height of a cell, in the units of the picture.
const CELL: (u32, u32) = (9, 20);

#[test]
fn the_picture_in_the_readme_is_the_screen() {
    let world = World::new();
    let mut desk = world.desk("elm-park");
    story::enrol_pupils(&mut desk, &world);
    story::case(&mut desk);
    for (when, kind, text) in [
        ("9/10 1440", "phone", "Mother rang: Rob is staying with them again, she asked him to leave."),
        ("3/11 0850", "attendance", "Late twice this week; came without breakfast both times."),
        ("17/11 1515", "meeting", "Met mother at the gate. She will come in on Friday."),
    ] {
        desk.keys("a")
            .keys(kind)
            .keys("<Enter>")
            .keys(when)
            .keys("<Enter><F5><Enter>welfare<Enter>")
            .keys(text);
        desk.keys("<Tab><Tab><Tab><Tab><Tab>1<C-s><C-s>").sees("Entry recorded");
    }
    story::people(&mut desk);
    desk.resize(110, 32).keys("gg*4<Enter>").keys("<Down>*3<Enter><Up>");
    let drawn = svg(&desk.drawn().0);
    let path = root().join("docs/screen.svg");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &drawn).expect("docs can be written");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == drawn, "docs/screen.svg is not the screen: run with UPDATE=1 and look at it");
}

fn svg(buffer: &Buffer) -> String {
    let (columns, rows) = (u32::from(buffer.area.width), u32::from(buffer.area.height));
    let (width, height) = (columns * CELL.0 + 32, rows * CELL.1 + 32);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\">\n\
         <title>Kith: the chronology of a case</title>\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"10\" fill=\"#16191d\"/>\n\
         <g font-family=\"ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace\" font-size=\"15\">\n"
    );
    for y in 0..buffer.area.height {
        let mut x = 0;
        while x < buffer.area.width {
            let first = &buffer[(x, y)];
            let end = (x..buffer.area.width)
                .find(|at| !alike(first, &buffer[(*at, y)]))
                .unwrap_or(buffer.area.width);
            let text: String = (x..end).map(|at| buffer[(at, y)].symbol()).collect();
            run(&mut out, (x, y, end), &text, first);
            x = end;
        }
    }
    out + "</g>\n</svg>\n"
}

fn alike(a: &Cell, b: &Cell) -> bool {
    (a.fg, a.bg, a.modifier) == (b.fg, b.bg, b.modifier)
}

/// A stretch of cells that look the same.
fn run(out: &mut String, (x, y, end): (u16, u16, u16), text: &str, cell: &Cell) {
    let reversed = cell.modifier.contains(Modifier::REVERSED);
    let wide = u32::from(end - x) * CELL.0;
    let (left, top) = (16 + u32::from(x) * CELL.0, 16 + u32::from(y) * CELL.1);
    if reversed {
        let _ = writeln!(
            out,
            "<rect x=\"{left}\" y=\"{top}\" width=\"{wide}\" height=\"{}\" fill=\"#d5d9de\"/>",
            CELL.1
        );
    }
    if text.trim().is_empty() {
        return;
    }
    let colour = match (reversed, cell.fg) {
        (true, _) => "#16191d",
        (_, Color::Red) => "#ef6b6b",
        (_, Color::Yellow) => "#e3b341",
        (_, Color::Green) => "#7ec97e",
        (_, Color::Cyan) => "#67c5d6",
        _ if cell.modifier.contains(Modifier::DIM) => "#8b949e",
        _ => "#d5d9de",
    };
    let weight = if cell.modifier.contains(Modifier::BOLD) { " font-weight=\"bold\"" } else { "" };
    // Plain spaces would be drawn as one.
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace(' ', "\u{a0}");
    let base = top + 15;
    let _ = writeln!(
        out,
        "<text x=\"{left}\" y=\"{base}\" textLength=\"{wide}\" fill=\"{colour}\"{weight}>{text}</text>"
    );
}
