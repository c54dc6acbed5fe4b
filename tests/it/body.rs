//! Which blocks of a page are the article: repeats, several containers, following articles, text in scripts, and the reasons.

use wireroom::article::{self, Rules, Weighed};
use wireroom::model::{Article, Boilerplate, Document, Entry, Extracted, Head, Timestamp, Url, Validators};

fn document(html: &str) -> Document {
    let url = Url::parse("https://news.example.org/2026/11/20/council.html").expect("a URL");
    let head = Head {
        status: 200,
        final_url: url.clone(),
        validators: Validators::default(),
        fresh_for: None,
        moved_to: None,
        fields: Vec::new(),
        fetched_at: Timestamp::UNIX_EPOCH,
    };
    Document { url, head, content_type: None, content_language: None, body: html.as_bytes().to_vec(), complete: true }
}

fn read(html: &str) -> Article {
    let page = document(html);
    let entry = Entry::of_page(Some(page.url.clone()), Timestamp::UNIX_EPOCH);
    match article::extract(std::slice::from_ref(&page), &entry, &Rules::default(), &Boilerplate::default()) {
        Ok(Extracted::Article(article)) => *article,
        other => panic!("no article: {other:?}"),
    }
}

const STORY: [&str; 6] = [
    "The council of Nordhavn voted on Tuesday to close the old swimming hall, after engineers had found cracks in four of its pillars.",
    "The hall, which opened in 1961, draws some 90,000 visitors a year, among them the pupils of eleven schools in the district.",
    "\"Nobody takes such a decision lightly,\" mayor Ingrid Solheim said, adding that a new building would cost at least 40 million crowns.",
    "The opposition called the vote hasty and demanded a second opinion, which the council's majority refused by 23 votes to 19.",
    "Swimming lessons are to move to the neighbouring town of Vestby from January, the council's head of schools told reporters.",
    "Buses for the pupils will be paid for until the summer, she said, and the clubs are to get time in the university's pool.",
];

fn paragraphs(texts: &[&str]) -> String {
    texts.iter().map(|text| format!("<p>{text}</p>")).collect()
}

fn page(main: &str) -> String {
    format!(
        "<!doctype html><html lang=en><head><title>Nordhavn closes its swimming hall | Example Wire</title></head><body>\
         <nav><ul><li><a href=/>Home</a><li><a href=/world>World</a></ul></nav>{main}\
         <footer><p>© 2026 Example Wire. All rights reserved.</p></footer></body></html>"
    )
}

const HEADLINE: &str = "<h1>Nordhavn closes its swimming hall</h1>";

#[test]
fn a_text_that_stands_twice_is_given_once() {
    let (text, again) = (paragraphs(&STORY), paragraphs(&STORY));
    let html = page(&format!("<article>{HEADLINE}<div class=text>{text}</div></article><div class='print-version'>{again}</div>"));
    assert_eq!(read(&html).body, STORY);
}

#[test]
fn every_container_of_the_text_counts() {
    let advertisement = "<div class=ad-slot><span>Advertisement</span></div>";
    let parts: String =
        STORY.chunks(2).map(|two| format!("<div class='text-block'>{}</div>{advertisement}", paragraphs(two))).collect();
    assert_eq!(read(&page(&format!("<main><article>{HEADLINE}{parts}</article></main>"))).body, STORY);
}

#[test]
fn cards_of_other_stories_are_left_out() {
    let card = "<aside class='related card'><h3>Related</h3><a href=/a><h4>Harbour gets a third crane</h4>\
                <p>The port authority has ordered a third crane for the container quay.</p></a></aside>";
    let html = page(&format!(
        "<article>{HEADLINE}<div class=text>{}{card}{}</div></article>",
        paragraphs(&STORY[..3]),
        paragraphs(&STORY[3..])
    ));
    assert_eq!(read(&html).body, STORY);
}

/// A picture of the hall in a box, with what is said beside it.
fn picture(said: &str) -> String {
    format!("<div class=top><img src=/hall.jpg width=620><p>{said}</p></div>")
}

