//! A text as words that compare whatever the case, the accents, the quotation marks and the layout.

/// What a word says of the story it stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Any word.
    Plain,
    /// A word with a capital letter inside a sentence: somebody or something.
    Name,
    /// A word with a digit.
    Number,
}

/// One word: its letters as a number that can be put together with its neighbours'.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Word {
    /// A polynomial of the folded letters, so that the hash of two words in one is known from theirs.
    pub(super) hash: u64,
    /// `BASE` to the number of letters.
    power: u64,
    /// The same number of its first letters: what it has in common with its other forms.
    pub(super) stem: u64,
    /// Number of letters, at most 255.
    pub(super) letters: u8,
    /// What it says.
    pub(super) kind: Kind,
    /// Whether its script has no capital letters.
    pub(super) caseless: bool,
    /// Half-words: a character of a script without spaces is half a word.
    pub(super) weight: u8,
}

impl Word {
    /// `BASE` to the number of letters.
    pub(super) fn power(self) -> u64 {
        self.power
    }
}

/// Letters of a word that are its stem.
const STEM: u32 = 5;
/// An odd number without pattern; part of what is stored, so it never changes.
pub(super) const BASE: u64 = 0x9e37_79b9_7f4a_7c15;

/// What the reader of a text is told, in order.
pub(super) trait Listener {
    /// One folded letter or digit.
    fn letter(&mut self, letter: char);
    /// The word is complete.
    fn word(&mut self, word: Word);
}

/// Reads a text letter by letter. One pass, nothing is allocated.
pub(super) fn read(text: &str, listener: &mut impl Listener) {
    let mut reader = Reader { listener, current: None, opens: true, before: '\n', single: false };
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        reader.take(letter, letters.peek().copied());
    }
    reader.end();
}

/// The words of a text, at most `most`.
pub(super) fn words(text: &str, most: usize) -> Vec<Word> {
    words_and_case(text, most).0
}

/// The words of a text, at most `most`, and whether capitals say nothing in it, as most words have one.
pub(super) fn words_and_case(text: &str, most: usize) -> (Vec<Word>, bool) {
    struct Collect(Vec<Word>, usize);
    impl Listener for Collect {
        fn letter(&mut self, _: char) {}
        fn word(&mut self, word: Word) {
            if self.0.len() < self.1 {
                self.0.push(word);
            }
        }
    }
    let mut collect = Collect(Vec::with_capacity((text.len() / 6).min(most)), most);
    read(text, &mut collect);
    let mut words = collect.0;
    let shouted = settle(&mut words);
    (words, shouted)
}

/// Where most words have capitals, as in headlines of some desks, capitals say nothing.
fn settle(words: &mut [Word]) -> bool {
    let names = words.iter().filter(|word| word.kind == Kind::Name).count();
    let shouted = names * 2 > words.len();
    if shouted {
        words.iter_mut().filter(|word| word.kind == Kind::Name).for_each(|word| word.kind = Kind::Plain);
    }
    shouted
}

struct Reader<'a, L: Listener> {
    listener: &'a mut L,
    current: Option<Growing>,
    /// Whether the next word opens a sentence.
    opens: bool,
    /// The letter before, as written.
    before: char,
    /// Whether the word before was one letter: its full stop ends no sentence ("J. Smith", "U.S. forces").
    single: bool,
}

struct Growing {
    hash: u64,
    power: u64,
    stem: u64,
    letters: u32,
    digits: u32,
    capital: bool,
    unspaced: bool,
    cased: bool,
}

