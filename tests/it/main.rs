//! The integration tests, one binary.

mod robots;
