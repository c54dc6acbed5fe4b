//! Tests of wireroom, one binary; the modules in reading order.

mod charset;
mod calendar;
mod feed;
