//! Whole journeys: the story by keys, the program in a terminal, the command line in a script.

mod story;