#[test]
fn what_stands_beside_a_picture_alone_is_a_caption() {
    let said = "In this photo of Dec. 12, 2024, made available by the council, pupils of Vestby leave the old hall after a lesson.";
    let article = read(&page(&format!("<article>{HEADLINE}{}{}</article>", picture(said), paragraphs(&STORY))));
    assert_eq!(article.body, STORY);
}

#[test]
fn a_paragraph_that_begins_with_a_picture_is_one() {
    let begins = format!("<p><img src=/hall.jpg width=300>{}</p>", STORY[0]);
    let article = read(&page(&format!("<article>{HEADLINE}{begins}{}</article>", paragraphs(&STORY[1..]))));
    assert_eq!(article.body, STORY);
}

#[test]
fn the_texts_beside_the_pictures_of_a_slide_show_are_its_text() {
    let slides: String = STORY.iter().map(|said| picture(said)).collect();
    let article = read(&page(&format!("<article>{HEADLINE}{slides}</article>")));
    assert_eq!(article.body, STORY);
}

#[test]
fn paragraphs_under_one_name_in_a_script_are_a_text() {
    let blocks: Vec<_> = STORY.iter().map(|text| serde_json::json!({ "type": "paragraph", "content": text })).collect();
    let teaser =
        serde_json::json!({ "summary": "The port authority has ordered a third crane for the container quay of the town." });
    let state = serde_json::json!({ "data": { "story": { "elements": blocks }, "more": [teaser] } }).to_string();
    let html = format!("<html><body><div id=__nuxt></div><script>window.__STATE__={state}</script></body></html>");
    let article = read(&html);
    assert_eq!(article.body, STORY);
    assert!(article.notes.iter().any(|note| note.field == "body" && note.detail.contains("a script")), "{:?}", article.notes);
    // The same as a string within a string, as streamed pages have it.
    let within = serde_json::to_string(&state).expect("a string");
    let html = format!("<html><body><div id=app></div><script>self.__next_f.push([1,{within}])</script></body></html>");
    assert_eq!(read(&html).body, STORY);
}

#[test]
fn terms_in_a_script_are_not_the_text_of_a_short_article() {
    let terms: Vec<_> = (0..12)
        .map(|it| serde_json::json!({ "description": format!("Under rule {it} we and our partners may store what your browser sends to us.") }))
        .collect();
    let script = format!("<script>window.__CONSENT__={}</script>", serde_json::json!(terms));
    let short = page(&format!("<article>{HEADLINE}<div class=text>{}</div></article>{script}", paragraphs(&STORY[..1])));
    assert!(read(&short).body.iter().all(|line| !line.contains("our partners")));
    let empty = page(&format!("<article>{HEADLINE}</article>{script}"));
    assert!(read(&empty).body.iter().all(|line| !line.contains("our partners")));
}

#[test]
fn another_story_in_a_script_or_in_structured_data_is_not_the_text_of_a_short_article() {
    let school: String = (0..8)
        .map(|it| format!("<p>The school of Vestby got its roof number {it} on Monday, and the pupils sang for the builders.</p>"))
        .collect();
    let plain = school.replace("<p>", "").replace("</p>", "\n");
    let related = serde_json::json!({ "related": [{ "title": "School gets a roof", "body": school }] });
    let privacy = serde_json::json!({ "privacy": { "text": school.replace("pupils", "partners") } });
    let other = serde_json::json!({ "@type": "NewsArticle", "headline": "School gets a roof", "articleBody": plain });
    let script = |data: serde_json::Value| format!("<script id=__NEXT_DATA__ type=application/json>{data}</script>");
    let scripts = [script(related.clone()), script(privacy), format!("<script type=application/ld+json>{other}</script>")];
    for script in &scripts {
        for given in [&STORY[..1], &[]] {
            let brief = page(&format!("<article>{HEADLINE}<div class=text>{}</div></article>{script}", paragraphs(given)));
            assert!(read(&brief).body.iter().all(|line| !line.contains("Vestby got")), "{given:?} {script}");
        }
    }
    // Of two in one script the one that fits, however much longer the other is.
    let own = serde_json::json!({ "story": { "body": paragraphs(&STORY[..5]) }, "more": related });
    let empty = page(&format!("<div id=app></div>{}", script(own)));
    assert_eq!(read(&empty).body, STORY[..5]);
}

