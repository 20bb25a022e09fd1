//! The shape of the trees: that of RFC 6962, for any number of leaves.

/// A stretch of leaves. `count` is 1 or more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) first: usize,
    pub(super) count: usize,
}

impl Span {
    /// All leaves.
    pub(super) const fn whole(count: usize) -> Self {
        Self { first: 0, count }
    }

    pub(super) const fn end(self) -> usize {
        self.first + self.count
    }

    /// The two subtrees below: the left has the largest power of two that leaves something for the right.
    pub(super) const fn halves(self) -> Option<(Self, Self)> {
        if self.count < 2 {
            return None;
        }
        let left = 1 << (self.count - 1).ilog2();
        Some((
            Self { first: self.first, count: left },
            Self { first: self.first + left, count: self.count - left },
        ))
    }

    /// Puts the largest subtrees of this one that together are its leaves in `run` to the end of `found`, in order.
    pub(super) fn cover(self, run: Self, found: &mut Vec<Self>) {
        if run.first <= self.first && self.end() <= run.end() {
            found.push(self);
        } else if run.count > 0
            && run.first < self.end()
            && self.first < run.end()
            && let Some((left, right)) = self.halves()
        {
            left.cover(run, found);
            right.cover(run, found);
        }
    }
}

/// Which leaves are open: runs of them, apart from each other, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Runs {
    pub(super) total: usize,
    open: Vec<Span>,
}

impl Runs {
    /// The runs of a row in which each leaf is open or not.
    pub(super) fn of(open: &[bool]) -> Self {
        Self::by_turns(
            open.len(),
            open.first() == Some(&true),
            open.chunk_by(|a, b| a == b).map(<[bool]>::len),
        )
    }

    /// Runs of these lengths, open and withheld by turns.
    pub(super) fn by_turns(
        total: usize,
        first_is_open: bool,
        lengths: impl IntoIterator<Item = usize>,
    ) -> Self {
        let (mut open, mut first, mut is_open) = (Vec::new(), 0, first_is_open);
        for count in lengths {
            if is_open && count > 0 {
                open.push(Span { first, count });
            }
            first += count;
            is_open = !is_open;
        }
        Self { total, open }
    }

    /// The open runs.
    pub(super) fn open(&self) -> impl Iterator<Item = Span> {
        self.open.iter().copied()
    }

    /// Every run and whether it is open.
    pub(super) fn each(&self) -> Vec<(Span, bool)> {
        let (mut runs, mut told) = (Vec::new(), 0);
        let withheld = |first, end| (first < end).then(|| (Span { first, count: end - first }, false));
        for run in &self.open {
            runs.extend(withheld(told, run.first));
            runs.push((*run, true));
            told = run.end();
        }
        runs.extend(withheld(told, self.total));
        runs
    }

    /// The largest subtrees that are wholly open or wholly withheld, in order.
    pub(super) fn subtrees(&self) -> Vec<(Span, bool)> {
        let (mut all, mut found) = (Vec::new(), Vec::new());
        for (run, open) in self.each() {
            Span::whole(self.total).cover(run, &mut found);
            all.extend(found.drain(..).map(|span| (span, open)));
        }
        all
    }
}
