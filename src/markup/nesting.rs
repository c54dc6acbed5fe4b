//! The stack of open elements as a tree builder would keep it (HTML standard §13.2.6), without the tree.
//!
//! Where this model and the standard part, the model nests deeper: an element closed too early here
//! would be depth that the guard does not see. Element names are folded to numbers; the list of
//! active formatting elements is kept as counts, with its markers, since only its size costs.

use super::Tag;
use super::element::*;

/// What becomes of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// It stays.
    Kept,
    /// It goes.
    Dropped,
    /// It goes, and was the border of a paragraph.
    DroppedBlock,
}

/// How an open element behaves when others begin and end within it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// `table`, `td`, `object`, …: most end tags do not reach out of it.
    Scope,
    /// Sections, lists, paragraphs: closed by their own kind, and end tags of inline elements stop at them.
    Special,
    /// `b`, `i`, `a`, …, by index: left open they come back in the next block.
    Formatting(usize),
    /// Anything else of HTML.
    Ordinary,
    /// Within `svg`.
    Svg,
    /// Within `math`.
    Math,
    /// `foreignObject` and its like: HTML within `svg` or `math`.
    Integration,
}

#[derive(Clone, Copy)]
struct Open {
    name: u64,
    kind: Kind,
    /// Of a template: what its first element made of it.
    content: Content,
}

/// What a template reads (HTML standard §13.2.6.4.22).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Content {
    Undecided,
    /// Parts of a table.
    Rows,
    /// Anything but parts of a table, which are ignored in it.
    Body,
}

impl Kind {
    /// Whether it is no element of HTML.
    fn is_foreign(self) -> bool {
        matches!(self, Kind::Svg | Kind::Math | Kind::Integration)
    }
}

impl Open {
    /// Whether it is no element of HTML.
    fn is_foreign(&self) -> bool {
        self.kind.is_foreign()
    }
}

/// What the start of a row, a cell or another part of a table found.
#[derive(Clone, Copy)]
enum Entered {
    Table,
    NoTable,
    TooDeep,
}

/// Formatting elements: `active` are to be repeated in every block, `open` are on the stack.
#[derive(Clone, Copy, Default)]
struct Formatting {
    active: [u32; FORMATS],
    open: [u32; FORMATS],
}

/// The state of a tree builder.
pub(super) struct Nesting {
    depth: usize,
    stack: Vec<Open>,
    formatting: Formatting,
    /// What held outside of the open cells and objects.
    markers: Vec<Formatting>,
    /// Dropped elements whose end tags are still to come.
    dropped: std::collections::HashMap<u64, u32>,
    nodes: usize,
    repeats: usize,
}

impl Nesting {
    pub(super) fn new(depth: usize) -> Nesting {
        Nesting {
            depth,
            stack: Vec::with_capacity(64),
            formatting: Formatting::default(),
            markers: Vec::new(),
            dropped: std::collections::HashMap::new(),
            nodes: 0,
            repeats: 0,
        }
    }

    /// Nodes a builder would have made so far.
    pub(super) fn nodes(&self) -> usize {
        self.nodes
    }

    /// How many of them repeat formatting that was left open.
    pub(super) fn repeats(&self) -> usize {
        self.repeats
    }

    /// Whether `<title>`, `<style>` and their like would hold raw text here.
    pub(super) fn reads_html(&self) -> bool {
        !matches!(self.stack.last(), Some(Open { kind: Kind::Svg | Kind::Math, .. }))
    }

    pub(super) fn is_formatting(name: &str) -> bool {
        format_of(fold(name.as_bytes())).is_some()
    }

    pub(super) fn comment(&mut self) -> Seen {
        self.nodes += 1;
        Seen::Kept
    }

    pub(super) fn text(&mut self) -> Seen {
        self.nodes += 1;
        self.reconstruct();
        Seen::Kept
    }

