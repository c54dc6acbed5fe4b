//! The fake news web.
