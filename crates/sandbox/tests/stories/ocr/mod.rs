//! Stories of the emulated OCR.space over real HTTP: pictures go in, what was told comes out.

mod faults;
mod play;
mod reading;
mod tesseract;
