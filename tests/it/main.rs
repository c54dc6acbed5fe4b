//! The tests, in reading order.

mod charset;
mod calendar;
mod markup;
