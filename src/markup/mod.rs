//! HTML as text: a tolerant tokenizer, and the guard that stands before any DOM; and the marks that stand in what is read.

mod tokenizer;
mod entities;
mod text;
mod element;
mod nesting;
mod guard;
mod wall;
mod fold;
mod headline;

pub use entities::decode as decode_entities;
pub use fold::fold;
pub use guard::{Cut, Guarded, Limits, guard};
pub use headline::{Follows, HeadlineMark, headline_mark, without_mark};
pub use text::{blocks, plain, tidy};
pub use tokenizer::{Attributes, Tag, Token, Tokens};
pub use wall::{Wall, wall};
