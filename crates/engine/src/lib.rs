//! Decides what a support desk does with each event. Pure: no clock, no chance, no network, no
//! database; what it must know it asks for ([`facts::Need`]), what must happen it returns
//! ([`effect::Effect`]).
//!
//! Start reading at [`decide::decide`].

pub mod amounts;
pub mod board;
pub mod broadcast;
pub mod client;
pub mod content;
pub mod decide;
pub mod desk;
pub mod effect;
pub mod event;
pub mod facts;
pub mod ids;
pub mod keys;
pub mod money;
pub mod payment;
pub mod phone;
pub mod phrases;
pub mod policy;
pub mod records;
pub mod reminder;
pub mod scenario;
pub mod sheet;
pub mod task;
pub mod ticket;
