//! What goes wrong outside: a program that is killed, a disk that is full.

mod node_program;
