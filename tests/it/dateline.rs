//! Datelines as agencies write them, and openings that only look like one.

use wireroom::article::{self, Rules};
use wireroom::model::{Article, Boilerplate, Document, Entry, Extracted, Head, Timestamp, Url, Validators};

const FIRST: &str = "The ministers discussed the reform of the harbour fees for three hours and agreed to meet again in the autumn, officials said.";
const SECOND: &str = "A spokesman for the port authority said that the talks had been constructive, and that a draft would be sent to parliament in due course.";
const THIRD: &str = "Trade unions, which had called for a strike last week, welcomed the announcement but said that many questions were still open.";

/// Reads an article published at `published` whose text opens with `openings`, the last one run on into prose.
fn read(openings: &[&str], published: &str) -> Article {
    let mut paragraphs: Vec<String> = openings.iter().map(|text| (*text).to_owned()).collect();
    if let Some(last) = paragraphs.last_mut().filter(|last| last.ends_with('~')) {
        last.pop();
        last.push_str(FIRST);
    } else {
        paragraphs.push(FIRST.to_owned());
    }
    paragraphs.push(SECOND.to_owned());
    paragraphs.push(THIRD.to_owned());
    let body: String = paragraphs.iter().map(|text| format!("<p>{}</p>\n", text.replace('&', "&amp;"))).collect();
    let html = format!(
        "<html><head><title>Harbour fees to be reformed</title>\
         <meta property=\"article:published_time\" content=\"{published}\"></head>\
         <body><article><h1>Harbour fees to be reformed</h1><div class=\"article-body\">{body}</div></article></body></html>"
    );
    let url: Url = "https://news.example.org/2024/harbour-fees-to-be-reformed".parse().expect("well formed");
    let at: Timestamp = "2026-01-01T00:00:00Z".parse().expect("well formed");
    let head = Head {
        status: 200,
        final_url: url.clone(),
        validators: Validators::default(),
        fresh_for: None,
        moved_to: None,
        fetched_at: at,
        fields: Vec::new(),
    };
    let document = Document {
        url: url.clone(),
        head,
        content_type: Some("text/html; charset=utf-8".into()),
        content_language: None,
        body: html.into_bytes(),
        complete: true,
    };
    let entry = Entry::of_page(Some(url), at);
    match article::extract(&[document], &entry, &Rules::default(), &Boilerplate::default()).expect("a page") {
        Extracted::Article(article) => *article,
        Extracted::Needs(_) => panic!("one page is all there is"),
    }
}

/// Place, date and agency in one text, `-` for what is absent.
fn told(openings: &[&str]) -> String {
    let article = read(openings, "2024-04-23T17:00:00Z");
    let Some(dateline) = article.dateline else { return "none".to_owned() };
    format!("{} | {} | {}", dateline.place, dateline.date.as_deref().unwrap_or("-"), dateline.agency.as_deref().unwrap_or("-"))
}

