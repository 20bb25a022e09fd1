use super::world::World;

#[test]
fn show() {
    let sizes = [(80, 24)];
    for size in sizes {
        for keys in [
            "",
            "2",
            "2t",
            "2t2",
            "3",
            "3<Enter>",
            "3<Enter>[",
            "3<Enter>]",
            "3<Enter>]]",
            "3<Enter>]]]",
            "4",
            "5",
            "5]",
            "5]]",
            "<C-n>",
            "<C-n>may<Enter><Tab>today 0905",
            "?",
            ":",
            "<C-f>may",
            "2jh",
            "3<Enter>S",
        ] {
            let mut world = World::open(size);
            world.keys(keys);
            println!("=== {size:?} {keys}\n{}\n cursor: {}", world.screen(), world.cursor_line());
        }
    }
}