impl<L: Listener> Reader<'_, L> {
    fn take(&mut self, letter: char, next: Option<char>) {
        let before = std::mem::replace(&mut self.before, letter);
        if letter.is_ascii() {
            return self.take_ascii(letter, before, next);
        }
        if is_mark(letter) {
            // Combining marks, tatweel, joiners and soft hyphens neither are letters nor end a word.
            return;
        }
        if !is_letter(letter) {
            return self.between(letter);
        }
        if is_unspaced(letter) {
            self.end();
            self.start(false, true);
            self.push(fold(letter));
            return self.end();
        }
        let upper = letter.is_uppercase();
        if upper && before.is_lowercase() {
            self.end();
        }
        if self.current.is_none() {
            self.start(upper, false);
        }
        self.push(fold(letter));
    }

    fn take_ascii(&mut self, letter: char, before: char, next: Option<char>) {
        if letter.is_ascii_alphanumeric() {
            let upper = letter.is_ascii_uppercase();
            // "saidThe" is two words whose blank was lost.
            if upper && before.is_lowercase() {
                self.end();
            }
            if self.current.is_none() {
                self.start(upper, false);
            }
            self.push(letter.to_ascii_lowercase());
            return;
        }
        // A point or comma between digits belongs to the number.
        if matches!(letter, '.' | ',') && before.is_ascii_digit() && next.is_some_and(|next| next.is_ascii_digit()) {
            return;
        }
        self.between(letter);
    }

    /// A character that belongs to no word.
    fn between(&mut self, letter: char) {
        self.end();
        let stops = match letter {
            '.' => !self.single,
            '!' | '?' | '\n' | ':' | '"' | '“' | '”' | '«' | '»' | '„' | '。' | '！' | '？' | '؟' | '।' | '•' => {
                true
            }
            _ => false,
        };
        self.opens |= stops;
    }

    fn start(&mut self, capital: bool, unspaced: bool) {
        self.current = Some(Growing { hash: 0, power: 1, stem: 0, letters: 0, digits: 0, capital, unspaced, cased: false });
    }

    fn push(&mut self, letter: char) {
        self.listener.letter(letter);
        if let Some(word) = &mut self.current {
            word.hash = word.hash.wrapping_mul(BASE).wrapping_add(u64::from(u32::from(letter)) + 1);
            word.power = word.power.wrapping_mul(BASE);
            word.letters += 1;
            if word.letters <= STEM {
                word.stem = word.hash;
            }
            word.digits += u32::from(letter.is_ascii_digit());
            word.cased |= letter.is_ascii_lowercase() || !letter.is_ascii() && letter.is_lowercase();
        }
    }

    fn end(&mut self) {
        let Some(word) = self.current.take() else { return };
        let opens = std::mem::take(&mut self.opens);
        self.single = word.letters == 1 && word.capital;
        let kind = if word.digits > 0 {
            Kind::Number
        } else if word.capital && !opens {
            Kind::Name
        } else {
            Kind::Plain
        };
        let weight = if word.unspaced { 1 } else { 2 };
        let caseless = !word.cased && word.digits == 0;
        self.listener.word(Word {
            hash: word.hash,
            power: word.power,
            stem: word.stem,
            letters: word.letters.min(255) as u8,
            kind,
            caseless,
            weight,
        });
    }
}

/// Whether a character outside ASCII is part of a word; signs of Indic vowels are, though they are no letters.
fn is_letter(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '\u{0900}'..='\u{0dff}')
}

/// Marks that a copy may lose or gain without another word coming of it.
fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5c7}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}'
        | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{fe0f}' | '\u{feff}')
}

/// Scripts written without spaces: Thai, Lao, Myanmar, Khmer, kana, Han.
pub(super) fn is_unspaced(letter: char) -> bool {
    matches!(letter, '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3005}'..='\u{3007}'
        | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ff9d}'
        | '\u{20000}'..='\u{3ffff}')
}

/// A letter in lower case without its accent; forms of one letter are one.
fn fold(letter: char) -> char {
    let letter = match letter {
        // Full-width forms.
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(letter) - 0xfee0).unwrap_or(letter),
        '\u{660}'..='\u{669}' => digit(letter, 0x660),
        '\u{6f0}'..='\u{6f9}' => digit(letter, 0x6f0),
        '\u{966}'..='\u{96f}' => digit(letter, 0x966),
        '\u{e50}'..='\u{e59}' => digit(letter, 0xe50),
        _ => letter,
    };
    let letter = letter.to_lowercase().next().unwrap_or(letter);
    match letter {
        'à'..='å' | 'ā' | 'ă' | 'ą' => 'a',
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => 'c',
        'ð' | 'ď' | 'đ' => 'd',
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' | 'ə' => 'e',
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => 'g',
        'ĥ' | 'ħ' => 'h',
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => 'i',
        'ĵ' => 'j',
        'ķ' => 'k',
        'ĺ' | 'ļ' | 'ľ' | 'ŀ' | 'ł' => 'l',
        'ñ' | 'ń' | 'ņ' | 'ň' => 'n',
        'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' => 'o',
        'ŕ' | 'ŗ' | 'ř' => 'r',
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => 's',
        'ţ' | 'ť' | 'ŧ' | 'ț' => 't',
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => 'u',
        'ŵ' => 'w',
        'ý' | 'ÿ' | 'ŷ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        'ё' => 'е',
        'أ' | 'إ' | 'آ' | 'ٱ' => 'ا',
        'ى' | 'ی' => 'ي',
        'ک' => 'ك',
        'ة' => 'ه',
        other => other,
    }
}

/// The ASCII digit that a digit of another script stands for.
fn digit(letter: char, zero: u32) -> char {
    char::from_u32(u32::from(letter) - zero + u32::from('0')).unwrap_or(letter)
}
