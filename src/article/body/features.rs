//! What is measured of every block: numbers that a small model can weigh.
//!
//! A number here must not know a language, a site or a label. Each has a name, so that a decision
//! can be explained and the model's file can be read.

use super::evidence::{Evidence, grams};
use super::outline::{Block, Outline, Tag};
use super::{phrases, words};

/// Names and values of one block's features; names are kept for the first row only.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) names: Vec<String>,
    pub(super) values: Vec<f32>,
    pub(super) width: usize,
    /// The runs of four words of each block.
    pub(super) grams: Vec<Vec<u32>>,
    /// The block of the headline.
    pub(super) headline: Option<usize>,
}

impl Rows {
    /// The values of one block.
    pub(super) fn row(&self, block: usize) -> &[f32] {
        &self.values[block * self.width..(block + 1) * self.width]
    }

    fn put(&mut self, name: &str, value: f32) {
        if self.width == 0 {
            self.names.push(name.to_owned());
        }
        self.values.push(value);
    }

    fn put_at(&mut self, name: &str, at: impl std::fmt::Display, value: f32) {
        if self.width == 0 {
            self.names.push(format!("{name}:{at}"));
        }
        self.values.push(value);
    }
}

/// Steps beyond which an ancestor is as good as absent.
const FAR: f32 = 31.0;

/// Measures every block of the page. `word_weight` gives the learnt weight of a class word at a height.
pub(super) fn measure(outline: &Outline, evidence: &Evidence, word_weight: &dyn Fn(u8, u32) -> f32) -> Rows {
    let whole = Whole::of(outline, evidence);
    let mut rows = Rows::default();
    let mut ancestors = Ancestors::of_page(outline);
    for index in 0..outline.blocks.len() {
        text(&mut rows, &outline.blocks[index], &whole.texts[index]);
        position(&mut rows, outline, &whole, index);
        overlap(&mut rows, evidence, &whole, index);
        // Blocks of one element share everything that is said of its ancestors.
        let owner = outline.blocks[index].owner;
        ancestors.put(&mut rows, outline, &whole, owner, word_weight);
        signature(&mut rows, &whole, index);
        neighbours(&mut rows, outline, &whole, index);
        distances(&mut rows, outline, &whole, index);
        headings(&mut rows, outline, &whole, index);
        if rows.width == 0 {
            rows.width = rows.values.len();
            rows.values.reserve(rows.width * outline.blocks.len());
        }
    }
    rows.headline = whole.headline;
    rows.grams = whole.texts.into_iter().map(|text| text.grams).collect();
    rows
}

/// What is true of the page as a whole, and of each block's text by itself.
struct Whole {
    texts: Vec<Text>,
    /// Total effective length, and of good blocks.
    length: f32,
    good: f32,
    /// The headline's block: the h1 nearest to a title.
    headline: Option<usize>,
    /// The elements with the highest score, and the innermost ones with half and three quarters of the good text.
    top: usize,
    half: usize,
    most: usize,
    top_score: f32,
    article: Option<usize>,
    /// The good block in the middle of the good text.
    middle: Option<usize>,
    signatures: [words::Table<Sign>; 2],
    signs: Vec<[u32; 2]>,
    repeats: words::Table<u32>,
    /// Sums before each block: length and good length.
    before: Vec<(f32, f32)>,
    previous_good: Vec<Option<usize>>,
    next_good: Vec<Option<usize>>,
    /// The last heading before each block.
    heading: Vec<Option<usize>>,
    /// Blocks since the last picture, film or frame.
    media_gap: Vec<f32>,
    /// Articles on the page.
    articles: f32,
}

/// Blocks that look alike in the tree.
#[derive(Default, Clone, Copy)]
struct Sign {
    count: f32,
    length: f32,
    links: f32,
    good: f32,
}

/// What is true of a block's text by itself.
struct Text {
    words: Vec<u32>,
    grams: Vec<u32>,
    /// Share of its runs of four words that occur elsewhere on the page, and earlier on it.
    elsewhere: f32,
    earlier: f32,
    ends_sentence: bool,
    hash: u32,
    phrases: phrases::Hits,
}

