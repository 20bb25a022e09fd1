//! The story by itself, without a terminal: every line follows a check of what the real parts did.

mod casework;
mod post;
mod sharing;
mod stock;

use jiff::{SignedDuration, civil::Time};

use super::{DemoError, calendar::Calendar, clock::DemoClock, history, interactive, world::World};

/// The hour at which the story begins, on the last school day.
const BEGINS: Time = Time::constant(10, 30, 0, 0);

/// How the story went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Report {
    pub checks: u32,
    pub failed: u32,
}

/// The story as it is told.
pub(super) struct Story<'a> {
    told: &'a mut dyn FnMut(&str),
    step: u32,
    report: Report,
}

impl Story<'_> {
    pub(super) fn step(&mut self, title: &str) {
        self.step += 1;
        (self.told)("");
        (self.told)(&format!("{}. {title}", self.step));
    }

    /// Tells what holds; what does not is told as such, and counted.
    pub(super) fn check(&mut self, what: &str, holds: bool) {
        self.report.checks += 1;
        self.report.failed += u32::from(!holds);
        let mark = if holds { "ok    " } else { "FAILED" };
        (self.told)(&format!("   {mark}  {what}"));
    }

    /// Tells something that is no check.
    pub(super) fn say(&mut self, what: &str) {
        (self.told)(&format!("           {what}"));
    }
}

/// Plays the story in a world of its own. Nothing of the user's is touched.
pub(super) fn play(keep: bool, told: &mut dyn FnMut(&str)) -> Result<Report, DemoError> {
    let clock = DemoClock::system();
    let now = clock.local();
    let begins = Calendar::at(&now).time(0, BEGINS).min(now.datetime());
    clock.set(begins.to_zoned(now.time_zone().clone()).map_err(|_| DemoError::Seed)?.timestamp());
    told("Kith: one child's story, through real parts, with fictional people.");
    let mut world = World::make(clock)?;
    world.end_on_signals(None, false);
    let folder = world.folder().to_owned();
    told(&format!("Everything is in {}, readable by you alone, and goes away at the end.", folder.display()));
    if keep {
        world.keep();
    }
    let mut story = Story { told, step: 0, report: Report::default() };
    let ended = chapters(&mut story, &mut world);
    if let Err(error) = &ended {
        story.check(&format!("the story stopped here: {error}"), false);
    }
    let report = story.report;
    drop(world);
    told("");
    told(&interactive::ended(&folder, keep));
    told(&match report.failed {
        0 => format!("All {} checks hold.", report.checks),
        failed => format!("{failed} of {} checks failed.", report.checks),
    });
    Ok(report)
}

fn chapters(story: &mut Story<'_>, world: &mut World) -> Result<(), DemoError> {
    story.step("Set up: four agencies, a signed directory, a node");
    history::tell(world)?;
    casework::set_up(story, world)?;
    let case = casework::raise_and_work(story, world)?;
    let sent = sharing::compose(story, world, case)?;
    post::travel(story, world, &sent)?;
    stock::without_kith(story, world, case)
}

/// Lets some minutes pass.
pub(super) fn pass(world: &World, minutes: i64) {
    world.clock.set(world.clock.now() + SignedDuration::from_mins(minutes));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_story_holds() {
        let mut lines = Vec::new();
        let report = play(false, &mut |line| lines.push(line.to_owned())).unwrap();
        assert!(report.failed == 0 && report.checks > 30, "{}", lines.join("\n"));
    }
}