    pub(super) fn start(&mut self, tag: &Tag<'_>) -> Seen {
        let name = fold(tag.name.as_bytes());
        self.nodes += 1;
        if !self.reads_html() {
            if !is_breakout(name) {
                return self.start_foreign(name, tag);
            }
            while matches!(self.stack.last(), Some(Open { kind: Kind::Svg | Kind::Math, .. })) {
                self.pop();
            }
        }
        self.decide_template(name);
        if is_void(name) || is_frame(name) {
            if is_phrasing(name) {
                self.reconstruct();
            }
            return Seen::Kept;
        }
        self.close_implied(name);
        if is_table_part(name) {
            match self.enter_table(name) {
                Entered::Table => {}
                // Outside of a table a builder ignores the tag.
                Entered::NoTable => return Seen::Kept,
                Entered::TooDeep => {
                    *self.dropped.entry(name).or_default() += 1;
                    return Seen::DroppedBlock;
                }
            }
        }
        let kind = match name {
            SVG => Kind::Svg,
            MATH => Kind::Math,
            _ if is_scope(name) => Kind::Scope,
            _ if is_special(name) => Kind::Special,
            _ => format_of(name).map_or(Kind::Ordinary, Kind::Formatting),
        };
        let ordinary = matches!(kind, Kind::Ordinary | Kind::Formatting(_)) && !matches!(name, RB | RP | RT | RTC);
        if ordinary || is_phrasing(name) {
            self.reconstruct();
        }
        if matches!(kind, Kind::Svg | Kind::Math) && tag.self_closing {
            return Seen::Kept;
        }
        if !self.push(name, kind) {
            return if matches!(kind, Kind::Scope | Kind::Special) { Seen::DroppedBlock } else { Seen::Dropped };
        }
        if let Kind::Formatting(index) = kind {
            self.formatting.active[index] += 1;
        }
        Seen::Kept
    }

    /// The first element in a template decides what it reads.
    fn decide_template(&mut self, name: u64) {
        if let Some(open) = self.stack.last_mut()
            && open.name == TEMPLATE
            && !open.is_foreign()
            && open.content == Content::Undecided
            && !is_of_head(name)
        {
            open.content = if is_table_part(name) || name == COL { Content::Rows } else { Content::Body };
        }
    }

    fn start_foreign(&mut self, name: u64, tag: &Tag<'_>) -> Seen {
        let within = self.stack.last().map_or(Kind::Svg, |open| open.kind);
        if tag.self_closing {
            return Seen::Kept;
        }
        let kind = match (within, name) {
            (Kind::Svg, FOREIGN_OBJECT | DESC | TITLE) => Kind::Integration,
            (Kind::Math, MI | MO | MN | MS | MTEXT) => Kind::Integration,
            (Kind::Math, ANNOTATION_XML) => {
                let encoding = tag.attribute("encoding").unwrap_or_default();
                let html = ["text/html", "application/xhtml+xml"].iter().any(|kind| encoding.eq_ignore_ascii_case(kind));
                if html { Kind::Integration } else { Kind::Math }
            }
            // Anywhere else in `math` it is one more element of `math`.
            (Kind::Math, SVG) if self.stack.last().is_some_and(|open| open.name == ANNOTATION_XML) => Kind::Svg,
            (kind, _) => kind,
        };
        if self.push(name, kind) { Seen::Kept } else { Seen::Dropped }
    }

    pub(super) fn end(&mut self, name: &str) -> Seen {
        let name = fold(name.as_bytes());
        if let Some(count) = self.dropped.get_mut(&name) {
            *count -= 1;
            if *count == 0 {
                self.dropped.remove(&name);
            }
            return Seen::Dropped;
        }
        if is_frame(name) {
            return Seen::Kept;
        }
        if let Some(index) = format_of(name)
            && self.formatting.active[index] > 0
        {
            self.formatting.active[index] -= 1;
            self.end_formatting(name);
            return Seen::Kept;
        }
        if matches!(name, P | BR) {
            while matches!(self.stack.last(), Some(Open { kind: Kind::Svg | Kind::Math, .. })) {
                self.pop();
            }
        }
        let found = match self.stack.last() {
            Some(open) if open.is_foreign() => self.find_foreign(name).or_else(|| self.find(name)),
            // Whatever stands in it, the end of a template is its end.
            _ if name == TEMPLATE => self.stack.iter().rposition(|open| open.name == name && !open.is_foreign()),
            _ => self.find(name),
        };
        match found {
            Some(at) if name == FORM => self.remove(at),
            Some(at) => self.pop_to(at),
            // Ignored, or an empty paragraph; either way it took the builder a look through its stack.
            None => self.nodes += 1,
        }
        Seen::Kept
    }