impl Whole {
    fn of(outline: &Outline, evidence: &Evidence) -> Whole {
        let blocks = &outline.blocks;
        let mut counts: words::Table<u32> = words::Table::with_capacity_and_hasher(blocks.len() * 24, Default::default());
        let mut texts: Vec<Text> = blocks
            .iter()
            .map(|block| {
                let words = words::of_text(&block.text);
                let grams: Vec<u32> = grams(&words).collect();
                let mut earlier = 0;
                for gram in &grams {
                    let count = counts.entry(*gram).or_insert(0);
                    earlier += u32::from(*count > 0);
                    *count += 1;
                }
                Text {
                    earlier: earlier as f32 / grams.len().max(1) as f32,
                    elsewhere: 0.0,
                    ends_sentence: ends_sentence(&block.text),
                    hash: words::hash(block.text.as_bytes()),
                    phrases: phrases::of(&words),
                    words,
                    grams,
                }
            })
            .collect();
        for text in &mut texts {
            let elsewhere = text.grams.iter().filter(|gram| counts.get(gram).is_some_and(|count| *count > 1)).count();
            text.elsewhere = elsewhere as f32 / text.grams.len().max(1) as f32;
        }
        let mut repeats = words::Table::default();
        for text in &texts {
            *repeats.entry(text.hash).or_insert(0) += 1;
        }
        let root = outline.elements.first().map(|root| root.sums).unwrap_or_default();
        let best = |measure: &dyn Fn(usize) -> f32| {
            (0..outline.elements.len()).fold((0, f32::MIN), |best, index| {
                let value = measure(index);
                if value > best.1 { (index, value) } else { best }
            })
        };
        let (top, top_score) = best(&|index| outline.elements[index].score);
        let innermost = |share: f32| {
            best(&|index| {
                let element = &outline.elements[index];
                if element.sums.good >= share * root.good { element.depth as f32 } else { -1.0 }
            })
            .0
        };
        let (article, article_good) =
            best(&|index| if outline.elements[index].tag == Tag::Article { outline.elements[index].sums.good } else { f32::MIN });
        let mut signatures = [words::Table::default(), words::Table::default()];
        let signs: Vec<[u32; 2]> = blocks.iter().map(|block| signs_of(outline, block)).collect();
        for (block, pair) in blocks.iter().zip(&signs) {
            for (table, sign) in signatures.iter_mut().zip(pair) {
                let entry: &mut Sign = table.entry(*sign).or_default();
                entry.count += 1.0;
                entry.length += block.length;
                entry.links += block.length * block.link_share;
                entry.good += block.good;
            }
        }
        let mut before = Vec::with_capacity(blocks.len());
        let (mut length, mut good) = (0.0, 0.0);
        let mut middle = None;
        let mut previous_good = Vec::with_capacity(blocks.len());
        let mut heading = Vec::with_capacity(blocks.len());
        let (mut last_good, mut last_heading) = (None, None);
        for (index, block) in blocks.iter().enumerate() {
            before.push((length, good));
            previous_good.push(last_good);
            heading.push(last_heading);
            length += block.length;
            good += block.good;
            if block.good > 0.0 {
                last_good = Some(index);
                if middle.is_none() && good >= root.good / 2.0 {
                    middle = Some(index);
                }
            }
            if heading_level(outline, block).is_some() {
                last_heading = Some(index);
            }
        }
        let mut gap = FAR;
        let media_gap = blocks.iter().map(|block| {
            gap = if block.media_before > 0 { 0.0 } else { (gap + 1.0).min(FAR) };
            gap
        });
        let media_gap = media_gap.collect();
        let articles = outline.elements.iter().filter(|element| element.tag == Tag::Article).count() as f32;
        let mut next_good = vec![None; blocks.len()];
        let mut next = None;
        for index in (0..blocks.len()).rev() {
            next_good[index] = next;
            if blocks[index].good > 0.0 {
                next = Some(index);
            }
        }
        let headline = (0..blocks.len())
            .filter(|index| heading_level(outline, &blocks[*index]).is_some_and(|level| level <= 2))
            .map(|index| {
                let (there, back) = evidence.title_overlap(&texts[index].words);
                let first = if heading_level(outline, &blocks[index]) == Some(1) { 0.5 } else { 0.0 };
                (index, there + back + first)
            })
            .filter(|(_, value)| *value >= 0.5)
            .fold(
                None,
                |best: Option<(usize, f32)>, found| {
                    if best.is_none_or(|best| found.1 > best.1 + 0.01) { Some(found) } else { best }
                },
            )
            .map(|(index, _)| index);
        let (half, most) = (innermost(0.5), innermost(0.75));
        Whole {
            texts,
            length: root.length.max(1.0),
            good: root.good.max(1.0),
            headline,
            top,
            half,
            most,
            top_score: top_score.max(1.0),
            article: (article_good > f32::MIN).then_some(article),
            middle,
            signatures,
            signs,
            repeats,
            before,
            previous_good,
            next_good,
            heading,
            media_gap,
            articles,
        }
    }
}

