//! Stories of the emulated Google over real HTTP: an owner's sheet, and a program that may read it.

mod csv;
mod faults;
mod play;
mod sheets;
mod tokens;