    /// The open element that an end tag within `svg` or `math` closes.
    fn find_foreign(&self, name: u64) -> Option<usize> {
        let foreign = self.stack.iter().enumerate().rev().take_while(|(_, open)| open.is_foreign());
        foreign.filter(|(_, open)| open.name == name).map(|(at, _)| at).next()
    }

    /// The open element that the end tag closes.
    fn find(&self, name: u64) -> Option<usize> {
        let inline = !(is_block_end(name) || is_scope(name));
        let heading = is_heading(name);
        for (at, open) in self.stack.iter().enumerate().rev() {
            if !open.is_foreign() && (open.name == name || heading && is_heading(open.name)) {
                return Some(at);
            }
            let barrier = match open.kind {
                Kind::Special => inline,
                Kind::Scope => inline || !is_table_part(name) && name != TABLE || matches!(open.name, TABLE | TEMPLATE),
                Kind::Integration => true,
                _ => false,
            };
            if barrier || (name == P && open.name == BUTTON) || (name == LI && matches!(open.name, UL | OL)) {
                return None;
            }
        }
        None
    }

    /// Whether an element is open this side of what shuts it off (HTML standard, "has an element in scope").
    fn is_in_scope(&self, name: u64) -> bool {
        let shuts = |open: &Open| match open.kind {
            Kind::Scope => !is_table_part(open.name) || matches!(open.name, TD | TH) || open.name == CAPTION,
            kind => kind == Kind::Integration,
        };
        self.stack.iter().rev().take_while(|open| !shuts(open)).any(|open| open.name == name)
    }

    /// The end tag of a formatting element: alone it is taken off, unless everything within it ended with it.
    fn end_formatting(&mut self, name: u64) {
        let Some(at) = self.stack.iter().rposition(|open| open.name == name && matches!(open.kind, Kind::Formatting(_))) else {
            return;
        };
        let blocks = self.stack[at..].iter().any(|open| matches!(open.kind, Kind::Scope | Kind::Special | Kind::Integration));
        if blocks {
            self.remove(at);
        } else {
            self.pop_to(at);
        }
    }

    /// Ends what the start of `name` ends.
    fn close_implied(&mut self, name: u64) {
        if is_paragraph_end(name)
            && let Some(at) = self.find(P)
        {
            self.pop_to(at);
        }
        match name {
            LI | DD | DT => {
                let own = |open: u64| open == name || (name != LI && matches!(open, DD | DT));
                let stop = |open: &Open| {
                    matches!(open.kind, Kind::Scope | Kind::Special | Kind::Integration) && !matches!(open.name, ADDRESS | DIV | P)
                };
                let found = self.stack.iter().enumerate().rev().find(|(_, open)| own(open.name) || stop(open));
                if let Some((at, _)) = found.filter(|(_, open)| own(open.name)) {
                    self.pop_to(at);
                }
            }
            RB | RP | RT | RTC if self.is_in_scope(RUBY) => {
                let implied = |open: &Open| {
                    matches!(open.name, DD | DT | LI | OPTGROUP | OPTION | P | RB | RP | RT)
                        || (open.name == RTC && matches!(name, RB | RTC))
                };
                while self.stack.last().is_some_and(implied) {
                    self.pop();
                }
            }
            // A table right in a table ends that one; only a cell or a caption holds another.
            TABLE => {
                let near = self
                    .stack
                    .iter()
                    .rposition(|open| !open.is_foreign() && matches!(open.name, TABLE | TD | TH | CAPTION | TEMPLATE));
                if let Some(at) = near.filter(|at| self.stack[*at].name == TABLE) {
                    self.pop_to(at);
                }
            }
            OPTION | OPTGROUP if self.stack.last().is_some_and(|open| open.name == OPTION) => self.pop(),
            BUTTON => {
                if let Some(at) = self.find(BUTTON) {
                    self.pop_to(at);
                }
            }
            NOBR => {
                if let Some(index) = format_of(NOBR)
                    && self.is_in_scope(NOBR)
                {
                    self.formatting.active[index] = self.formatting.active[index].saturating_sub(1);
                    self.end_formatting(NOBR);
                }
            }
            A => {
                if let Some(index) = format_of(A)
                    && self.formatting.active[index] > 0
                {
                    self.formatting.active[index] -= 1;
                    self.end_formatting(A);
                }
            }
            _ if is_heading(name) && self.stack.last().is_some_and(|open| is_heading(open.name)) => self.pop(),
            _ => {}
        }
    }