/// How a block looks in the tree: `tag.class < parent`, and `tag < parent < grandparent`.
fn signs_of(outline: &Outline, block: &Block) -> [u32; 2] {
    let fold = |number: u32, value: u32| (number ^ value).wrapping_mul(0x0100_0193).rotate_left(7);
    let mut signs = [1_u32, 2];
    for (level, index) in outline.chain(block.container).take(3).enumerate() {
        let element = &outline.elements[index];
        if level < 2 {
            signs[0] = fold(signs[0], element.tag as u32);
        }
        if level == 0 {
            signs[0] = element.words.iter().fold(signs[0], |number, word| fold(number, *word));
        }
        signs[1] = fold(signs[1], element.tag as u32);
    }
    signs
}

/// The level of the heading that the block is.
fn heading_level(outline: &Outline, block: &Block) -> Option<u8> {
    outline.chain(block.owner).take(4).find_map(|index| outline.elements[index].tag.heading())
}

/// Whether a text ends as a sentence does, closing quotes and brackets aside.
pub(in crate::article) fn ends_sentence(text: &str) -> bool {
    text.trim_end_matches(['"', '\'', '”', '’', '»', '«', '“', ')', ']', '」', '』', '）', ' '])
        .ends_with(['.', '!', '?', '…', '。', '！', '？', '؟', '۔', '।', '։', '።', ':'])
}

