//! HTML as text: a tolerant tokenizer, and the guard that stands before any DOM.

mod tokenizer;
mod entities;
mod text;
mod element;
mod nesting;
mod guard;
mod wall;

pub use entities::decode as decode_entities;
pub use guard::{Cut, Guarded, Limits, guard};
pub use text::{blocks, plain, tidy};
pub use tokenizer::{Attributes, Tag, Token, Tokens};
pub use wall::{Wall, wall};
