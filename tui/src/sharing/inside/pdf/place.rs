//! Where letters stand on a page (ISO 32000-1, 9.3 and 9.4).

/// How many states are kept for later.
const MAX_SAVED: usize = 256;

/// Moves, turns and stretches.
#[derive(Debug, Clone, Copy)]
pub(super) struct Matrix(pub(super) [f64; 6]);

impl Matrix {
    const ONE: Self = Self([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);

    /// First this, then another.
    fn then(self, other: Self) -> Self {
        let (Self([a, b, c, d, e, f]), Self([g, h, i, j, k, l])) = (self, other);
        Self([
            a.mul_add(g, b * i),
            a.mul_add(h, b * j),
            c.mul_add(g, d * i),
            c.mul_add(h, d * j),
            e.mul_add(g, f.mul_add(i, k)),
            e.mul_add(h, f.mul_add(j, l)),
        ])
    }

    fn moved(self, x: f64, y: f64) -> Self {
        Self([1.0, 0.0, 0.0, 1.0, x, y]).then(self)
    }
}

/// How letters are drawn.
#[derive(Debug, Clone)]
pub(super) struct State {
    pub(super) font: String,
    pub(super) size: f64,
    /// Between letters.
    pub(super) letters: f64,
    /// More at a blank.
    pub(super) words: f64,
    /// How far they are stretched; 1 is not at all.
    pub(super) stretch: f64,
    pub(super) leading: f64,
    page: Matrix,
}

/// What draws them.
#[derive(Debug)]
pub(super) struct Pen {
    pub(super) state: State,
    saved: Vec<State>,
    /// How many were not kept.
    lost: usize,
    /// Where the next letter stands, and where its line begins.
    at: Matrix,
    line: Matrix,
}

/// One letter: from where to where on its line, by the line's own way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Spot {
    pub(super) from: (f64, f64),
    pub(super) to: (f64, f64),
    /// Where the line goes, of length 1.
    pub(super) way: (f64, f64),
    pub(super) em: f64,
}

impl Pen {
    pub(super) const fn new() -> Self {
        let state = State {
            font: String::new(),
            size: 1.0,
            letters: 0.0,
            words: 0.0,
            stretch: 1.0,
            leading: 0.0,
            page: Matrix::ONE,
        };
        Self { state, saved: Vec::new(), lost: 0, at: Matrix::ONE, line: Matrix::ONE }
    }

    pub(super) fn save(&mut self) {
        if self.saved.len() < MAX_SAVED {
            self.saved.push(self.state.clone());
        } else {
            self.lost += 1;
        }
    }

    pub(super) fn restore(&mut self) {
        match self.lost.checked_sub(1) {
            Some(lost) => self.lost = lost,
            None => self.state = self.saved.pop().unwrap_or_else(|| self.state.clone()),
        }
    }

    /// Another page beneath.
    pub(super) fn under(&mut self, by: Matrix) {
        self.state.page = by.then(self.state.page);
    }

    pub(super) const fn begin(&mut self) {
        self.set(Matrix::ONE);
    }

    pub(super) const fn set(&mut self, to: Matrix) {
        (self.at, self.line) = (to, to);
    }

    /// To another line, or elsewhere on this one.
    pub(super) fn go(&mut self, x: f64, y: f64) {
        self.set(self.line.moved(x, y));
    }

    pub(super) fn next_line(&mut self) {
        self.go(0.0, -self.state.leading);
    }

    /// Back by thousandths of an em.
    pub(super) fn back(&mut self, by: f64) {
        self.on(-by / 1000.0 * self.state.size);
    }

    fn on(&mut self, by: f64) {
        self.at = self.at.moved(by * self.state.stretch, 0.0);
    }

    /// A letter of so many ems.
    pub(super) fn letter(&mut self, width: f64, is_blank: bool) -> Spot {
        let start = self.at;
        self.on(width * self.state.size);
        let spot = self.spot(start);
        self.on(self.state.letters + if is_blank { self.state.words } else { 0.0 });
        spot
    }

    fn spot(&self, start: Matrix) -> Spot {
        let Matrix([a, b, _, _, x, y]) = start.then(self.state.page);
        let Matrix([.., to_x, to_y]) = self.at.then(self.state.page);
        let length = a.hypot(b);
        let size = self.state.size * self.state.stretch;
        // A size below nothing turns its letters round.
        let turned = size.signum() / length;
        Spot { from: (x, y), to: (to_x, to_y), way: (a * turned, b * turned), em: (size * length).abs() }
    }
}
