//! Evidence that disagrees: who wins each field, and that a reader can ask why.

use std::process::Command;

use proptest::prelude::*;
use wireroom::article::{self, Explanation, Rules};
use wireroom::calendar;
use wireroom::model::{Article, Boilerplate, Document, Entry, Extracted, Head, Url, Validators};

const PAGE: &str = "https://news.example.org/politics/harbour-fees-to-be-reformed-after-talks.html";
const SEEN: &str = "2024-04-24T06:00:00Z";

const ENGLISH: &str = "<p>The ministers discussed the reform of the harbour fees for three hours and agreed to meet again in the autumn, officials said.</p>\
    <p>A spokesman for the port authority said that the talks had been constructive, and that a draft would be sent to parliament in due course.</p>";

fn document(html: &str, url: &str) -> Document {
    let url: Url = url.parse().expect("a URL");
    let head = Head {
        status: 200,
        final_url: url.clone(),
        validators: Validators::default(),
        fresh_for: None,
        moved_to: None,
        fetched_at: SEEN.parse().expect("an instant"),
        fields: Vec::new(),
    };
    let content_type = Some("text/html; charset=utf-8".to_owned());
    Document { url, head, content_type, content_language: None, body: html.as_bytes().to_vec(), complete: true }
}

fn read_at(url: &str, html: &str, rules: &Rules) -> Article {
    let entry = Entry::of_page(Some(url.parse().expect("a URL")), SEEN.parse().expect("an instant"));
    match article::extract(&[document(html, url)], &entry, rules, &Boilerplate::default()).expect("a page") {
        Extracted::Article(article) => *article,
        Extracted::Needs(_) => panic!("one page is all there is"),
    }
}

fn page(head: &str, body: &str, text: &str) -> String {
    format!("<!doctype html><html><head>{head}</head><body><article>{body}<div class=\"text\">{text}</div></article></body></html>")
}

fn read(head: &str, body: &str) -> Article {
    read_at(PAGE, &page(head, body, ENGLISH), &Rules::default())
}

fn explain(html: &str) -> Explanation {
    let entry = Entry::of_page(Some(PAGE.parse().expect("a URL")), SEEN.parse().expect("an instant"));
    article::explain(&[document(html, PAGE)], &entry, &Rules::default(), &Boilerplate::default()).expect("a page")
}

fn from(article: &Article, field: &str) -> Option<String> {
    article.provenance.iter().find(|provenance| provenance.field == field).map(|provenance| provenance.from.clone())
}

