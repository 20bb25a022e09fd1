//! The child's people: household, ties, parental responsibility, contact rules, addresses and who must not learn them.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::{Line, Span},
};

use super::{CaseScreen, Tab};
use crate::{
    casework::{
        ids::PersonId,
        person::{Address, ContactRule, Person, Relation},
        query::Network,
    },
    screens::Cx,
    text,
    widgets::{
        list::Rows,
        paint::{Columns, span, titled},
        safe_text::wrap,
    },
};

impl CaseScreen {
    /// Who is selected, on the tab of people.
    pub(super) fn person(&self) -> Option<&(PersonId, Person)> {
        self.place().of(&self.network.people).filter(|_| self.tab == Tab::People)
    }
}

/// Rows of the list: people, then addresses.
pub(super) fn len(network: &Network) -> usize {
    network.people.len() + network.addresses.len()
}

/// What is said of each protected address.
pub(super) fn protected(network: &Network) -> Vec<String> {
    network
        .addresses
        .iter()
        .map(|(_, address)| address)
        .filter(|address| address.protected)
        .map(notice)
        .collect()
}

fn notice(address: &Address) -> String {
    let whom = if address.protected_from.is_empty() { "anyone" } else { address.protected_from.as_str() };
    format!("PROTECTED ADDRESS, do not disclose to {whom}")
}

pub(super) fn view(screen: &CaseScreen, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) -> Position {
    let child = screen.case.as_ref().map(|case| case.case.child);
    let room = usize::from(area.width.saturating_sub(2));
    let network = &screen.network;
    let mut rows: Vec<Vec<Line<'static>>> = Vec::new();
    for (id, person) in &network.people {
        rows.push(person_lines(*id, person, child, network, cx, room));
    }
    for (_, address) in &network.addresses {
        rows.push(address_lines(address, network, cx, room));
    }
    let empty = "Nobody is tied to this child yet. a adds a person, r ties somebody already known.";
    let titles = Columns::new(cx.look, room + 2).cell("", 0, cx.look.theme.quiet);
    let titles = titles.cell("To the child", 16, cx.look.theme.quiet).rest("Who", cx.look.theme.quiet);
    let area = titled(buf, area, &titles);
    Rows { look: cx.look, place: screen.place(), focused: true, empty }.view(buf, area, &rows)
}

fn person_lines(
    id: PersonId,
    person: &Person,
    child: Option<PersonId>,
    network: &Network,
    cx: &Cx<'_>,
    room: usize,
) -> Vec<Line<'static>> {
    let theme = cx.look.theme;
    let ties: Vec<&Relation> = child.map(|child| network.ties(child, id).collect()).unwrap_or_default();
    // Of what two records of the child say the stricter counts.
    let strict = |contact| ties.iter().copied().find(|tie| tie.contact == contact);
    let tie = [ContactRule::None, ContactRule::Supervised, ContactRule::Open].into_iter().find_map(strict);
    let responsible = ties.iter().any(|tie| tie.from == id && tie.parental_responsibility);
    let what = match tie {
        _ if Some(id) == child => "the child".to_owned(),
        _ if network.same.contains(&id) => "the same child".to_owned(),
        Some(tie) if tie.from == id => text::relation(tie.kind).to_owned(),
        Some(tie) => text::relation_back(tie.kind).to_owned(),
        None => text::person_kind(&person.kind),
    };
    let head = Columns::new(cx.look, room).cell(&what, 16, theme.quiet).text(&person.name(), theme.strong);
    let mut out = vec![head.rest(&about(person, tie, responsible), theme.plain)];
    if let Some((.., Some(mark))) = network.others().find(|(other, ..)| *other == id) {
        let at = text::moment(mark.at, cx.now.time_zone());
        let words = format!("{id}, the same person: {}; {}, {at}", mark.why, mark.by.name);
        out.extend(wrap(&words, room.saturating_sub(18)).iter().map(|line| indented(line, theme.quiet)));
    }
    let warn = tie.filter(|tie| tie.contact != ContactRule::Open);
    out.extend(warn.map(|tie| indented(text::contact(tie.contact), theme.danger)));
    let hidden =
        network.addresses.iter().any(|(_, a)| a.protected && !a.people.contains(&id) && names(a, person));
    if hidden {
        let words = "DO NOT DISCLOSE the protected address to this person";
        out.extend(wrap(words, room.saturating_sub(18)).iter().map(|line| indented(line, theme.danger)));
    }
    out
}

/// Is the address protected from this person, by name?
fn names(address: &Address, person: &Person) -> bool {
    let from = address.protected_from.to_lowercase();
    let name = person.name().to_lowercase();
    !name.is_empty() && from.contains(&name)
}

fn about(person: &Person, tie: Option<&Relation>, responsible: bool) -> String {
    let mut words = Vec::new();
    words.extend(person.born.map(|born| format!("born {}", text::date(born))));
    words.extend(responsible.then(|| "parental responsibility".to_owned()));
    if let Some(tie) = tie {
        words.push(if tie.same_household { "same household" } else { "other household" }.to_owned());
    }
    words.extend(person.phones.iter().cloned());
    words.join(", ")
}

fn address_lines(address: &Address, network: &Network, cx: &Cx<'_>, room: usize) -> Vec<Line<'static>> {
    let theme = cx.look.theme;
    let lives =
        |id: &PersonId| network.people.iter().find(|(other, _)| other == id).map(|(_, person)| person.name());
    let who: Vec<String> = address.people.iter().filter_map(lives).collect();
    let place = format!("{}, {}", address.lines.replace('\n', ", "), address.postcode);
    let head = Columns::new(cx.look, room).cell("address", 16, theme.quiet).text(&place, theme.plain);
    let mut out = vec![head.rest(&who.join(", "), theme.quiet)];
    if address.protected {
        out.extend(
            wrap(&notice(address), room.saturating_sub(18)).iter().map(|line| indented(line, theme.danger)),
        );
    }
    out
}

fn indented(text: &str, style: ratatui::style::Style) -> Line<'static> {
    Line::from(vec![Span::raw(" ".repeat(18)), span(text, style)])
}
