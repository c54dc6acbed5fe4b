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
    extracted(html)
}

/// What is read off a page.
fn extracted(html: String) -> Article {
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
        "PARIS. Reuters, the news agency, was told so. ~",
        "London, Reuters reported, was quiet. ~",
        "Kyiv (Ukraine) is the capital. ~",
        "Georgia (country) - a state in the Caucasus. ~",
        "Baku-based dockers stayed at home. ~",
        "Jean-AP Martin was there. ~",
        "23 people, Minsk police said, were held. ~",
        "23 April, a Tuesday, was the day of the vote. ~",
        "BARCELONA, 23 points ahead, won the cup. ~",
        "Real Madrid, 23 (Champions) titles, lost. ~",
        "TREND — a word for fashion. ~",
        "Tehran, said the minister – and nobody else – would pay. ~",
        "قال الوزير (أمس) - إن الرسوم ستنخفض. ~",
        "أعلنت الحكومة في 23 أبريل أن الرسوم ستنخفض. ~",
        "नई दिल्ली में 23 अप्रैल को बैठक हुई। ~",
        "प्रधानमंत्री (मोदी) ने कहा। ~",
        "北京4月23日的天气很好。~",
        "新华社记者王明在北京采访。~",
        "（記者会）大臣は述べた。~",
        "【速報】港湾使用料が下がる。~",
        "(서울) 항만 요금이 내린다. ~",
        "서울 4월 23일 회의가 열렸다. ~",
        "В Баку 23 апреля прошла встреча. ~",
        "Москва — столица России. ~",
        "Berlin (2,4 Millionen Einwohner) - die Hauptstadt - wartet. ~",
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

#[test]
fn forms_of_agencies_the_world_over() {
    let rows = [
        // world agencies, with the country or a second town
        ("Kyiv (Ukraine) (AFP) – ~", "Kyiv (Ukraine)", "", "AFP"),
        ("Paris, 23 avr 2024 (AFP) - ~", "Paris", "2024-04-23", "AFP"),
        ("Gaza (Territoires palestiniens) (AFP) – ~", "Gaza (Territoires palestiniens)", "", "AFP"),
        ("MOSCOW. April 23 (Interfax) - ~", "MOSCOW", "2024-04-23", "Interfax"),
        ("LONDON (Reuters Breakingviews) - ~", "LONDON", "", "Reuters Breakingviews"),
        ("WASHINGTON, D.C. (AP) — ~", "WASHINGTON, D.C.", "", "AP"),
        ("PARIS/LONDON, April 23 (Reuters) - ~", "PARIS/LONDON", "2024-04-23", "Reuters"),
        ("UNITED NATIONS, April 22 (APP): ~", "UNITED NATIONS", "2024-04-22", "APP"),
        // the wires of companies
        ("NEW YORK, April 23, 2024 /PRNewswire/ -- ~", "NEW YORK", "2024-04-23", "PRNewswire"),
        ("SAN FRANCISCO, April 23, 2024 (GLOBE NEWSWIRE) -- ~", "SAN FRANCISCO", "2024-04-23", "GLOBE NEWSWIRE"),
        ("LONDON--(BUSINESS WIRE)--~", "LONDON", "", "BUSINESS WIRE"),
        ("DUBAI, United Arab Emirates--(BUSINESS WIRE)--~", "DUBAI, United Arab Emirates", "", "BUSINESS WIRE"),
        ("TORONTO, April 23, 2024 /CNW/ - ~", "TORONTO", "2024-04-23", "CNW"),
        // Azerbaijan
        ("Bakı, 23 aprel, AZƏRTAC ~", "Bakı", "2024-04-23", "AZƏRTAC"),
        ("Bakı, 23 aprel, AZƏRTAC. ~", "Bakı", "2024-04-23", "AZƏRTAC"),
        ("Bakı. 23 aprel. REPORT.AZ/ ~", "Bakı", "2024-04-23", "REPORT.AZ"),
        ("Baku. 23 April. REPORT.AZ/ ~", "Baku", "2024-04-23", "REPORT.AZ"),
        ("Баку. 23 апреля. REPORT.AZ/ ~", "Баку", "2024-04-23", "REPORT.AZ"),
        ("Bakı. Trend: ~", "Bakı", "", "Trend"),
        ("Bakı / Trend / ~", "Bakı", "", "Trend"),
        ("Баку /Trend/. ~", "Баку", "", "Trend"),
        ("Баку. Trend: ~", "Баку", "", "Trend"),
        ("Bakı/23.04.24/Turan: ~", "Bakı", "2024-04-23", "Turan"),
        ("Baku/23.04.24/Turan: ~", "Baku", "2024-04-23", "Turan"),
        ("[Baku-APA] ~", "Baku", "", "APA"),
        ("Bakı – APA. ~", "Bakı", "", "APA"),
        ("Baku-APA. ~", "Baku", "", "APA"),
        // Russia and its neighbours
        ("Москва. 23 апреля. INTERFAX.RU - ~", "Москва", "2024-04-23", "INTERFAX.RU"),
        ("МОСКВА, 23 апр — РИА Новости, Иван Петров. ~", "МОСКВА", "2024-04-23", "РИА Новости"),
        ("МОСКВА, 23 апр - ПРАЙМ. ~", "МОСКВА", "2024-04-23", "ПРАЙМ"),
        ("ТАШКЕНТ, 23 апр — Sputnik. ~", "ТАШКЕНТ", "2024-04-23", "Sputnik"),
        ("ТБИЛИСИ, 23 апр - Sputnik. ~", "ТБИЛИСИ", "2024-04-23", "Sputnik"),
        ("НЬЮ-ЙОРК, 22 апреля. /Корр. ТАСС Иван Петров/. ~", "НЬЮ-ЙОРК", "2024-04-22", "ТАСС"),
        ("/ТАСС/, 23 апреля. ~", "", "", "ТАСС"),
        ("АСТАНА. КАЗИНФОРМ - ~", "АСТАНА", "", "КАЗИНФОРМ"),
        ("ASTANA. KAZINFORM - ~", "ASTANA", "", "KAZINFORM"),
        ("23 апреля, Минск /Корр. БЕЛТА/. ~", "Минск", "2024-04-23", "БЕЛТА"),
        ("MINSK, 23 April (BelTA) – ~", "MINSK", "2024-04-23", "BelTA"),
        ("БИШКЕК, 23 апреля. /Кабар/. ~", "БИШКЕК", "2024-04-23", "Кабар"),
        ("ДУШАНБЕ, 23.04.2024 /НИАТ «Ховар»/. ~", "ДУШАНБЕ", "2024-04-23", "НИАТ «Ховар»"),
        ("YEREVAN, APRIL 23, ARMENPRESS. ~", "YEREVAN", "2024-04-23", "ARMENPRESS"),
        ("ЕРЕВАН, 23 АПРЕЛЯ, АРМЕНПРЕСС. ~", "ЕРЕВАН", "2024-04-23", "АРМЕНПРЕСС"),
        ("Київ. 23 квітня. ІНТЕРФАКС-УКРАЇНА - ~", "Київ", "2024-04-23", "ІНТЕРФАКС-УКРАЇНА"),
        ("КИЇВ. 23 квітня. УНН. ~", "КИЇВ", "2024-04-23", "УНН"),
        ("КИЇВ, 23 квітня. /Укрінформ/. ~", "КИЇВ", "2024-04-23", "Укрінформ"),
        ("KYIV. April 23. UNN. ~", "KYIV", "2024-04-23", "UNN"),
        // German
        ("Wien/Salzburg (APA) – ~", "Wien/Salzburg", "", "APA"),
        ("Bern (Keystone-SDA) - ~", "Bern", "", "Keystone-SDA"),
        ("BERLIN (dpa-AFX) - ~", "BERLIN", "", "dpa-AFX"),
        ("Berlin (dts Nachrichtenagentur) - ~", "Berlin", "", "dts Nachrichtenagentur"),
        ("Köln (SID) - ~", "Köln", "", "SID"),
        ("Bonn (KNA) - ~", "Bonn", "", "KNA"),
        ("FRANKFURT (Dow Jones) - ~", "FRANKFURT", "", "Dow Jones"),
        ("Frankfurt/Oder (dpa/bb) - ~", "Frankfurt/Oder", "", "dpa/bb"),
        ("Kiel (ots) - ~", "Kiel", "", "ots"),
        // Romance languages
        ("(ANSA-AFP) - PARIGI, 23 APR - ~", "PARIGI", "2024-04-23", "ANSA-AFP"),
        ("Roma, 23 apr. (Adnkronos) - ~", "Roma", "2024-04-23", "Adnkronos"),
        ("Roma, 23 apr. (askanews) - ~", "Roma", "2024-04-23", "askanews"),
        ("Milano, 23 apr. (LaPresse) - ~", "Milano", "2024-04-23", "LaPresse"),
        ("AGI - ~", "", "", "AGI"),
        ("Madrid (EFE).- ~", "Madrid", "", "EFE"),
        ("Ciudad de México, 22 abr (EFE).- ~", "Ciudad de México", "2024-04-22", "EFE"),
        ("San José (Costa Rica), 23 abr (EFE).- ~", "San José (Costa Rica)", "2024-04-23", "EFE"),
        ("México, 23 Abr (Notimex).- ~", "México", "2024-04-23", "Notimex"),
        ("Lima, abr. 23. ~", "Lima", "2024-04-23", ""),
        ("BARCELONA, 23 (EUROPA PRESS) ~", "BARCELONA", "2024-04-23", "EUROPA PRESS"),
        ("Lisboa, 23 abr (Lusa) – ~", "Lisboa", "2024-04-23", "Lusa"),
        ("Brasília (Agência Brasil) - ~", "Brasília", "", "Agência Brasil"),
        ("BRASÍLIA (Reuters) - ~", "BRASÍLIA", "", "Reuters"),
        ("São Paulo, 23 abr (Xinhua) -- ~", "São Paulo", "2024-04-23", "Xinhua"),
        // Poland, Bohemia, Hungary, the Balkans, the Baltic
        ("Warszawa, 23.04.2024 (PAP) – ~", "Warszawa", "2024-04-23", "PAP"),
        ("Warszawa, 23 kwietnia (PAP) – ~", "Warszawa", "2024-04-23", "PAP"),
        ("Praha 23. dubna (ČTK) - ~", "Praha", "2024-04-23", "ČTK"),
        ("VILNIUS, Apr 23, BNS - ~", "VILNIUS", "2024-04-23", "BNS"),
        ("Sofia, April 23 (BTA) – ~", "Sofia", "2024-04-23", "BTA"),
        ("Ljubljana, 23 April (STA) - ~", "Ljubljana", "2024-04-23", "STA"),
        ("DEN HAAG (ANP) - ~", "DEN HAAG", "", "ANP"),
        // Turkey, the Arab world, Iran
        ("ANKARA-AA ~", "ANKARA", "", "AA"),
        ("İSTANBUL, (DHA)- ~", "İSTANBUL", "", "DHA"),
        ("ANKARA (İHA) - ~", "ANKARA", "", "İHA"),
        ("Riyadh, April 23, 2024, SPA -- ~", "Riyadh", "2024-04-23", "SPA"),
        ("CAIRO, April 23 (MENA) - ~", "CAIRO", "2024-04-23", "MENA"),
        ("Amman, April 23 (Petra) – ~", "Amman", "2024-04-23", "Petra"),
        ("KUWAIT, April 23 (KUNA) -- ~", "KUWAIT", "2024-04-23", "KUNA"),
        ("Doha, April 23 (QNA) - ~", "Doha", "2024-04-23", "QNA"),
        ("Manama, April 23 (BNA): ~", "Manama", "2024-04-23", "BNA"),
        ("Tehran, IRNA – ~", "Tehran", "", "IRNA"),
        ("TEHRAN (Tasnim) – ~", "TEHRAN", "", "Tasnim"),
        ("أبوظبي في 23 أبريل / وام / ~", "أبوظبي", "2024-04-23", "وام"),
        ("القاهرة - أ ش أ: ~", "القاهرة", "", "أ ش أ"),
        ("الرياض (واس) - ~", "الرياض", "", "واس"),
        ("واشنطن (رويترز) - ~", "واشنطن", "", "رويترز"),
        ("باريس (أ ف ب) - ~", "باريس", "", "أ ف ب"),
        ("دبي 23 أبريل نيسان (رويترز) - ~", "دبي", "2024-04-23", "رويترز"),
        // South and South-East Asia, Africa
        ("New Delhi [India], April 23 (ANI): ~", "New Delhi [India]", "2024-04-23", "ANI"),
        ("New Delhi, April 23 (IANS) ~", "New Delhi", "2024-04-23", "IANS"),
        ("नई दिल्ली, 23 अप्रैल (भाषा) ~", "नई दिल्ली", "2024-04-23", "भाषा"),
        ("लखनऊ, 22 अप्रैल (वार्ता) ~", "लखनऊ", "2024-04-22", "वार्ता"),
        ("DHAKA, April 23, 2024 (BSS) - ~", "DHAKA", "2024-04-23", "BSS"),
        ("ISLAMABAD, Apr 23 (APP): ~", "ISLAMABAD", "2024-04-23", "APP"),
        ("Jakarta (ANTARA) - ~", "Jakarta", "", "ANTARA"),
        ("Hanoi (VNA) – ~", "Hanoi", "", "VNA"),
        ("Ulaanbaatar, April 23, 2024 /MONTSAME/. ~", "Ulaanbaatar", "2024-04-23", "MONTSAME"),
        ("Accra, April 23, GNA - ~", "Accra", "2024-04-23", "GNA"),
        ("Abuja, April 23, 2024 (NAN) ~", "Abuja", "2024-04-23", "NAN"),
        ("Pyongyang, April 23 (KCNA) -- ~", "Pyongyang", "2024-04-23", "KCNA"),
        // scripts without spaces
        ("新华社联合国4月22日电（记者王明）~", "联合国", "2024-04-22", "新华社"),
        ("（新华社北京4月23日电）~", "北京", "2024-04-23", "新华社"),
        ("中新网上海4月23日电 ~", "上海", "2024-04-23", "中新网"),
        ("中新社香港4月22日电 ~", "香港", "2024-04-22", "中新社"),
        ("人民网北京4月23日电 ~", "北京", "2024-04-23", "人民网"),
        ("（中央社記者王小明台北23日電）~", "台北", "2024-04-23", "中央社"),
        ("（中央社東京22日綜合外電報導）~", "東京", "2024-04-22", "中央社"),
        ("【4月23日 AFP】~", "", "", "AFP"),
        ("［東京 23日 ロイター］ - ~", "東京", "2024-04-23", "ロイター"),
        ("[ワシントン 22日 ロイター] - ~", "ワシントン", "2024-04-22", "ロイター"),
        ("【ロンドン時事】~", "ロンドン", "", "時事"),
        ("【北京＝共同】~", "北京", "", "共同"),
        ("(서울=연합뉴스) 홍길동 기자 = ~", "서울", "", "연합뉴스"),
        ("[서울=뉴시스] 홍길동 기자 = ~", "서울", "", "뉴시스"),
        ("(부산=뉴스1) 홍길동 기자 = ~", "부산", "", "뉴스1"),
        ("(평양 4월 23일발 조선중앙통신)~", "평양", "2024-04-23", "조선중앙통신"),
    ];
    check(rows.into_iter().map(|(opening, place, date, agency)| {
        // Without a place there is no dateline; the agency is a credit.
        let expected = if place.is_empty() { "none".to_owned() } else { row(place, date, agency) };
        (vec![opening], expected)
    }));
}

#[test]
fn credits_at_the_ends_of_a_text() {
    let credit = |last: &str| read_with_last(last).credit;
    for (last, agency) in [
        ("Source: Xinhua", "Xinhua"),
        ("Quelle: dpa", "dpa"),
        ("Quelle: dpa-AFX", "dpa-AFX"),
        ("Fuente: EFE", "EFE"),
        ("Fonte: Agência Brasil", "Agência Brasil"),
        ("Fonte: Lusa", "Lusa"),
        ("Źródło: PAP", "PAP"),
        ("Источник: ТАСС", "ТАСС"),
        ("Джерело: Укрінформ", "Укрінформ"),
        ("Mənbə: AZƏRTAC", "AZƏRTAC"),
        ("Kaynak: AA", "AA"),
        ("المصدر: رويترز", "رويترز"),
        ("स्रोत: भाषा", "भाषा"),
        ("来源：新华社", "新华社"),
        ("來源：中央社", "中央社"),
        ("出典：共同通信", "共同通信"),
        ("출처: 연합뉴스", "연합뉴스"),
        ("(Source: Reuters)", "Reuters"),
        ("© 2026 AFP", "AFP"),
        ("© Reuters", "Reuters"),
        ("Copyright 2026 The Associated Press. All rights reserved.", "The Associated Press"),
        ("© dpa-infocom, dpa:260423-99-123456/2", "dpa-infocom"),
        ("(dpa)", "dpa"),
        ("(APA)", "APA"),
        ("The fees will fall in the autumn, the minister said at the end of the talks. (PAP)", "PAP"),
        ("Die Gebühren sollen im Herbst sinken, sagte der Minister am Ende der Gespräche. (SDA)", "SDA"),
    ] {
        assert_eq!(credit(last).as_deref(), Some(agency), "{last}");
    }
}

#[test]
fn lines_that_credit_nobody() {
    for last in [
        "The fees will fall in the autumn, the minister said (and nobody believed him).",
        "The source: a letter that nobody had read when the talks began in the spring of that year.",
        "Sources: nobody would say who they were, and why they had come to the harbour at all?",
        "The fees will fall in the autumn, as the party (CDU) said at the end of the talks on Tuesday.",
        "© 2026 Example Daily. All rights reserved.",
        "The copyright of 2026 rules is what the Associated Press was asked about, the minister said.",
        "They went to the harbour, which is a trend. (More to come)",
    ] {
        assert_eq!(read_with_last(last).credit, None, "{last}");
    }
}

/// An article whose text ends with `last`.
fn read_with_last(last: &str) -> Article {
    page_of("Harbour fees to be reformed", &[FIRST, SECOND, THIRD, last])
}

#[test]
fn marks_of_the_headline() {
    for (title, marker) in [
        ("UPDATE 1-Harbour fees to be reformed", "UPDATE 1"),
        ("UPDATE 2 - Harbour fees to be reformed", "UPDATE 2"),
        ("WRAPUP 3-Harbour fees to be reformed", "WRAPUP 3"),
        ("REFILE-UPDATE 2-Harbour fees to be reformed", "REFILE-UPDATE 2"),
        ("CORRECTED-Harbour fees to be reformed", "CORRECTED"),
        ("CORRECTED-(OFFICIAL)-Harbour fees to be reformed", "CORRECTED-(OFFICIAL)"),
        ("RPT-Harbour fees to be reformed", "RPT"),
        ("RPT-UPDATE 1-Harbour fees to be reformed", "RPT-UPDATE 1"),
        ("Correction: Harbour fees to be reformed", "Correction"),
        ("(CORRECTED) Harbour fees to be reformed", "CORRECTED"),
        ("Harbour fees to be reformed (UPDATED)", "UPDATED"),
        ("Harbour fees to be reformed (UPDATE 2)", "UPDATE 2"),
        ("Harbour fees to be reformed [Updated]", "Updated"),
        ("WDH: Hafengebühren werden reformiert", "WDH"),
        ("WDH/ROUNDUP 2: Hafengebühren werden reformiert", "WDH/ROUNDUP 2"),
        ("ROUNDUP/Hafengebühren werden reformiert", "ROUNDUP"),
        ("KORREKTUR: Hafengebühren werden reformiert", "KORREKTUR"),
        ("KORREKTUR/Hafengebühren werden reformiert", "KORREKTUR"),
        ("BERICHTIGUNG: Hafengebühren werden reformiert", "BERICHTIGUNG"),
        ("AKTUALISIERT: Hafengebühren werden reformiert", "AKTUALISIERT"),
        ("AMP.- Las tasas portuarias se reforman", "AMP."),
        ("CORRECCIÓN: Las tasas portuarias se reforman", "CORRECCIÓN"),
        ("ACTUALIZACIÓN 1-Las tasas portuarias se reforman", "ACTUALIZACIÓN 1"),
        ("RECTIFICATIF: Les droits de port seront réformés", "RECTIFICATIF"),
        ("RETTIFICA: Le tasse portuali saranno riformate", "RETTIFICA"),
        ("ATUALIZA 2-Taxas portuárias serão reformadas", "ATUALIZA 2"),
        ("Opłaty portowe zostaną zreformowane (aktl.)", "aktl."),
        ("Opłaty portowe zostaną zreformowane (opis)", "opis"),
        ("ОБНОВЛЕНО: Портовые сборы будут изменены", "ОБНОВЛЕНО"),
        ("Портовые сборы будут изменены (ОБНОВЛЕНО)", "ОБНОВЛЕНО"),
        ("Портовые сборы будут изменены - ОБНОВЛЕНО-2", "ОБНОВЛЕНО-2"),
        ("УТОЧНЕНИЕ: Портовые сборы будут изменены", "УТОЧНЕНИЕ"),
        ("ОНОВЛЕНО: Портові збори буде змінено", "ОНОВЛЕНО"),
        ("Liman rüsumları dəyişdiriləcək - YENİLƏNİB", "YENİLƏNİB"),
        ("GÜNCELLEME - Liman ücretleri değişecek", "GÜNCELLEME"),
        ("تصحيح: رسوم الموانئ ستخفض", "تصحيح"),
        ("【訂正】港湾使用料が下がる", "訂正"),
        ("訂正：港湾使用料が下がる", "訂正"),
        ("항만 요금 내린다(종합)", "종합"),
        ("항만 요금 내린다(종합2보)", "종합2보"),
        ("[정정] 항만 요금 내린다", "정정"),
        ("更正：港口费用将下调", "更正"),
    ] {
        let article = page_of(title, &[FIRST, SECOND, THIRD]);
        assert_eq!(article.marker.as_deref(), Some(marker), "{title}");
        assert_eq!(article.title.as_deref(), Some(title), "the headline stands as printed");
    }
}

#[test]
fn headlines_that_bear_no_mark() {
    for title in [
        "Update on harbour fees due in autumn",
        "Updates: what the dockers may expect",
        "Corrected figures show a loss of two millions",
        "A correction of course - and nobody noticed",
        "Repeat - and win: the dockers' way",
        "Roundup: what the papers say of the fees",
        "Harbour fees to be reformed (again)",
        "Harbour fees (updated rules) to be reformed",
        "Amp: the sound of the harbour",
        "Обновление порта обойдётся в миллион",
        "Aktualisierung der Gebühren steht bevor",
        "Actualización de tasas portuarias en otoño",
        "更新港口费用的办法公布",
        "항만 종합 계획 발표",
    ] {
        let marker = page_of(title, &[FIRST, SECOND, THIRD]).marker;
        assert_eq!(marker, None, "{title}");
    }
}

/// An article with this headline and these paragraphs.
fn page_of(title: &str, paragraphs: &[&str]) -> Article {
    let body: String = paragraphs.iter().map(|text| format!("<p>{text}</p>\n")).collect();
    let html = format!(
        "<html><head><title>{title}</title><meta property=\"og:title\" content=\"{title}\">\
         <meta property=\"article:published_time\" content=\"2026-04-23T17:00:00Z\"></head>\
         <body><article><h1>{title}</h1><div class=\"article-body\">{body}</div></article></body></html>"
    );
    extracted(html)
}

#[test]
fn a_dateline_stands_under_a_standfirst_or_a_headline() {
    let lede = "RIGA, May 3 (Reuters) - The port authority of Riga said on Monday that the harbour will be closed for a week.";
    let standfirst =
        "Cracks in the breakwater close the harbour to large ships for a whole week in May, and ferries leave from the old quay.";
    let article = page_of("Harbour to close for repair", &[standfirst, lede, SECOND, THIRD]);
    let dateline = article.dateline.expect("a dateline");
    assert_eq!((dateline.place.as_str(), dateline.agency.as_deref()), ("RIGA", Some("Reuters")));
    assert_eq!(article.credit.as_deref(), Some("Reuters"));
    // A place further down is none: its paragraph opens no text.
    let lede = "RIGA - The port authority of Riga said on Monday that the harbour will be closed for a week.";
    assert_eq!(page_of("Harbour to close for repair", &[FIRST, SECOND, lede, THIRD]).dateline, None);
    let article =
        page_of("UPDATE 2-Harbour fees to be reformed next year", &["Harbour fees to be reformed next year", FIRST, SECOND, THIRD]);
    assert_eq!(article.body.first().map(String::as_str), Some(FIRST), "the headline without its mark is the headline");
}