fn text(rows: &mut Rows, block: &Block, text: &Text) {
    let (mut letters, mut digits, mut upper, mut punctuation, mut symbols, mut commas, mut quotes, mut total) =
        (0, 0, 0, 0, 0, 0, 0, 0);
    let (mut capitals, mut parts) = (0, 0);
    let (mut between, mut sentences, mut ended) = (true, 0, false);
    for character in block.text.chars() {
        total += 1;
        if between && character.is_alphanumeric() {
            parts += 1;
            capitals += i32::from(character.is_uppercase());
        }
        between = character == ' ';
        sentences += i32::from(ended && between || matches!(character, '。' | '！' | '？'));
        ended = matches!(character, '.' | '!' | '?' | '।' | '؟' | '۔') || ended && matches!(character, '"' | '”' | '»' | '“' | ')');
        match character {
            'a'..='z' => letters += 1,
            '0'..='9' => digits += 1,
            '.' | '!' | '?' | ';' | ':' | '。' | '！' | '？' | '；' | '।' | '؟' | '۔' => punctuation += 1,
            ',' | '，' | '、' | '،' => {
                commas += 1;
                punctuation += 1;
            }
            '"' | '“' | '”' | '„' | '«' | '»' | '「' | '」' | '‘' | '’' => quotes += 1,
            '|' | '·' | '•' | '©' | '#' | '@' | '/' | '→' | '›' | '▶' | '►' | '+' | '_' | '*' | '–' | '—' | '>' => {
                symbols += 1
            }
            _ if character.is_uppercase() => upper += 1,
            _ if character.is_alphabetic() => letters += 1,
            _ => {}
        }
    }
    let all = total.max(1) as f32;
    let count = text.words.len() as f32;
    rows.put("length", block.length);
    rows.put("words", count);
    rows.put("word_length", (letters + upper) as f32 / count.max(1.0));
    rows.put("link_share", block.link_share);
    rows.put("links", block.links.all as f32);
    rows.put_at("links", "here", block.links.here as f32);
    rows.put_at("links", "lists", block.links.lists as f32);
    rows.put_at("links", "out", block.links.out as f32);
    rows.put("bold_share", block.bold_share);
    rows.put("italic_share", block.italic_share);
    rows.put("sentences", sentences as f32);
    rows.put("punctuation", punctuation as f32);
    rows.put("punctuation_density", punctuation as f32 / all);
    rows.put("commas", commas as f32);
    rows.put("quotes", quotes as f32);
    rows.put("symbols", symbols as f32 / all);
    rows.put("digits", digits as f32 / all);
    rows.put("upper", upper as f32 / all);
    rows.put("capitals", capitals as f32 / parts.max(1) as f32);
    rows.put("ends_sentence", f32::from(text.ends_sentence));
    rows.put("ends_colon", f32::from(block.text.ends_with([':', '：'])));
    rows.put("has_question", f32::from(block.text.contains(['?', '？', '؟'])));
    let first = block.text.chars().next().map_or(0.0, |first| match first {
        _ if first.is_lowercase() => 1.0,
        _ if first.is_uppercase() => 2.0,
        _ if first.is_numeric() => 3.0,
        '"' | '“' | '„' | '«' | '»' | '「' | '\'' | '‘' => 4.0,
        _ if first.is_alphabetic() => 5.0,
        _ => 6.0,
    });
    rows.put("first", first);
    rows.put("date_like", f32::from(phrases::has_date(&block.text)));
    rows.put("mark", f32::from(block.text.contains(['©', '@', '|'])));
    let hits = &text.phrases;
    for (name, count) in [
        ("verb", hits.verb),
        ("channel", hits.channel),
        ("promo", hits.promo),
        ("credit", hits.credit),
        ("consent", hits.consent),
        ("byline", hits.byline),
        ("posted", hits.posted),
        ("no_phrase", hits.other),
    ] {
        rows.put_at("says", name, f32::from(count));
    }
    rows.put("elsewhere", text.elsewhere);
    rows.put("earlier", text.earlier);
}

fn position(rows: &mut Rows, outline: &Outline, whole: &Whole, index: usize) {
    let count = outline.blocks.len();
    rows.put("index", index as f32);
    rows.put("place", index as f32 / count as f32);
    rows.put("from_end", (count - index) as f32);
    rows.put("text_before", whole.before[index].0 / whole.length);
    rows.put("good_before", whole.before[index].1 / whole.good);
    rows.put("page_length", whole.length);
    rows.put("page_good", whole.good);
    rows.put("page_blocks", count as f32);
    rows.put("repeats", whole.repeats.get(&whole.texts[index].hash).copied().unwrap_or(1) as f32);
    rows.put("from_headline", whole.headline.map_or(-999.0, |headline| index as f32 - headline as f32));
    let media = outline.blocks[index].media_before;
    rows.put("media_before", media as f32);
    rows.put("media_after", outline.blocks.get(index + 1).map_or(0.0, |next| next.media_before as f32));
    rows.put("media_gap", whole.media_gap[index]);
    rows.put("page_articles", whole.articles);
    rows.put("hidden", f32::from(outline.elements[outline.blocks[index].owner].hidden));
}

fn overlap(rows: &mut Rows, evidence: &Evidence, whole: &Whole, index: usize) {
    let text = &whole.texts[index];
    let (there, back) = evidence.title_overlap(&text.words);
    rows.put("in_title", there);
    rows.put("of_title", back);
    let (there, back) = evidence.description_overlap(&text.words);
    rows.put("in_description", there);
    rows.put("of_description", back);
    let within = if evidence.body.is_empty() {
        -1.0
    } else {
        text.grams.iter().filter(|gram| evidence.body.contains(gram)).count() as f32 / text.grams.len().max(1) as f32
    };
    rows.put("in_article_body", within);
}

