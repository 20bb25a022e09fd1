//! Lines as people type them.

use clap::CommandFactory as _;

use super::*;

fn parse(line: &str) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(line.split_whitespace())
}

#[test]
fn the_table_of_verbs_is_sound_and_the_help_begins_with_examples() {
    Cli::command().debug_assert();
    let help = Cli::command().render_long_help().to_string();
    assert!(help.starts_with("Examples:"), "{help}");
    for code in ["130  interrupted", "6  refused by a rule"] {
        assert!(help.contains(code), "{code}");
    }
}

#[test]
fn verbs_read_as_people_type_them() {
    for line in [
        "kith",
        "kith init --agency elm-park --sector school",
        "kith join invitation.json --compared",
        "kith unlock --passphrase-fd 3",
        "kith recover --card-fd 3 --new-passphrase-fd 4 --name Amina --role DSL",
        "kith passphrase --new-passphrase-fd 4",
        "kith holder add Ben --role Deputy",
        "kith holder list --json",
        "kith holder remove Ben",
        "kith people find",
        "kith people find -",
        "kith people import pupils.csv --json",
        "kith concern add --json",
        "kith people import pupils.csv --update",
        "kith people list --pupils",
        "kith people amend 1-42",
        "kith concern show 1-50",
        "kith concern triage 1-50 --level early-help --no-further-action -",
        "kith concern triage 1-50 --level child-protection --open title.txt --lead Ben --json",
        "kith contacts list --json",
        "kith contacts verify northshire-police --number 01632 --words a",
        "kith case open 1-42 --level child-in-need --title -",
        "kith case show 1-42",
        "kith --casebook /tmp/x chronology 1-42 --significant",
        "kith share 1-42 --to northshire-police --consent - --entries 1-50,1-51 --dry-run",
        "kith share 1-42 --to northshire-police --template",
        "kith check list --json",
        "kith check approve 1-42",
        "kith check return 1-42 --why -",
        "kith check policy --sector school --sector health --level child-protection --why -",
        "kith check policy",
        "kith inbox",
        "kith inbox --json",
        "kith inbox answer 1-9 --declined --note -",
        "kith open b.age --envelope e.json --out d",
        "kith casebook check --json",
        "kith completions bash",
    ] {
        assert!(parse(line).is_ok(), "{line}: {}", parse(line).unwrap_err());
    }
}

#[test]
fn every_verb_and_every_argument_says_what_it_is() {
    fn undescribed(command: &clap::Command, path: &str, found: &mut Vec<String>) {
        let silent = |help: Option<&clap::builder::StyledStr>| {
            help.is_none_or(|help| help.to_string().trim().is_empty())
        };
        for argument in command.get_arguments().filter(|argument| !argument.is_hide_set()) {
            if silent(argument.get_help()) {
                found.push(format!("{path}: {}", argument.get_id()));
            }
        }
        for verb in command.get_subcommands() {
            let path = format!("{path} {}", verb.get_name());
            if silent(verb.get_about()) {
                found.push(path.clone());
            }
            undescribed(verb, &path, found);
        }
    }
    let mut found = Vec::new();
    let mut cli = Cli::command();
    cli.build();
    undescribed(&cli, "kith", &mut found);
    found.retain(|path| !path.contains(" help"));
    assert!(found.is_empty(), "without a word of help: {found:#?}");
}

#[test]
fn the_help_of_a_concern_lists_every_word_it_takes() {
    let mut cli = Cli::command();
    let add = cli.find_subcommand_mut("concern").and_then(|verb| verb.find_subcommand_mut("add")).unwrap();
    let help = add.render_long_help().to_string();
    for word in ["welfare", "alleged-victim", "professional-opinion"] {
        assert!(help.contains(word), "{word}: {help}");
    }
}

#[test]
fn wrong_usage_is_refused_and_no_argument_takes_a_passphrase() {
    for line in [
        "kith share 1-42 --consent c.json",
        "kith share 1-42 --to northshire-police",
        "kith share 1-42 --to Police! --consent c.json",
        "kith share nonsense --to northshire-police --consent c.json",
        "kith check return 1-42",
        "kith people import pupils.csv --update --again",
        "kith concern triage 1-50 --level early-help",
        "kith concern triage 1-50 --level early-help --case 1-2 --open -",
        "kith concern triage 1-50 --level early-help --case 1-2 --lead Ben",
        "kith contacts verify northshire-police",
        "kith check policy --off --sector school",
        "kith inbox answer 1-9",
        "kith inbox answer 1-9 --receipted --declined",
        "kith unlock --passphrase secret",
        "kith passphrase secret",
        "kith recover secret",
        "kith holder add Ben secret --role Deputy",
        "kith demo --as nobody",
    ] {
        assert!(parse(line).is_err(), "{line}");
    }
}

/// Every `kith ...` in the program's own words and in the documents, with where it stands.
fn named() -> Vec<(String, Vec<String>)> {
    let root = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let (mut folders, mut out) = (vec![root.join("tui/src"), root.join("docs"), root.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && folder != root {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs" || end == "md") {
                let text = std::fs::read_to_string(&path).unwrap();
                for start in ["`kith ", "run kith ", "run: kith ", "\n    kith ", "$ kith "] {
                    for rest in text.split(start).skip(1) {
                        let verb = |word: &&str| word.chars().all(|c| c.is_ascii_lowercase() || c == '-');
                        let ends =
                            rest.find(['`', '\n', '"', '.', ',', ';', ':', '{', ')']).unwrap_or(rest.len());
                        let words = rest[..ends].split(' ').take_while(verb).take(2);
                        out.push((path.display().to_string(), words.map(str::to_owned).collect()));
                    }
                }
            }
        }
    }
    out
}

#[test]
fn every_command_that_is_named_anywhere_is_one() {
    let cli = Cli::command();
    let named = named();
    assert!(named.len() > 40, "only {}", named.len());
    for (file, words) in named {
        let Some(first) = words.first().filter(|word| !word.is_empty() && !word.starts_with('-')) else {
            continue;
        };
        let verb = cli.find_subcommand(first);
        assert!(verb.is_some(), "{file} names `kith {first}`, and there is none");
        let below = verb.filter(|verb| verb.has_subcommands()).zip(words.get(1));
        let known = below.is_none_or(|(verb, second)| verb.find_subcommand(second).is_some());
        assert!(known, "{file} names `kith {}`, and there is none", words.join(" "));
    }
}