/// Holds every row against what is read, and shows all that differ at once.
fn check<'a>(rows: impl IntoIterator<Item = (Vec<&'a str>, String)>) {
    let wrong: Vec<String> = rows
        .into_iter()
        .filter_map(|(openings, expected)| {
            let found = told(&openings);
            (found != expected).then(|| format!("{openings:?}\n    expected {expected}\n    found    {found}"))
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn row(place: &str, date: &str, agency: &str) -> String {
    let shown = |text: &str| if text.is_empty() { "-".to_owned() } else { text.to_owned() };
    format!("{place} | {} | {}", shown(date), shown(agency))
}

#[test]
fn forms_that_agencies_use() {
    let rows = [
        // the founding agency and its neighbours
        ("BAKU, Azerbaijan, April 23. ~", "BAKU, Azerbaijan", "2024-04-23", ""),
        ("BAKU, Azerbaijan, April 23, 2024. ~", "BAKU, Azerbaijan", "2024-04-23", ""),
        ("Baku, Azerbaijan, Nov. 2 / Trend: ~", "Baku, Azerbaijan", "2023-11-02", "Trend"),
        ("Baku, Azerbaijan, Apr. 22 / Trend /. ~", "Baku, Azerbaijan", "2024-04-22", "Trend"),
        ("БАКУ /Trend/ - ~", "БАКУ", "", "Trend"),
        ("Баку, 23 апреля, АЗЕРТАДЖ. ~", "Баку", "2024-04-23", "АЗЕРТАДЖ"),
        ("Baku, April 23, AZERTAC. ~", "Baku", "2024-04-23", "AZERTAC"),
        ("TASHKENT, Uzbekistan, April 20. ~", "TASHKENT, Uzbekistan", "2024-04-20", ""),
        ("ASTANA, Kazakhstan, April 21. ~", "ASTANA, Kazakhstan", "2024-04-21", ""),
        ("TBILISI, Georgia, Dec. 31. ~", "TBILISI, Georgia", "2023-12-31", ""),
        // Russian agencies
        ("MOSCOW, April 23. /TASS/. ~", "MOSCOW", "2024-04-23", "TASS"),
        ("ST. PETERSBURG, April 22. /TASS/. ~", "ST. PETERSBURG", "2024-04-22", "TASS"),
        ("МОСКВА, 23 апреля. /ТАСС/. ~", "МОСКВА", "2024-04-23", "ТАСС"),
        ("МОСКВА, 23 апр - РИА Новости. ~", "МОСКВА", "2024-04-23", "РИА Новости"),
        ("САНКТ-ПЕТЕРБУРГ, 22 апр - РИА Новости. ~", "САНКТ-ПЕТЕРБУРГ", "2024-04-22", "РИА Новости"),
        ("Москва. 23 апреля. ИНТЕРФАКС - ~", "Москва", "2024-04-23", "ИНТЕРФАКС"),
        ("МОСКВА /ТАСС/. ~", "МОСКВА", "", "ТАСС"),
        ("КИЕВ, 23 апреля (Рейтер) - ~", "КИЕВ", "2024-04-23", "Рейтер"),
        // the world agencies
        ("WASHINGTON (AP) — ~", "WASHINGTON", "", "AP"),
        ("WASHINGTON (AP) -- ~", "WASHINGTON", "", "AP"),
        ("NEW YORK (AP) — ~", "NEW YORK", "", "AP"),
        ("SALT LAKE CITY (AP) — ~", "SALT LAKE CITY", "", "AP"),
        ("RALEIGH, N.C. (AP) — ~", "RALEIGH, N.C.", "", "AP"),
        ("LA CROSSE, Wis. (AP) — ~", "LA CROSSE, Wis.", "", "AP"),
        ("SIOUX FALLS, S.D. – ~", "SIOUX FALLS, S.D.", "", ""),
        ("COLUMBUS, Ohio (AP) — ~", "COLUMBUS, Ohio", "", "AP"),
        ("PORT-AU-PRINCE, Haiti (AP) — ~", "PORT-AU-PRINCE, Haiti", "", "AP"),
        ("RIO DE JANEIRO (AP) — ~", "RIO DE JANEIRO", "", "AP"),
        ("NEW YORK, Jan 5 (Reuters) - ~", "NEW YORK", "2024-01-05", "Reuters"),
        ("LONDON, April 23 (Reuters) - ~", "LONDON", "2024-04-23", "Reuters"),
        ("KATHMANDU, April 22 (Reuters) - ~", "KATHMANDU", "2024-04-22", "Reuters"),
        ("JERUSALEM/CAIRO, April 23 (Reuters) - ~", "JERUSALEM/CAIRO", "2024-04-23", "Reuters"),
        ("BRUSSELS, March 7 (Reuters) – ~", "BRUSSELS", "2024-03-07", "Reuters"),
        ("PARIS (AFP) - ~", "PARIS", "", "AFP"),
        ("Paris (AFP) – ~", "Paris", "", "AFP"),
        ("PARIS, April 23, 2024 (AFP) - ~", "PARIS", "2024-04-23", "AFP"),
        ("Port-au-Prince (AFP) – ~", "Port-au-Prince", "", "AFP"),
        ("BEIJING, April 23 (Xinhua) -- ~", "BEIJING", "2024-04-23", "Xinhua"),
        ("ADDIS ABABA, April 22 (Xinhua) -- ~", "ADDIS ABABA", "2024-04-22", "Xinhua"),
        ("WASHINGTON, April 23 (UPI) -- ~", "WASHINGTON", "2024-04-23", "UPI"),
        ("TOKYO, April 23 (Kyodo) -- ~", "TOKYO", "2024-04-23", "Kyodo"),
        ("SEOUL, April 23 (Yonhap) -- ~", "SEOUL", "2024-04-23", "Yonhap"),
        ("New Delhi, Apr 23 (PTI) ~", "New Delhi", "2024-04-23", "PTI"),
        ("KUALA LUMPUR, April 23 (Bernama) -- ~", "KUALA LUMPUR", "2024-04-23", "Bernama"),
        ("DAMASCUS, (SANA) – ~", "DAMASCUS", "", "SANA"),
        ("ABU DHABI, 23rd April, 2024 (WAM) -- ~", "ABU DHABI", "2024-04-23", "WAM"),
        ("TEHRAN, Apr. 23 (MNA) – ~", "TEHRAN", "2024-04-23", "MNA"),
        ("CANBERRA (AAP) — ~", "CANBERRA", "", "AAP"),
        ("NAIROBI (Thomson Reuters Foundation) - ~", "NAIROBI", "", "Thomson Reuters Foundation"),
        // German
        ("Berlin (dpa) - ~", "Berlin", "", "dpa"),
        ("Berlin (dpa/tmn) - ~", "Berlin", "", "dpa/tmn"),
        ("Frankfurt/Main (dpa) - ~", "Frankfurt/Main", "", "dpa"),
        ("München (dpa) – ~", "München", "", "dpa"),
        ("Wien (APA) - ~", "Wien", "", "APA"),
        ("Bern (sda) - ~", "Bern", "", "sda"),
        ("Berlin, 23. Apr (Reuters) - ~", "Berlin", "2024-04-23", "Reuters"),
        ("Düsseldorf (epd). ~", "Düsseldorf", "", "epd"),
        // Romance languages
        ("ROMA, 23 APR - ~", "ROMA", "2024-04-23", ""),
        ("(ANSA) - ROMA, 23 APR - ~", "ROMA", "2024-04-23", "ANSA"),
        ("MADRID, 23 Abr. (EUROPA PRESS) - ~", "MADRID", "2024-04-23", "EUROPA PRESS"),
        ("Madrid, 23 abr (EFE).- ~", "Madrid", "2024-04-23", "EFE"),
        ("La Habana, 23 abr (Prensa Latina) ~", "La Habana", "2024-04-23", "Prensa Latina"),
        ("Buenos Aires, 22 de abril (EFE).- ~", "Buenos Aires", "2024-04-22", "EFE"),
        ("PARIS, 23 avril (Reuters) - ~", "PARIS", "2024-04-23", "Reuters"),
        ("Lisboa, 23 abr 2024 (Lusa) - ~", "Lisboa", "2024-04-23", "Lusa"),
        ("SÃO PAULO, 22 abr (Reuters) - ~", "SÃO PAULO", "2024-04-22", "Reuters"),
        // Turkish, Polish, Ukrainian
        ("ANKARA (AA) - ~", "ANKARA", "", "AA"),
        ("İSTANBUL (AA) - ~", "İSTANBUL", "", "AA"),
        ("İZMİR, (DHA) - ~", "İZMİR", "", "DHA"),
        ("Warszawa (PAP) - ~", "Warszawa", "", "PAP"),
        // no agency
        ("LONDON — ~", "LONDON", "", ""),
        ("LONDON - ~", "LONDON", "", ""),
        ("LOS ANGELES — ~", "LOS ANGELES", "", ""),
        ("UNITED NATIONS — ~", "UNITED NATIONS", "", ""),
        ("CHICAGO -- ~", "CHICAGO", "", ""),
        ("KYIV, Ukraine — ~", "KYIV, Ukraine", "", ""),
        ("DAKAR, Senegal — ~", "DAKAR, Senegal", "", ""),
        // portals that run another's text
        ("(MENAFN- Trend News Agency) BAKU, Azerbaijan, December 5. ~", "BAKU, Azerbaijan", "2023-12-05", "Trend News Agency"),
        ("(MENAFN - AFP) Paris, April 22. ~", "Paris", "2024-04-22", "AFP"),
        // scripts without spaces
        ("新华社北京4月23日电 ~", "北京", "2024-04-23", "新华社"),
        ("(서울=연합뉴스) ~", "서울", "", "연합뉴스"),
        ("【ロンドン共同】~", "ロンドン", "", "共同"),
    ];
    assert!(rows.len() >= 80);
    check(rows.into_iter().map(|(opening, place, date, agency)| (vec![opening], row(place, date, agency))));
}

#[test]
fn datelines_in_two_and_three_paragraphs() {
    check([
        (vec!["BAKU, Azerbaijan, July 14", "Trend:", "~"], row("BAKU, Azerbaijan", "2023-07-14", "Trend")),
        (vec!["BAKU, Azerbaijan, Nov. 2", "Trend:"], row("BAKU, Azerbaijan", "2023-11-02", "Trend")),
        // The second line is the byline, and leaves the text as one.
        (vec!["Baku, Azerbaijan, Apr. 22", "By Aydin Berg - Trend:"], row("Baku, Azerbaijan", "2024-04-22", "")),
    ]);
    let article = read(&["Baku, Azerbaijan, Apr. 22", "By Aydin Berg - Trend:"], "2024-04-23T17:00:00Z");
    assert_eq!(article.authors, ["Aydin Berg"]);
    assert_eq!(article.credit.as_deref(), Some("Trend"));
}

#[test]
fn an_agency_without_a_place_is_a_credit() {
    for (opening, agency) in [
        ("(Reuters) - ~", "Reuters"),
        ("(AP) — ~", "AP"),
        ("(dpa) - ~", "dpa"),
        ("(ANSA) - ~", "ANSA"),
        ("(Bloomberg) -- ~", "Bloomberg"),
    ] {
        let article = read(&[opening], "2024-04-23T17:00:00Z");
        assert_eq!(article.dateline, None, "{opening}");
        assert_eq!(article.credit.as_deref(), Some(agency), "{opening}");
    }
}

#[test]
fn openings_that_are_no_dateline() {
    let openings = [
        "Trump — who had promised lower fees — was not there. ~",
        "Paris — ~",
        "PARIS. It was a quiet morning when the ships came in. ~",
        "In Baku, April 23. was the day when nothing happened. ~",
        "On Monday, April 22 - a day later than planned - the talks began. ~",
        "Monday, April 22. ~",
        "April 23 — ~",
        "April 23, 2024. ~",
        "23 April 2024 21:00 — ~",
        "UPDATE — ~",
        "BREAKING — ~",
        "WATCH — ~",
        "EXCLUSIVE - ~",
        "VIDEO — ~",
        "OPINION — ~",
        "NATO — ~",
        "Merkel (CDU) - the former chancellor - was present. ~",
        "Biden (D) — ~",
        "Smith (Labour) - a backbencher - said so. ~",
        "\"BAKU, April 23. is how they begin,\" he said. ~",
        "“LONDON — is calling,” she said. ~",
        "Azerbaijan, Georgia and Armenia discussed the fees. ~",
        "John Berg, 45, a docker, lost his job. ~",
        "Twenty-three people — among them dockers — came. ~",
        "21:00 - The doors are opened. ~",
        "10.30am — ~",
        "KING OPENS NEW HARBOUR — AND NOBODY CAME TO SEE",
        "Q: Why were the fees raised? A: Nobody knows. ~",
        "The Baku, April 23 meeting was short. ~",
        "I — like most — was late. ~",
        "A. Nobody came. ~",
        "Harbour (noun) - a place for ships. ~",
        "Brent (LCOc1) fell 2 % on Tuesday. ~",
    ];
    check(openings.into_iter().map(|opening| (vec![opening], "none".to_owned())));
}

#[test]
fn the_year_is_the_one_that_brings_the_day_nearest() {
    for (published, expected) in [
        ("2024-12-06T10:00:00Z", "2024-12-05"),
        ("2024-01-02T10:00:00Z", "2023-12-05"),
        // A day ahead is still the same year: it is tomorrow there already.
        ("2024-12-04T23:30:00Z", "2024-12-05"),
        // Two days ahead is last year's.
        ("2024-12-03T10:00:00Z", "2023-12-05"),
    ] {
        let article = read(&["BAKU, Azerbaijan, December 5. ~"], published);
        assert_eq!(article.dateline.and_then(|dateline| dateline.date).as_deref(), Some(expected), "{published}");
    }
}

#[test]
fn the_text_keeps_its_dateline() {
    let article = read(&["BAKU, Azerbaijan, April 23. ~"], "2024-04-23T17:00:00Z");
    assert!(article.body[0].starts_with("BAKU, Azerbaijan, April 23. The ministers"), "{:?}", article.body);
}