#[test]
fn bylines_in_the_languages_of_the_press() {
    for (byline, authors) in [
        ("By Anna Berg and John Lake", vec!["Anna Berg", "John Lake"]),
        ("Reporting by Anna Berg in London; Editing by John Lake", vec!["Anna Berg"]),
        ("Von Anna Berg und Jörg Wald, Berlin", vec!["Anna Berg", "Jörg Wald"]),
        ("Par Anne Montagne et Luc Rivière", vec!["Anne Montagne", "Luc Rivière"]),
        ("Por María López y Juan Ríos", vec!["María López", "Juan Ríos"]),
        ("di Anna Monti e Luca Fiume", vec!["Anna Monti", "Luca Fiume"]),
        ("Por Ana da Serra e João dos Rios", vec!["Ana da Serra", "João dos Rios"]),
        ("Autorzy: Anna Rzeczna i Iwan Górski", vec!["Anna Rzeczna", "Iwan Górski"]),
        ("Автор: Анна Горная и Иван Речной", vec!["Анна Горная", "Иван Речной"]),
        ("Автори: Олена Гірська та Іван Річковий", vec!["Олена Гірська", "Іван Річковий"]),
        ("Müəllif: Əli Dağlı və Leyla Çaylı", vec!["Əli Dağlı", "Leyla Çaylı"]),
        ("Haber: Ayşe Dağ ve Can Deniz", vec!["Ayşe Dağ", "Can Deniz"]),
        ("Tekst: Kari Berg og Jon Vik", vec!["Kari Berg", "Jon Vik"]),
        ("Door Anna Berg en Jan de Vries", vec!["Anna Berg", "Jan de Vries"]),
        ("Correspondent Anna Berg", vec!["Anna Berg"]),
        ("Anna Berg, Political Editor, anna.berg@example.org", vec!["Anna Berg"]),
        ("J. K. Berg | Photo: John Lake", vec!["J. K. Berg"]),
    ] {
        let html = format!(r#"<h1>Harbour fees to be reformed</h1><div class="byline">{byline}</div>"#);
        assert_eq!(read("", &html).authors, authors, "{byline}");
    }
    for (declared, authors) in [
        ("신현주 기자", vec!["신현주"]),
        ("田中太郎と山田花子", vec!["田中太郎", "山田花子"]),
        ("张三丰和李小四", vec!["张三丰", "李小四"]),
        ("अनिल शर्मा और सुनीता वर्मा", vec!["अनिल शर्मा", "सुनीता वर्मा"]),
        ("أحمد الجبل و ليلى النهر", vec!["أحمد الجبل", "ليلى النهر"]),
        ("Leyla Çaylı, xüsusi müxbir", vec!["Leyla Çaylı"]),
    ] {
        let meta = format!(r#"<meta name="author" content="{declared}">"#);
        assert_eq!(read(&meta, "<h1>Harbour fees to be reformed</h1>").authors, authors, "{declared}");
    }
}

#[test]
fn dates_in_the_languages_of_the_press() {
    for (line, expected) in [
        ("April 23, 2024 at 9:00 p.m. EDT", "2024-04-23T21:00:00-04:00"),
        ("Dienstag, 23. April 2024, 21:00 Uhr MESZ", "2024-04-23T21:00:00+02:00"),
        ("Publié le 23 avril 2024 à 21h00", "2024-04-23T21:00:00"),
        ("23 de abril de 2024 21:00", "2024-04-23T21:00:00"),
        ("Pubblicato il 23 aprile 2024 alle 21:00", "2024-04-23T21:00:00"),
        ("23 de abril de 2024 às 21h00", "2024-04-23T21:00:00"),
        ("23 kwietnia 2024, 21:00", "2024-04-23T21:00:00"),
        ("23 апреля 2024, 21:00 (МСК)", "2024-04-23T21:00:00+03:00"),
        ("23 квітня 2024, 21:00", "2024-04-23T21:00:00"),
        ("23 aprel 2024, 21:00", "2024-04-23T21:00:00"),
        ("23 Nisan 2024 Salı 21:00", "2024-04-23T21:00:00"),
        ("23 أبريل 2024", "2024-04-23"),
        ("23 अप्रैल 2024", "2024-04-23"),
        ("2024年4月23日 21時00分", "2024-04-23T21:00:00"),
        ("입력 2024.04.23 21:00", "2024-04-23T21:00:00"),
        ("2024年4月23日 21:00", "2024-04-23T21:00:00"),
        ("23.04.2024 21:00", "2024-04-23T21:00:00"),
    ] {
        let article = read("", &format!("<h1>Harbour fees to be reformed</h1><div>{line}</div>"));
        assert_eq!(article.published.as_ref().map(calendar::to_iso).as_deref(), Some(expected), "{line}");
        assert_eq!(from(&article, "published").as_deref(), Some("page text date line"), "{line}");
    }
    // Java's way, with a zone that has one meaning, and a zone that has several.
    let dated =
        |value: &str| read(&format!(r#"<meta name="date" content="{value}">"#), "<h1>Harbour fees to be reformed</h1>").published;
    let time = dated("Tue Apr 23 21:00:00 CEST 2024").unwrap();
    assert_eq!((calendar::to_iso(&time).as_str(), time.zone_source.as_str()), ("2024-04-23T21:00:00+02:00", "page"));
    let time = dated("Tue, 23 Apr 2024 21:00:00 IST").unwrap();
    assert_eq!((time.offset_minutes, time.zone_source.as_str()), (None, "assumed"), "Israel, India or Ireland: not guessed");
}

#[test]
fn a_day_that_only_the_address_has_comes_last() {
    for (url, day) in [
        ("https://news.example.org/2024/04/23/harbour-fees", Some("2024-04-23")),
        ("https://news.example.org/news/article/A2024042312000001", Some("2024-04-23")),
        ("https://news.example.org/20240423-harbour-fees", Some("2024-04-23")),
        ("https://news.example.org/article/20241323", None),
        ("https://news.example.org/article/2024042312", None),
        ("https://news.example.org/article/20991231", None),
    ] {
        let article = read_at(url, &page("", "<h1>Harbour fees to be reformed</h1>", ENGLISH), &Rules::default());
        assert_eq!(article.published.as_ref().map(calendar::to_iso).as_deref(), day, "{url}");
        assert_eq!(from(&article, "published").is_some(), day.is_some(), "{url}");
    }
    let html = page(r#"<meta name="date" content="2024-04-22T10:00:00Z">"#, "<h1>Harbour fees to be reformed</h1>", ENGLISH);
    let article = read_at("https://news.example.org/2024/04/23/harbour-fees", &html, &Rules::default());
    assert_eq!(article.published.as_ref().map(calendar::to_iso).as_deref(), Some("2024-04-22T10:00:00+00:00"));
}

#[test]
fn the_headline_is_the_editors_and_not_the_search_engines() {
    let og = |title: &str| format!(r#"<meta property="og:title" content="{title}">"#);
    for (head, body, title, place) in [
        // The page shows one headline, and declares it.
        (
            "<title>Harbour fees to be reformed</title>".to_owned() + &og("Harbour fees to be reformed"),
            "<h1>Harbour fees to be reformed</h1>",
            "Harbour fees to be reformed",
            "h1",
        ),
        // Window and heading have the words for search engines; the editors' own is shared.
        (
            "<title>Harbour fees 2024: all about the reform | Example News</title>".to_owned()
                + &og("Ministers give way over harbour fees"),
            "<h1>Harbour fees 2024: all about the reform</h1>",
            "Ministers give way over harbour fees",
            "meta og:title",
        ),
        // What is shared also by Twitter was written for sharing.
        (
            "<title>Harbour fees to be reformed</title>".to_owned()
                + &og("You will not believe what ministers did to harbour fees")
                + r#"<meta name="twitter:title" content="You will not believe what ministers did to harbour fees">"#,
            "<h1>Harbour fees to be reformed</h1>",
            "Harbour fees to be reformed",
            "h1",
        ),
        // One title for all pages of the site speaks of no article.
        (
            "<title>Harbour fees to be reformed</title>".to_owned() + &og("Breaking stories from around the world"),
            "<h1>Harbour fees to be reformed</h1>",
            "Harbour fees to be reformed",
            "h1",
        ),
        // A topic before the headline is no part of it.
        (
            "<title>Shipping policy: Ministers give way over fees | Example News</title>".to_owned()
                + &og("Ministers give way over fees"),
            "<h1>Shipping policy: Ministers give way over fees</h1>",
            "Ministers give way over fees",
            "meta og:title",
        ),
        // Nothing but the topic stands in the heading.
        (
            "<title>Shipping policy: ministers give way</title>".to_owned() + &og("Shipping policy: ministers give way"),
            "<h1>Shipping policy</h1>",
            "Shipping policy: ministers give way",
            "meta og:title",
        ),
    ] {
        let article = read(&head, body);
        assert_eq!(article.title.as_deref(), Some(title), "{head} {body}");
        assert_eq!(from(&article, "title").as_deref(), Some(place), "{head} {body}");
    }
}

#[test]
fn persons_before_organisations_and_agencies_before_the_outlet() {
    let site = r#"<meta property="og:site_name" content="Example News">"#;
    let json_ld = |author: &str| {
        format!(
            r#"{site}<script type="application/ld+json">{{"@type":"NewsArticle","headline":"Harbour fees to be reformed","author":{author}}}</script>"#
        )
    };
    let heading = "<h1>Harbour fees to be reformed</h1>";
    for (head, body, authors) in [
        (json_ld(r#"{"@type":"Organization","name":"Example News"}"#), r#"<p class="byline">By Anna Berg</p>"#, vec!["Anna Berg"]),
        (json_ld(r#"{"@type":"Organization","name":"Example News"}"#), "", vec!["Example News"]),
        (json_ld(r#"{"@type":"Organization","name":"Example News"}"#), r#"<p class="author">dpa</p>"#, vec!["dpa"]),
        // What is an organisation in one place is no person in another.
        (
            json_ld(r#"{"@type":"Organization","name":"Harbour Courier"}"#)
                + r#"<meta name="author" content="Harbour Courier, Anna Berg">"#,
            "",
            vec!["Anna Berg"],
        ),
        (json_ld(r#"[{"@type":"Person","name":"Anna Berg"},{"@type":"Organization","name":"dpa"}]"#), "", vec!["Anna Berg"]),
    ] {
        assert_eq!(read(&head, &format!("{heading}{body}")).authors, authors, "{head} {body}");
    }
    let signed = read(&json_ld(r#"{"@type":"Organization","name":"Harbour Watch"}"#), heading);
    assert_eq!(from(&signed, "authors").as_deref(), Some("json-ld author (organisation)"));
    // Signed at the end.
    let prose = ENGLISH.replace("</p><p>", " ").repeat(2);
    let html = page("", heading, &format!("{prose}<p><em>Von Anna Berg</em></p>"));
    let article = read_at(PAGE, &html, &Rules::default());
    assert_eq!(
        (article.authors.as_slice(), from(&article, "authors").as_deref()),
        (&["Anna Berg".to_owned()][..], Some("page text signature"))
    );
    // Two different signatures are two articles'.
    let html = page("", heading, &format!("{prose}<p>Von Anna Berg</p><p>Von John Lake</p>"));
    assert!(read_at(PAGE, &html, &Rules::default()).authors.is_empty());
    // A selector that finds an agency is obeyed.
    let rules = Rules { authors: Some(".desk".to_owned()), ..Rules::default() };
    let html = page(&json_ld(r#"{"@type":"Person","name":"Anna Berg"}"#), &format!("{heading}<i class=desk>dpa</i>"), ENGLISH);
    assert_eq!(read_at(PAGE, &html, &rules).authors, ["dpa"]);
    // A selector that finds nothing is told, and the general reader steps in.
    let rules = Rules { authors: Some(".gone".to_owned()), ..Rules::default() };
    let article = read_at(PAGE, &html, &rules);
    assert_eq!(article.authors, ["Anna Berg"]);
    assert!(article.notes.iter().any(|note| note.detail.contains("authors selector matches no element")), "{:?}", article.notes);
}

const TEXTS: [(&str, &str); 16] = [
    ("en", ENGLISH),
    (
        "de",
        "<p>Die Minister berieten drei Stunden lang über die Reform der Hafengebühren und wollen sich im Herbst wieder treffen, wie es aus dem Ministerium hieß. Ein Sprecher der Hafenbehörde nannte die Gespräche sachlich.</p>",
    ),
    (
        "fr",
        "<p>Les ministres ont discuté pendant trois heures de la réforme des droits de port et se retrouveront à l'automne, a-t-on appris auprès du ministère. Un porte-parole du port a parlé d'échanges constructifs.</p>",
    ),
    (
        "es",
        "<p>Los ministros hablaron durante tres horas de la reforma de las tasas portuarias y volverán a reunirse en otoño, según el ministerio. Un portavoz de la autoridad portuaria dijo que las conversaciones fueron buenas.</p>",
    ),
    (
        "it",
        "<p>I ministri hanno discusso per tre ore della riforma delle tasse portuali e si rivedranno in autunno, hanno detto i funzionari. Un portavoce dell'autorità del porto ha parlato di un confronto molto utile.</p>",
    ),
    (
        "pt",
        "<p>Os ministros discutiram durante três horas a reforma das taxas portuárias e vão voltar a reunir-se no outono, disse o ministério. Um porta-voz da autoridade do porto disse que as conversações não foram fáceis.</p>",
    ),
    (
        "pl",
        "<p>Ministrowie rozmawiali przez trzy godziny o reformie opłat portowych i spotkają się ponownie jesienią, podało ministerstwo. Rzecznik zarządu portu powiedział, że rozmowy były rzeczowe i zostaną wznowione.</p>",
    ),
    (
        "ru",
        "<p>Министры три часа обсуждали реформу портовых сборов и договорились встретиться снова осенью, сообщили в ведомстве. Представитель администрации порта назвал переговоры полезными и подробными.</p>",
    ),
    (
        "uk",
        "<p>Міністри три години обговорювали реформу портових зборів і домовилися зустрітися знову восени, повідомили у відомстві. Речник адміністрації порту назвав ці переговори корисними та докладними.</p>",
    ),
    (
        "az",
        "<p>Nazirlər üç saat ərzində liman rüsumlarının islahatını müzakirə etdilər və payızda yenidən görüşmək barədə razılığa gəldilər. Liman idarəsinin sözçüsü danışıqların faydalı olduğunu və davam edəcəyini bildirdi.</p>",
    ),
    (
        "tr",
        "<p>Bakanlar üç saat boyunca liman ücretlerinin düzenlenmesini görüştü ve sonbaharda yeniden bir araya gelmeye karar verdi. Liman idaresinin sözcüsü görüşmelerin yararlı geçtiğini ve süreceğini söyledi.</p>",
    ),
    (
        "ar",
        "<p>ناقش الوزراء لمدة ثلاث ساعات إصلاح رسوم الموانئ واتفقوا على اللقاء مجددا في الخريف، بحسب ما قال مسؤولون في الوزارة. وقال متحدث باسم هيئة الميناء إن المحادثات كانت مفيدة وسوف تستمر خلال الأشهر المقبلة في العاصمة.</p>",
    ),
    (
        "hi",
        "<p>मंत्रियों ने तीन घंटे तक बंदरगाह शुल्क के सुधार पर चर्चा की और शरद ऋतु में फिर मिलने पर सहमति जताई, अधिकारियों ने कहा। बंदरगाह प्राधिकरण के प्रवक्ता ने कहा कि बातचीत उपयोगी रही और आगे भी जारी रहेगी। मजदूर संघों ने घोषणा का स्वागत किया और कहा कि कई सवाल अभी बाकी हैं।</p>",
    ),
    (
        "ja",
        "<p>閣僚らは三時間にわたって港湾使用料の改革を話し合い、秋に再び会うことで合意したと当局者は述べた。港湾当局の報道官は、話し合いは有意義なものだったと説明した。組合は発表を歓迎したが、多くの問題が残っていると指摘した。</p>",
    ),
    (
        "ko",
        "<p>장관들은 세 시간 동안 항만 사용료 개편을 논의했고 가을에 다시 만나기로 합의했다고 당국자들이 밝혔다. 항만 당국 대변인은 대화가 유익했다고 말했다. 노동조합은 발표를 환영하면서도 아직 많은 문제가 남아 있다고 지적했다. 초안은 곧 국회로 넘어간다.</p>",
    ),
    (
        "zh",
        "<p>部长们就港口费用改革讨论了三个小时，并同意在秋天再次会面，官员们说。港务局发言人表示，会谈是有益的，草案将适时提交给议会。上周曾号召罢工的工会对这一宣布表示欢迎，但表示仍有许多问题没有解决。</p>",
    ),
];

#[test]
fn the_language_is_held_against_the_text() {
    for (language, text) in TEXTS {
        // Nothing is declared: the text tells.
        let article = read_at(PAGE, &page("", "<h1>—</h1>", text), &Rules::default());
        assert_eq!(article.language.as_deref(), Some(language), "{language}");
        // The template of the site says something else.
        let other = if language == "en" { "fr-FR" } else { "en-US" };
        let html = page(&format!(r#"<meta http-equiv="content-language" content="{other}">"#), "<h1>—</h1>", text);
        let article = read_at(PAGE, &html, &Rules::default());
        assert_eq!(article.language.as_deref(), Some(language), "{other} declared over {language}");
        assert_eq!(from(&article, "language").as_deref(), Some("text"));
        // Of two declarations the one that the text is written in, with its region.
        let html = page(
            &format!(
                r#"<meta http-equiv="content-language" content="{other}"><meta property="og:locale" content="{language}_XX">"#
            ),
            "<h1>—</h1>",
            text,
        );
        assert_eq!(read_at(PAGE, &html, &Rules::default()).language, Some(format!("{language}-XX")));
    }
    // A short text says nothing; neighbours are believed as declared.
    let html = page(r#"<meta http-equiv="content-language" content="fr">"#, "", "<p>Harbour fees.</p>");
    assert_eq!(read_at(PAGE, &html, &Rules::default()).language.as_deref(), Some("fr"));
    let rules = Rules { language: Some("gl".to_owned()), ..Rules::default() };
    assert_eq!(read_at(PAGE, &page("", "", TEXTS[5].1), &rules).language.as_deref(), Some("gl"));
}

#[test]
fn paywalls_and_live_blogs_are_told() {
    let json_ld = |kind: &str, members: &str| {
        let head = format!(
            r#"<script type="application/ld+json">{{"@type":"{kind}","headline":"Harbour fees to be reformed"{members}}}</script>"#
        );
        let article = read(&head, "<h1>Harbour fees to be reformed</h1>");
        (article.free, article.live)
    };
    for (members, free) in [
        ("", None),
        (r#","isAccessibleForFree":true"#, Some(true)),
        (r#","isAccessibleForFree":false"#, Some(false)),
        (r#","isAccessibleForFree":"False""#, Some(false)),
        (r#","isAccessibleForFree":"http://schema.org/True""#, Some(true)),
        (r#","isAccessibleForFree":"perhaps""#, None),
        (r#","hasPart":{"@type":"WebPageElement","isAccessibleForFree":"False","cssSelector":".paywall"}"#, Some(false)),
        (r#","hasPart":[{"isAccessibleForFree":true}]"#, None),
    ] {
        assert_eq!(json_ld("NewsArticle", members), (free, false), "{members}");
    }
    assert_eq!(json_ld("LiveBlogPosting", ""), (None, true));
    assert_eq!(json_ld("NewsArticle", r#","coverageStartTime":"2024-04-23T10:00:00Z""#), (None, true));
    let of = |head: &str, body: &str| {
        let article = read(head, body);
        (article.free, article.live)
    };
    assert_eq!(of(r#"<meta property="article:content_tier" content="locked">"#, ""), (Some(false), false));
    assert_eq!(of(r#"<meta property="article:content_tier" content="free">"#, ""), (Some(true), false));
    assert_eq!(of(r#"<meta property="og:type" content="live-blog">"#, ""), (None, true));
    assert_eq!(of(r#"<meta property="og:type" content="article">"#, ""), (None, false));
    assert_eq!(of("", r#"<div itemscope itemtype="https://schema.org/LiveBlogPosting"></div>"#), (None, true));
}

#[test]
fn addresses_and_pictures_that_cannot_be_the_articles_are_refused() {
    for (href, canonical) in [
        ("/politics/harbour.html", Some("https://news.example.org/politics/harbour.html")),
        ("https://www.example.test/harbour", Some("https://www.example.test/harbour")),
        ("/", None),
        ("https://news.example.org", None),
        ("http://localhost/politics/harbour.html", None),
        ("javascript:void(0)", None),
        ("", None),
    ] {
        let article = read(&format!(r#"<link rel="canonical" href="{href}">"#), "");
        assert_eq!(article.canonical.map(String::from).as_deref(), canonical, "{href}");
    }
    // Two that differ: nobody says which of them somebody else put there.
    let link = |href: &str| format!("<link rel=\"canonical\" href=\"{href}\">");
    let two = |one: &str, other: &str| read(&(link(one) + &link(other)), "").canonical.map(String::from);
    assert_eq!(two("https://www.example.test/harbour", "/politics/harbour.html"), None);
    assert_eq!(
        two("/harbour.html", "https://news.example.org/harbour.html").as_deref(),
        Some("https://news.example.org/harbour.html")
    );
    // What is only shared or linked is no address of record.
    assert_eq!(read(r#"<meta property="og:url" content="https://news.example.org/other.html">"#, "").canonical, None);
    for (declared, image) in [
        ("/media/site-logo.png", None),
        ("/media/placeholder-16x9.jpg", None),
        ("/media/catalogo.jpg", Some("https://news.example.org/media/catalogo.jpg")),
        ("/media/harbour.jpg", Some("https://news.example.org/media/harbour.jpg")),
    ] {
        let article = read(&format!(r#"<meta property="og:image" content="{declared}">"#), "");
        assert_eq!(article.image.map(String::from).as_deref(), image, "{declared}");
    }
}

#[test]
fn whoever_asks_why_is_told() {
    let head = r#"<title>Harbour fees to be reformed | Example News</title><meta property="og:site_name" content="Example News">
        <link rel="canonical" href="/">
        <meta property="og:image" content="/logo.png"><meta name="date" content="no date at all">
        <script type="application/ld+json">{"@type":"NewsArticle","headline":"Harbour fees to be reformed","author":"Anna Berg","datePublished":"2024-04-23T10:00:00Z",
        "keywords":["harbour","12345678","Harbour"],"articleSection":"Example News"}</script>"#;
    let explanation = explain(&page(head, "<h1>Harbour fees to be reformed</h1>", ENGLISH));
    let article = &explanation.article;
    assert_eq!(article.authors, ["Anna Berg"]);
    let why = |field: &str, value: &str| {
        let ruling = explanation.fields.iter().find(|ruling| ruling.field == field).expect("every field is there");
        let evidence = ruling.candidates.iter().find(|evidence| evidence.value == value).expect("the candidate is there");
        (evidence.from.clone(), evidence.won, evidence.why)
    };
    assert_eq!(
        why("title", "Harbour fees to be reformed | Example News"),
        ("title".into(), false, "a place that is trusted more speaks")
    );
    assert_eq!(why("published", "2024-04-23T10:00:00Z"), ("json-ld datePublished".into(), true, "chosen"));
    assert_eq!(why("published", "no date at all"), ("meta date".into(), false, "cannot be read as a date"));
    assert_eq!(why("tags", "12345678"), ("json-ld keywords".into(), false, "a code, not a word for readers"));
    assert_eq!(why("tags", "Harbour"), ("json-ld keywords".into(), false, "named before"));
    assert_eq!(why("section", "Example News"), ("json-ld articleSection".into(), false, "the site's own name"));
    assert_eq!(why("image", "/logo.png"), ("meta og:image".into(), false, "a logo or a placeholder"));
    assert_eq!(why("canonical", "/"), ("rel=canonical".into(), false, "the front page: a mistake of the site's template"));
    // Every field that has a value says where it is from; a field without one says nothing.
    assert_eq!(from(article, "title").as_deref(), Some("h1"));
    assert_eq!(from(article, "language").as_deref(), Some("text"));
    assert_eq!(from(article, "canonical"), None);
    assert!(explanation.blocks.iter().any(|block| block.taken), "the blocks of the text are there");
}

#[test]
fn the_command_prints_the_reasons() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("page.html");
    let head = r#"<meta name="author" content="Anna Berg">"#;
    let body = r#"<h1>Harbour fees to be reformed</h1><p class="standfirst">Ministers give way.</p><b class="desk">John Lake</b>"#;
    std::fs::write(&file, page(head, body, ENGLISH)).unwrap();
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_wireroom"))
            .arg("extract")
            .arg(&file)
            .args(["--url", PAGE])
            .args(arguments)
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, told, _) = run(&["--explain"]);
    assert_eq!(code, Some(0));
    for part in [
        "authors: Anna Berg  (the most trusted place that names persons)",
        "+ meta author  Anna Berg  (chosen)",
        "blocks: ",
        "  (taken)",
    ] {
        assert!(told.contains(part), "{part:?} expected in {told}");
    }
    let (_, told, _) = run(&["--explain", "--json", "--select", "authors=.desk"]);
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["article"]["authors"], serde_json::json!(["John Lake"]));
    let authors = told["fields"].as_array().unwrap().iter().find(|field| field["field"] == "authors").unwrap();
    assert_eq!(authors["rule"], "the source's selector decides");
    assert!(told["blocks"].as_array().unwrap().iter().any(|block| block["why"] == "taken"));
    for (wrong, said) in
        [("authors=..", "is no selector"), ("colour=.x", "takes no selector"), ("authors", "is not FIELD=SELECTOR")]
    {
        let (code, _, told) = run(&["--select", wrong]);
        assert_eq!(code, Some(1), "{wrong}");
        assert!(told.contains(said), "{said:?} expected in {told}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Whatever a page says, the explanation agrees with the article, and each winner is one of the candidates.
    #[test]
    fn explanations_agree_with_what_is_read(words in "\\PC{0,50}", url in "[a-z:/.?&=%0-9 -]{0,40}", date in "[0-9年月日 :./+TZ-]{0,30}", text in "[a-zəşқの한 .]{0,400}") {
        let escaped = words.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
        let html = page(
            &format!("<title>{escaped}</title><meta property=\"og:title\" content=\"{escaped} - {date}\"><meta property=\"og:image\" content=\"{url}\"><link rel=\"canonical\" href=\"{url}\"><meta name=\"date\" content=\"{date}\">"),
            &format!("<h1>{date}: {escaped}</h1><div class=\"author\">{escaped}</div><div>{date}</div>"),
            &format!("<p>{text}</p><p>Von {escaped}</p>"),
        );
        let explanation = explain(&html);
        let article = explanation.article;
        for ruling in &explanation.fields {
            let winner = ruling.candidates.iter().find(|evidence| evidence.why == "chosen").map(|evidence| &evidence.from);
            let said = from(&article, ruling.field).map(|said| said.trim_end_matches(" (organisation)").to_owned());
            prop_assert_eq!(said.as_ref(), winner, "{}", ruling.field);
            prop_assert_eq!(ruling.rule.is_empty() || ruling.field == "tags", winner.is_none() || ruling.field == "tags", "{}", ruling.field);
        }
    }
}

#[test]
fn a_date_years_ahead_is_first_sight() {
    let article = read("<meta property=\"article:published_time\" content=\"2041-05-03T10:00:00+02:00\">", "");
    assert_eq!(article.published.map(|time| time.at), Some(SEEN.parse().unwrap()));
    assert!(article.notes.iter().any(|note| note.detail.contains("lies in the future; first sight taken")), "{:?}", article.notes);
}

#[test]
fn a_desk_keeps_its_name() {
    for desk in ["Haber Merkezi", "Отдел новостей"] {
        assert_eq!(read(&format!("<meta name=\"author\" content=\"{desk}\">"), "").authors, [desk]);
        let both = format!("<meta name=\"author\" content=\"{desk}\"><meta property=\"article:author\" content=\"Anna Berg\">");
        assert_eq!(read(&both, "").authors, ["Anna Berg"], "{desk}");
    }
}