    /// Goes back to the table for a row, a cell or another part of it, and puts in what is implied between.
    fn enter_table(&mut self, name: u64) -> Entered {
        let stops = |open: &Open| match name {
            TD | TH => matches!(open.name, TR | TBODY | THEAD | TFOOT | TABLE | TEMPLATE),
            TR => matches!(open.name, TBODY | THEAD | TFOOT | TABLE | TEMPLATE),
            _ => matches!(open.name, TABLE | TEMPLATE),
        };
        let Some(at) = self.stack.iter().rposition(stops) else { return Entered::NoTable };
        let within = self.stack[at].name;
        if self.stack[at].content == Content::Body {
            return Entered::NoTable;
        }
        // Whether a template reads rows, and what they are put into, depends on what came first in it;
        // deeper is the safe guess.
        let floor = if within == TEMPLATE { self.stack.len() } else { at + 1 };
        let body = matches!(name, TD | TH | TR) && matches!(within, TABLE | TEMPLATE);
        let row = matches!(name, TD | TH) && within != TR;
        if floor + usize::from(body) + usize::from(row) >= self.depth {
            // The tag will go, and what it would have ended stays open.
            return Entered::TooDeep;
        }
        self.pop_to(floor);
        for implied in [body.then_some(TBODY), row.then_some(TR)].into_iter().flatten() {
            self.nodes += 1;
            self.push(implied, Kind::Scope);
        }
        Entered::Table
    }

    /// Opens again what formatting was left open (HTML standard §13.2.4.3).
    fn reconstruct(&mut self) {
        if self.formatting.active == self.formatting.open {
            return;
        }
        for (index, &name) in FORMAT_NAMES.iter().enumerate() {
            while self.formatting.open[index] < self.formatting.active[index] {
                self.nodes += 1;
                self.repeats += 1;
                if !self.push(name, Kind::Formatting(index)) {
                    // Too deep already: what cannot be seen open must not be waited for.
                    self.dropped.remove(&name);
                    self.repeats += self.depth;
                    return;
                }
            }
        }
    }

    /// Opens an element, or notes that its end tag has to go as well.
    fn push(&mut self, name: u64, kind: Kind) -> bool {
        if self.stack.len() >= self.depth {
            *self.dropped.entry(name).or_default() += 1;
            return false;
        }
        if is_marker(name) && !kind.is_foreign() {
            self.markers.push(std::mem::take(&mut self.formatting));
        } else if let Kind::Formatting(index) = kind {
            self.formatting.open[index] += 1;
        }
        self.stack.push(Open { name, kind, content: Content::Undecided });
        true
    }

    fn pop(&mut self) {
        let Some(open) = self.stack.pop() else { return };
        if is_marker(open.name) && !open.is_foreign() {
            self.formatting = self.markers.pop().unwrap_or_default();
        } else if let Kind::Formatting(index) = open.kind {
            self.formatting.open[index] = self.formatting.open[index].saturating_sub(1);
        }
    }

    fn pop_to(&mut self, at: usize) {
        while self.stack.len() > at {
            self.pop();
        }
    }

    /// Takes one element out from under those within it.
    fn remove(&mut self, at: usize) {
        let open = self.stack.remove(at);
        if let Kind::Formatting(index) = open.kind {
            self.formatting.open[index] = self.formatting.open[index].saturating_sub(1);
        }
    }
}
