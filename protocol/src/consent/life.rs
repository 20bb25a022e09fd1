//! The life of a consent: which state may follow which. Every change is an event with its time, who made it and how.

use super::{ConsentEvent, ConsentState, record::blank};

/// Why a history of asking for consent is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadHistory {
    #[error("consent that is {} cannot become {}: {}", .from.words(), .to.words(), remedy(*.from))]
    Step { from: ConsentState, to: ConsentState },
    #[error("it is said to have happened before what was recorded last: check the time")]
    BackInTime,
    #[error("it does not say who, or how")]
    Silent,
}

/// Events in an order in which they can have happened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History(Vec<ConsentEvent>);

impl History {
    /// Takes events, oldest first.
    ///
    /// # Errors
    /// Names the first that cannot follow on from those before it.
    pub fn of(events: &[ConsentEvent]) -> Result<Self, BadHistory> {
        events.iter().cloned().try_fold(Self::default(), Self::then)
    }

    /// The same with one event more.
    ///
    /// # Errors
    /// It cannot follow, or does not say who or how.
    pub fn then(mut self, event: ConsentEvent) -> Result<Self, BadHistory> {
        let from = self.state();
        if !from.may_become(event.event_state) {
            return Err(BadHistory::Step { from, to: event.event_state });
        }
        if self.0.last().is_some_and(|before| event.event_time < before.event_time) {
            return Err(BadHistory::BackInTime);
        }
        if blank(&event.entity) || blank(&event.event_type) {
            return Err(BadHistory::Silent);
        }
        self.0.push(event);
        Ok(self)
    }

    /// Where it has come to, as far as events say.
    #[must_use]
    pub fn state(&self) -> ConsentState {
        self.0.last().map_or(ConsentState::NotSought, |event| event.event_state)
    }

    /// The events, oldest first.
    #[must_use]
    pub fn into_events(self) -> Vec<ConsentEvent> {
        self.0
    }
}

impl ConsentState {
    /// Every state, in the order of a life.
    pub const ALL: [Self; 6] =
        [Self::NotSought, Self::Requested, Self::Given, Self::Refused, Self::Withdrawn, Self::Expired];

    /// May `next` follow? What was withdrawn or has expired does not come back: who consents anew makes a new record.
    /// A record may begin with a withdrawal, of what was given before it.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::NotSought, Self::Requested | Self::Given | Self::Refused | Self::Withdrawn)
                | (Self::Requested, Self::Given | Self::Refused | Self::Expired)
                | (Self::Refused, Self::Requested | Self::Given)
                | (Self::Given, Self::Withdrawn | Self::Expired)
        )
    }
}

const fn remedy(from: ConsentState) -> &'static str {
    match from {
        ConsentState::Withdrawn | ConsentState::Expired => {
            "record what was given anew in a record of its own"
        }
        _ => "record what happened in between first",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(event_state: ConsentState, minute: i64) -> ConsentEvent {
        ConsentEvent {
            event_time: jiff::Timestamp::from_second(1_790_000_000 + 60 * minute).unwrap(),
            event_state,
            entity: "Dana Oakes, mother".into(),
            event_type: "by phone".into(),
        }
    }

    #[test]
    fn a_life_goes_its_way_and_no_other() {
        use ConsentState::{Expired, Given, Refused, Requested, Withdrawn};
        for good in [
            vec![],
            vec![Requested, Given, Withdrawn],
            vec![Requested, Refused, Requested, Given, Expired],
            vec![Refused, Given],
            vec![Withdrawn],
        ] {
            let events: Vec<_> = good.iter().zip(0..).map(|(state, n)| event(*state, n)).collect();
            let history = History::of(&events).unwrap();
            assert_eq!(history.state(), *good.last().unwrap_or(&ConsentState::NotSought));
            assert_eq!(history.into_events(), events);
        }
        for bad in [
            vec![Given, Given],
            vec![Given, Withdrawn, Given],
            vec![Given, Expired, Requested],
            vec![Refused, Withdrawn],
            vec![Requested, Withdrawn],
            vec![Expired],
        ] {
            let events: Vec<_> = bad.iter().zip(0..).map(|(state, n)| event(*state, n)).collect();
            assert!(matches!(History::of(&events), Err(BadHistory::Step { .. })), "{bad:?}");
        }
        for from in ConsentState::ALL {
            assert!(!from.may_become(ConsentState::NotSought) && !from.may_become(from));
        }
    }

    #[test]
    fn an_event_says_who_and_how_and_comes_after_the_one_before() {
        let given = History::of(&[event(ConsentState::Given, 5)]).unwrap();
        assert_eq!(given.clone().then(event(ConsentState::Withdrawn, 4)), Err(BadHistory::BackInTime));
        let silent = ConsentEvent { event_type: " ".into(), ..event(ConsentState::Withdrawn, 6) };
        assert_eq!(given.then(silent), Err(BadHistory::Silent));
    }
}