/// What is said of an element's ancestors, measured once an element.
struct Ancestors {
    /// Where the values of each element begin in the rows; `NOT_YET` before it was asked for.
    begins: Vec<usize>,
    width: usize,
    /// Learnt weights of each element's words, by band; `None` before they were asked for.
    learnt: Vec<Option<[f32; 3]>>,
}

const NOT_YET: usize = usize::MAX;

impl Ancestors {
    fn of_page(outline: &Outline) -> Ancestors {
        let count = outline.elements.len();
        Ancestors { begins: vec![NOT_YET; count], width: 0, learnt: vec![None; count] }
    }

    fn put(&mut self, rows: &mut Rows, outline: &Outline, whole: &Whole, owner: usize, weight: &dyn Fn(u8, u32) -> f32) {
        let begin = rows.values.len();
        let known = self.begins[owner];
        if known != NOT_YET {
            rows.values.extend_from_within(known..known + self.width);
            return;
        }
        ancestor_tags(rows, outline, whole, owner);
        let learnt = self.learnt_around(outline, owner, weight);
        class_words(rows, outline, whole, owner, learnt);
        containers(rows, outline, whole, owner);
        self.begins[owner] = begin;
        self.width = rows.values.len() - begin;
    }

    /// Sums of the learnt weights of the words around an element.
    fn learnt_around(&mut self, outline: &Outline, owner: usize, weight: &dyn Fn(u8, u32) -> f32) -> [f32; 3] {
        let mut sums = [0.0; 3];
        for (step, index) in outline.chain(owner).take(8).enumerate() {
            let own = self.learnt[index].get_or_insert_with(|| {
                let words = &outline.elements[index].words;
                [0, 1, 2].map(|band| words.iter().map(|word| weight(band, *word)).sum::<f32>())
            });
            let band = usize::from(band_of(step));
            sums[band] += own[band];
        }
        sums
    }
}

fn ancestor_tags(rows: &mut Rows, outline: &Outline, whole: &Whole, owner: usize) {
    const ASKED: [(&str, &[Tag]); 19] = [
        ("article", &[Tag::Article]),
        ("main", &[Tag::Main]),
        ("aside", &[Tag::Aside]),
        ("nav", &[Tag::Nav]),
        ("footer", &[Tag::Footer]),
        ("header", &[Tag::Header]),
        ("figure", &[Tag::Figure]),
        ("figcaption", &[Tag::Figcaption]),
        ("form", &[Tag::Form]),
        ("table", &[Tag::Table]),
        ("list", &[Tag::Ul, Tag::Ol, Tag::Dl]),
        ("li", &[Tag::Li]),
        ("a", &[Tag::A]),
        ("blockquote", &[Tag::Blockquote]),
        ("button", &[Tag::Button]),
        ("section", &[Tag::Section]),
        ("p", &[Tag::P]),
        ("heading", &[Tag::H1, Tag::H2, Tag::H3, Tag::H4, Tag::H5, Tag::H6]),
        ("time", &[Tag::Time]),
    ];
    // Which of those asked for each tag is.
    const SLOTS: [u8; Tag::COUNT] = {
        let mut slots = [u8::MAX; Tag::COUNT];
        let mut asked = 0;
        while asked < ASKED.len() {
            let mut at = 0;
            while at < ASKED[asked].1.len() {
                slots[ASKED[asked].1[at] as usize] = asked as u8;
                at += 1;
            }
            asked += 1;
        }
        slots
    };
    let mut nearest = [FAR; ASKED.len()];
    let (mut articles, mut article_body) = (0, FAR);
    for (step, index) in outline.chain(owner).take(FAR as usize).enumerate() {
        let element = &outline.elements[index];
        articles += i32::from(element.tag == Tag::Article);
        if element.is_article_body {
            article_body = article_body.min(step as f32);
        }
        if let Some(slot) = nearest.get_mut(usize::from(SLOTS[element.tag as usize]))
            && *slot == FAR
        {
            *slot = step as f32;
        }
    }
    for ((name, _), value) in ASKED.iter().zip(nearest) {
        rows.put_at("up_to", name, value);
    }
    rows.put("articles", articles as f32);
    rows.put("article_body", article_body);
    rows.put("in_article", whole.article.map_or(-1.0, |article| f32::from(outline.holds(article, owner))));
    rows.put("depth", outline.elements[owner].depth as f32);
    rows.put("tag", outline.elements[owner].tag as u8 as f32);
}