#[test]
fn the_same_said_of_another_name_is_no_repeat() {
    let convicts = [("Oleg Smirnov", "seven"), ("Anna Lis", "seven"), ("Pavel Korol", "seven"), ("Ihar Novik", "seven")];
    let verdicts = convicts.map(|(name, years)| {
        format!("The court in Minsk sentenced {name} to {years} years in a penal colony on Tuesday for taking part in the protests of August.")
    });
    let lines: Vec<&str> = STORY[..2].iter().copied().chain(verdicts.iter().map(String::as_str)).collect();
    assert_eq!(read(&page(&format!("<article>{HEADLINE}<div class=text>{}</div></article>", paragraphs(&lines)))).body, lines);
}

#[test]
fn settings_and_code_in_scripts_are_no_text() {
    let settings: Vec<_> =
        (0..40).map(|it| format!("\"key{it}\": \"function(a, b) {{ return a + b; }} /* {it} of the long settings */\"")).collect();
    let html = format!("<html><body><p>Nothing here.</p><script>window.config={{{}}}</script></body></html>", settings.join(","));
    assert!(read(&html).body.iter().all(|line| !line.contains("function")));
}

/// The blocks with their reasons.
fn weigh(html: &str) -> Vec<Weighed> {
    article::weigh(&document(html)).expect("a page").1
}

#[test]
fn each_block_says_why_it_was_taken_or_left() {
    let html = page(&format!("<article>{HEADLINE}<div class=text>{}</div></article>", paragraphs(&STORY)));
    let (names, blocks) = article::weigh(&document(&html)).expect("a page");
    assert_eq!(blocks.iter().filter(|block| block.taken && STORY.contains(&block.text.as_str())).count(), STORY.len());
    for block in &blocks {
        assert!(!block.reasons.is_empty(), "{block:?}");
        assert!(block.reasons.iter().all(|(name, moved)| names.contains(name) && moved.abs() >= 0.05), "{block:?}");
        assert!(block.reasons.windows(2).all(|pair| pair[0].1.abs() >= pair[1].1.abs()), "the strongest first: {block:?}");
    }
    // What speaks for a paragraph in the middle is more than what speaks for the line of rights below.
    let moved = |text: &str| -> f32 {
        let block = blocks.iter().find(|block| block.text.contains(text)).expect("the block");
        block.reasons.iter().map(|(_, moved)| moved).sum()
    };
    assert!(moved("second opinion") > 0.0 && moved("All rights reserved") < 0.0);
}

#[test]
fn the_same_page_is_weighed_the_same() {
    let html = page(&format!("<article>{HEADLINE}<div class=text>{}</div></article>", paragraphs(&STORY)));
    let print = |blocks: Vec<Weighed>| serde_json::to_string(&blocks).expect("JSON");
    assert_eq!(print(weigh(&html)), print(weigh(&html)));
}

#[test]
fn the_captions_of_a_slide_show_are_its_text_and_those_of_an_article_are_not() {
    let slide = |text: &str| format!("<figure><img src=/{}.jpg><figcaption class=caption>{text}</figcaption></figure>", text.len());
    let slides: String = STORY.iter().map(|text| slide(text)).collect();
    let show = read(&page(&format!(
        "<main><article><h1>Nordhavn closes its swimming hall</h1><p>In pictures</p>{slides}</article></main>"
    )));
    for text in STORY {
        assert!(show.body.iter().any(|line| line.contains(text)), "{text}\n{:?}", show.body);
    }
    let caption = "The hall on its last open day, with the pupils of two schools in the water.";
    let story = format!(
        "<main><article><h1>Nordhavn closes its swimming hall</h1>{}{}</article></main>",
        slide(caption),
        paragraphs(&STORY)
    );
    let story = read(&page(&story));
    assert_eq!(story.body, STORY);
    assert_eq!(story.captions, [caption]);
}
