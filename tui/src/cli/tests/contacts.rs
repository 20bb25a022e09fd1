//! Whose keys are whose: vouched for, verified, changed, verified again.

use kith_protocol::words::eight_words;

use super::{
    sharing::{case, consent, decide, share},
    *,
};
use crate::sharing::office::Office;

/// A later directory, in which the police have other keys.
fn police_change_their_keys(world: &World) {
    let since = now().timestamp() - SignedDuration::from_hours(1);
    let elsewhere = world.path("police-again");
    let (_, fresh) =
        agency(&elsewhere, "northshire-police", ("Northshire Police PPU", Sector::Police), since);
    let mut directory = world.directory.clone();
    directory.version += 1;
    let police = directory.members.iter_mut().find(|one| one.id.as_str() == "northshire-police").unwrap();
    police.keys = fresh.keys;
    let signed = directory.sign(&[&world.partnership]).unwrap();
    let casebook = Casebook::unlock(&world.path("elm-park"), &Passphrase::from(SECRET)).unwrap();
    let mut office = Office::open(casebook, &world.path("elm-park"), &now()).unwrap();
    office.take_directory(&signed, &now()).unwrap();
}

fn police(world: &World) -> (String, String) {
    let listed = world.kith("contacts list --json", "").json("contact-list/1");
    let rows = listed["contacts"].as_array().unwrap();
    assert_eq!((rows.len(), &rows[0]["agency"]), (1, &"northshire-police".into()), "not ourselves");
    (rows[0]["trust"].as_str().unwrap().to_owned(), rows[0]["words"].as_str().unwrap().replace(' ', "@"))
}

#[test]
fn keys_that_change_stop_every_share_until_somebody_compared_the_new_words() {
    let world = World::new();
    let (case, _) = case(&world);
    let record = consent(&world, case);
    let undecided = share(&world, case, &record, "--json");
    let decisions = decide(&world, &undecided);
    let dry_run = || share(&world, case, &record, &format!("--decisions {decisions} --dry-run"));
    let (trust, words) = police(&world);
    assert_eq!(trust, "VOUCHED BY Northshire");
    let known = world.directory.member(&"northshire-police".parse().unwrap()).unwrap();
    assert_eq!(words.replace('@', " "), eight_words(&known.keys).join(" "));

    let verify = |words: &str| {
        world.kith(&format!("contacts verify northshire-police --number 01632@960410 --words {words}"), "")
    };
    let misheard = verify("these@are@not@the@eight@words@of@anybody");
    assert_eq!(misheard.exit, Exit::Refused, "{}", misheard.err);
    assert_eq!(police(&world).0, "VOUCHED BY Northshire", "nothing was recorded");
    let unasked = world.kith("contacts verify northshire-police --in-person", "");
    assert_eq!(unasked.exit, Exit::Usage, "nobody is there to hear them: {}", unasked.err);
    assert_eq!(world.kith("contacts verify st-judes --in-person", "").exit, Exit::NothingMatched);
    assert_eq!(
        world.kith("contacts verify elm-park --in-person", "").exit,
        Exit::NothingMatched,
        "ourselves"
    );
    assert_eq!(verify(&words).exit, Exit::Done);
    assert_eq!(police(&world).0, "VERIFIED (telephone 01632 960410, 20 Nov, Amina Khan)");
    assert_eq!(dry_run().exit, Exit::Done);

    police_change_their_keys(&world);
    let (trust, changed) = police(&world);
    assert!(trust.starts_with("CHANGED KEY") && changed != words, "{trust}");
    let refused = dry_run();
    assert_eq!(refused.exit, Exit::Refused, "{}", refused.err);
    assert!(refused.err.contains("kith contacts verify northshire-police"), "{}", refused.err);
    assert_eq!(verify(&words).exit, Exit::Refused, "the old words are not theirs any more");
    assert_eq!(verify(&changed).exit, Exit::Done);
    assert_eq!(dry_run().exit, Exit::Done, "and it may go");

    // What a person said is a fact: it is there again when everything is computed anew.
    assert_eq!(world.kith("casebook rebuild", "").exit, Exit::Done);
    assert!(police(&world).0.starts_with("VERIFIED (telephone"));
}