fn class_words(rows: &mut Rows, outline: &Outline, whole: &Whole, owner: usize, learnt: [f32; 3]) {
    let mut bands = [[0.0_f32; words::GROUPS]; 4];
    let mut nearest = [(FAR, -1.0_f32); words::GROUPS];
    for (step, index) in outline.chain(owner).take(14).enumerate() {
        let element = &outline.elements[index];
        let band = match step {
            0 => 0,
            1 | 2 => 1,
            3..=5 => 2,
            _ => 3,
        };
        for group in 0..words::GROUPS {
            let count = element.groups[group];
            bands[band][group] += f32::from(count);
            if count > 0 && nearest[group].0 == FAR {
                nearest[group] = (step as f32, element.sums.good / whole.good);
            }
        }
    }
    for (group, name) in ["positive", "negative", "about", "lead", "box"].iter().enumerate() {
        for (band, counts) in bands.iter().enumerate() {
            rows.put_at(name, band, counts[group]);
        }
        rows.put_at(name, "up_to", nearest[group].0);
        rows.put_at(name, "share", nearest[group].1);
    }
    rows.put("words_learnt", learnt.iter().sum());
    for (band, value) in learnt.iter().enumerate() {
        rows.put_at("words_learnt", band, *value);
    }
}

/// The words of class and id around an element, each with its height band, as the model's table names them.
pub(super) fn named_words(outline: &Outline, owner: usize) -> Vec<String> {
    let mut names = Vec::new();
    for (step, index) in outline.chain(owner).take(8).enumerate() {
        names.extend(outline.elements[index].words.iter().map(|word| format!("{}:{word:08x}", band_of(step))));
    }
    names
}

/// The height band of learnt words.
pub(super) fn band_of(step: usize) -> u8 {
    match step {
        0 | 1 => 0,
        2 | 3 => 1,
        _ => 2,
    }
}

fn containers(rows: &mut Rows, outline: &Outline, whole: &Whole, owner: usize) {
    let mut here = outline.chain(owner).find(|index| !outline.elements[*index].tag.is_inline()).unwrap_or(owner);
    for level in 0..5 {
        let element = &outline.elements[here];
        rows.put_at("share", level, element.sums.good / whole.good);
        rows.put_at("share_all", level, element.sums.length / whole.length);
        rows.put_at("link_density", level, element.sums.link_density());
        rows.put_at("good_share", level, element.sums.good_blocks as f32 / element.sums.blocks.max(1) as f32);
        rows.put_at("blocks", level, element.sums.blocks as f32);
        rows.put_at("media", level, element.sums.media as f32);
        rows.put_at("score", level, element.score / whole.top_score);
        here = element.parent;
    }
    for (name, main) in [("top", whole.top), ("half", whole.half), ("most", whole.most)] {
        let (meet, up, down) = outline.meet(owner, main);
        rows.put_at("up_to", name, up as f32);
        rows.put_at("down_to", name, down as f32);
        // The child through which the path goes, when the element lies within.
        let child = outline.chain(owner).take_while(|index| *index != meet).last().unwrap_or(owner);
        let sums = outline.elements[child].sums;
        rows.put_at("child_share", name, sums.good / whole.good);
        rows.put_at("child_links", name, sums.link_density());
        rows.put_at("child_length", name, sums.length);
    }
    rows.put("top_links", outline.elements[whole.top].sums.link_density());
    rows.put("top_share", outline.elements[whole.top].sums.good / whole.good);
}

fn signature(rows: &mut Rows, whole: &Whole, index: usize) {
    for (level, (table, sign)) in whole.signatures.iter().zip(whole.signs[index]).enumerate() {
        let sign = table.get(&sign).copied().unwrap_or_default();
        rows.put_at("sign_count", level, sign.count);
        rows.put_at("sign_length", level, sign.length / sign.count.max(1.0));
        rows.put_at("sign_links", level, sign.links / sign.length.max(1.0));
        rows.put_at("sign_share", level, sign.good / whole.good);
    }
}

