//! The tests, in reading order.

mod markup;