fn neighbours(rows: &mut Rows, outline: &Outline, whole: &Whole, index: usize) {
    let own = &outline.blocks[index];
    for step in [-3_isize, -2, -1, 1, 2, 3] {
        let other = index.checked_add_signed(step).and_then(|other| Some((other, outline.blocks.get(other)?)));
        let put = |name: &str, value: Option<f32>, rows: &mut Rows| rows.put_at(name, step, value.unwrap_or(-1.0));
        put("near_length", other.map(|(_, block)| block.length), rows);
        put("near_links", other.map(|(_, block)| block.link_share), rows);
        put("near_sentence", other.map(|(at, _)| f32::from(whole.texts[at].ends_sentence)), rows);
        let parent = |block: &Block| outline.elements[block.container].parent;
        put("near_parent", other.map(|(_, block)| f32::from(parent(block) == parent(own))), rows);
        put(
            "near_tag",
            other.map(|(_, block)| f32::from(outline.elements[block.container].tag == outline.elements[own.container].tag)),
            rows,
        );
    }
    let count = outline.blocks.len();
    let good_at =
        |at: usize| if at < count { whole.before[at].1 } else { whole.before[count - 1].1 + outline.blocks[count - 1].good };
    rows.put("good_near_before", good_at(index) - good_at(index.saturating_sub(5)));
    rows.put("good_near_after", good_at((index + 6).min(count)) - good_at((index + 1).min(count)));
}

fn distances(rows: &mut Rows, outline: &Outline, whole: &Whole, index: usize) {
    let owner = outline.blocks[index].container;
    for (name, other) in [
        ("previous_good", whole.previous_good[index]),
        ("next_good", whole.next_good[index]),
        ("headline", whole.headline),
        ("middle", whole.middle),
    ] {
        let found = other.map(|other| outline.meet(owner, outline.blocks[other].container));
        rows.put_at("tree_up", name, found.map_or(-1.0, |(_, up, _)| up as f32));
        rows.put_at("tree_down", name, found.map_or(-1.0, |(_, _, down)| down as f32));
        let share = found.map(|(meet, _, _)| outline.elements[meet].sums.good / whole.good);
        rows.put_at("meet_share", name, share.unwrap_or(-1.0));
        if name != "headline" {
            rows.put_at("gap", name, other.map_or(-1.0, |other| other.abs_diff(index) as f32));
        }
    }
    let same = |other: Option<usize>| other.is_some_and(|other| whole.signs[other][0] == whole.signs[index][0]);
    rows.put("like_middle", f32::from(same(whole.middle)));
    rows.put("like_previous", f32::from(same(whole.previous_good[index])));
    rows.put("like_next", f32::from(same(whole.next_good[index])));
}

fn headings(rows: &mut Rows, outline: &Outline, whole: &Whole, index: usize) {
    rows.put("level", heading_level(outline, &outline.blocks[index]).map_or(0.0, f32::from));
    let heading = whole.heading[index];
    rows.put("heading_gap", heading.map_or(-1.0, |heading| (index - heading) as f32));
    rows.put("heading_words", heading.map_or(-1.0, |heading| whole.texts[heading].words.len() as f32));
    rows.put("heading_links", heading.map_or(-1.0, |heading| outline.blocks[heading].link_share));
    rows.put("heading_level", heading.and_then(|heading| heading_level(outline, &outline.blocks[heading])).map_or(0.0, f32::from));
    rows.put("heading_promo", heading.map_or(0.0, |heading| f32::from(whole.texts[heading].phrases.promo)));
    let steps = heading.map(|heading| outline.meet(outline.blocks[index].container, outline.blocks[heading].container));
    rows.put("heading_up", steps.map_or(-1.0, |(_, up, _)| up as f32));
    rows.put("heading_down", steps.map_or(-1.0, |(_, _, down)| down as f32));
}
