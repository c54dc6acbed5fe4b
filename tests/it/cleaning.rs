//! Lines that are no part of an article, language by language, and sentences that only look like one.

use proptest::prelude::*;
use wireroom::article::{self, Reason};

const PROSE: [&str; 4] = [
    "The ministers discussed the reform of the harbour fees for three hours and agreed to meet again in the autumn, officials said.",
    "A spokesman for the port authority said that the talks had been constructive, and that a draft would be sent to parliament.",
    "Trade unions, which had called for a strike last week, welcomed the announcement but said that many questions were still open.",
    "The dockers will vote on the draft in the second week of October, and the result is to be made known on the same evening.",
];

/// Why a line goes that stands under a text, or `None` where it stays.
fn under(line: &str) -> Option<Reason> {
    cleaned(PROSE.iter().copied().chain([line]).collect(), line)
}

/// The same of a line in the middle of a text.
fn within(line: &str) -> Option<Reason> {
    cleaned(vec![PROSE[0], PROSE[1], line, PROSE[2], PROSE[3]], line)
}

fn cleaned(lines: Vec<&str>, line: &str) -> Option<Reason> {
    let (text, dropped) = article::clean(lines.into_iter().map(str::to_owned).collect(), &[]);
    assert!(PROSE.iter().all(|prose| text.iter().any(|line| line == prose)), "the prose stays: {text:?}");
    let dropped = dropped.into_iter().find(|dropped| dropped.line == line).map(|dropped| dropped.reason);
    assert_eq!(dropped.is_none(), text.iter().any(|kept| kept == line), "a line is kept or dropped: {line}");
    dropped
}

/// Holds a language's lines against what becomes of them: those that go, and those that stay wherever they stand.
fn check(language: &str, go: &[&str], stay: &[&str]) {
    assert!(go.len() >= 8 && stay.len() >= 4, "{language}: a table of eight and four at least");
    let mut wrong: Vec<String> = Vec::new();
    wrong.extend(go.iter().filter(|line| under(line).is_none()).map(|line| format!("stays: {line}")));
    for line in stay {
        wrong.extend(within(line).map(|reason| format!("goes within ({reason:?}): {line}")));
        wrong.extend(under(line).map(|reason| format!("goes under ({reason:?}): {line}")));
    }
    assert!(wrong.is_empty(), "{language}\n{}", wrong.join("\n"));
}

#[test]
fn english() {
    check(
        "English",
        &[
            "Stay up-to-date with more news at Example Agency's WhatsApp channel",
            "Follow us on Facebook, Twitter and Instagram for the latest news.",
            "Join our Telegram channel",
            "Sign up for our daily newsletter",
            "Subscribe to our newsletter to get the day's top stories in your inbox.",
            "Download our app for breaking news",
            "READ MORE: Harbour fees to fall in autumn",
            "Read also: \"We shall not pay\", say dockers",
            "Related articles",
            "You may also like",
            "Advertisement",
            "Story continues below advertisement",
            "This article is for subscribers only.",
            "Already a subscriber? Log in",
            "This content is hosted by a third party and uses cookies.",
            "Photo: Getty Images",
            "File photo",
            "Photo by Anna Berg",
            "Photo courtesy of the port authority",
            "Copyright 2026 Example Agency. All rights reserved.",
            "Comments",
            "Share this article",
            "Click here to read the full story",
            "Get Harbour Monthly delivered to your door. 12 issues for £11.99. Click here for more information",
            "This article contains affiliate links",
        ],
        &[
            "Follow the money, the prosecutor told the jury, and you will find the harbour.",
            "Read more carefully, the minister said, and you will see that fees fall.",
            "He urged voters to follow him on Twitter.",
            "More than half of all teenagers use WhatsApp to stay up to date with the news, a study found.",
            "The newspaper will share this story with its readers in the spring.",
            "Subscribers will pay more from January, the company said.",
            "Photographs of the harbour were found on his telephone, police said.",
            "Cookies were served at the end of the talks.",
            "\"Follow us on Facebook,\" the banner over the harbour said.",
            "Join the union or lose your job, he was told.",
            "Download speeds on the island have doubled.",
            "Getting parcels delivered to the island takes a week.",
            "This article of the treaty contains no word on fees.",
        ],
    );
}

#[test]
fn german() {
    check(
        "German",
        &[
            "Folgen Sie uns auf Facebook und Instagram",
            "Abonnieren Sie unseren Newsletter",
            "Jetzt den Newsletter kostenlos abonnieren",
            "Lesen Sie auch: Hafengebühren sinken im Herbst",
            "Lesen Sie hier weiter",
            "Mehr zum Thema",
            "Das könnte Sie auch interessieren",
            "Auch interessant: So wird der Hafen umgebaut",
            "Anzeige",
            "Artikel teilen",
            "Laden Sie unsere App herunter",
            "Empfohlener redaktioneller Inhalt",
            "An dieser Stelle finden Sie einen externen Inhalt von YouTube, der den Artikel ergänzt.",
            "Exklusiv für Abonnenten",
            "Sie sind bereits Abonnent? Dann melden Sie sich hier an.",
            "Foto: dpa",
            "Bild: Anna Berg / imago",
            "Symbolbild",
            "Alle Rechte vorbehalten",
            "Kommentare",
        ],
        &[
            "Mehr dazu sagte der Minister nicht.",
            "Lesen lernen die Kinder erst im Herbst.",
            "Die Bilder gingen um die Welt.",
            "Jetzt testen Forscher das Verfahren im Hafen.",
            "Hier wird der Inhalt der Container geprüft.",
            "Facebook folgen weniger Menschen als früher.",
            "Weitere Meldungen über Schäden gab es nicht.",
        ],
    );
}

#[test]
fn french() {
    check(
        "French",
        &[
            "Suivez-nous sur Facebook et Twitter",
            "Abonnez-vous à notre newsletter",
            "Inscrivez-vous à notre newsletter quotidienne",
            "Recevez chaque matin l'essentiel dans votre boîte mail",
            "Téléchargez notre application",
            "À lire aussi : Les droits de port vont baisser",
            "Lire aussi",
            "À LIRE AUSSI | Les dockers votent : ce qu'il faut savoir",
            "Sur le même sujet",
            "Publicité",
            "Partager sur Facebook",
            "Article réservé aux abonnés",
            "Cet article est réservé aux abonnés.",
            "Déjà abonné ? Connectez-vous",
            "Crédit photo : AFP",
            "Photo d'illustration",
            "Tous droits réservés",
            "Nous utilisons des cookies pour améliorer votre expérience.",
        ],
        &[
            "Lire aussi bien que son frère lui était impossible.",
            "Pour voir ses enfants, il a dû accepter un emploi au port.",
            "Les abonnés du train attendent des réponses.",
            "Suivez mon regard, a dit le ministre.",
            "La publicité pour le tabac reste interdite.",
        ],
    );
}

#[test]
fn spanish() {
    check(
        "Spanish",
        &[
            "Síguenos en Facebook, X e Instagram",
            "Suscríbete a nuestra newsletter",
            "Suscríbase a nuestro boletín de noticias",
            "Únete a nuestro canal de WhatsApp",
            "Descarga nuestra aplicación",
            "Lea también: Las tasas portuarias bajarán en otoño",
            "Lee también",
            "Te puede interesar",
            "Te puede interesar: Los estibadores votan",
            "Más información: el puerto por dentro",
            "Publicidad",
            "Noticias relacionadas",
            "Contenido exclusivo para suscriptores",
            "Este artículo es exclusivo para suscriptores",
            "Foto: EFE",
            "Imagen de archivo",
            "Todos los derechos reservados",
            "Compartir en Facebook",
        ],
        &[
            "Más información no dio el ministro.",
            "También puede leer los labios, según su familia.",
            "Siga o no el gobierno, las tasas bajarán.",
            "La foto del puerto dio la vuelta al mundo.",
            "Relacionada con la trama, la empresa perdió el contrato.",
        ],
    );
}

#[test]
fn italian() {
    check(
        "Italian",
        &[
            "Seguici su Facebook e Instagram",
            "Iscriviti alla nostra newsletter",
            "Unisciti al nostro canale WhatsApp",
            "Scarica la nostra app",
            "Leggi anche: Le tasse portuali scenderanno in autunno",
            "Leggi anche",
            "Potrebbe interessarti anche",
            "Articoli correlati",
            "Pubblicità",
            "Continua a leggere",
            "Condividi su Facebook",
            "Contenuto riservato agli abbonati",
            "Sei già abbonato? Accedi",
            "Foto: ANSA",
            "Foto d'archivio",
            "© Riproduzione riservata",
            "Tutti i diritti riservati",
        ],
        &[
            "Leggi anche severe non fermeranno i portuali.",
            "La pubblicità del porto costa due milioni.",
            "Seguici pure, gli disse, ma non su quella strada.",
            "Per i consensi raccolti il partito resta terzo.",
            "La foto del molo ha fatto il giro del mondo.",
        ],
    );
}

#[test]
fn portuguese() {
    check(
        "Portuguese",
        &[
            "Siga-nos no Facebook e no Instagram",
            "Siga o nosso canal no WhatsApp",
            "Entre no canal do WhatsApp e receba as notícias",
            "Inscreva-se no nosso canal do YouTube",
            "Assine a nossa newsletter",
            "Baixe o nosso aplicativo",
            "Leia também: Taxas portuárias vão cair",
            "LEIA MAIS",
            "Veja também",
            "Saiba mais: como funciona o porto",
            "Publicidade",
            "Continua após a publicidade",
            "Conteúdo exclusivo para assinantes",
            "Foto: Divulgação",
            "Foto: Anna Berg/Agência Brasil",
            "Todos os direitos reservados",
            "Notícias relacionadas",
        ],
        &[
            "Leia também com os olhos, disse a professora às crianças.",
            "Mais lidas do que ouvidas, as suas palavras ficaram.",
            "A publicidade do governo custou dois milhões.",
            "Siga quem puder, disse o ministro.",
            "Saiba-se que o porto perdeu dinheiro.",
        ],
    );
}

#[test]
fn polish() {
    check(
        "Polish",
        &[
            "Obserwuj nas na Facebooku",
            "Dołącz do nas na Facebooku i bądź na bieżąco",
            "Zapisz się do naszego newslettera",
            "Pobierz naszą aplikację",
            "Czytaj też: Opłaty portowe spadną",
            "CZYTAJ WIĘCEJ",
            "Zobacz także",
            "Polecamy",
            "Reklama",
            "Dalszy ciąg materiału pod wideo",
            "Artykuł dostępny tylko dla subskrybentów",
            "Fot. Anna Berg",
            "Fot. PAP/Jan Nowak",
            "Zdjęcie ilustracyjne",
            "Wszelkie prawa zastrzeżone",
            "Źródło: PAP",
            "Udostępnij",
        ],
        &[
            "Czytaj to jak chcesz, powiedział minister.",
            "Reklama leków pozostaje zakazana.",
            "Polecamy się na przyszłość, mówili dokerzy.",
            "Facebook usunął konto ministra.",
            "Zdjęcie z portu obiegło świat.",
        ],
    );
}

#[test]
fn russian() {
    check(
        "Russian",
        &[
            "Подписывайтесь на наш канал в Telegram",
            "Подпишитесь на рассылку",
            "Следите за нашими новостями в Телеграм",
            "Читайте нас в Telegram",
            "Больше новостей в нашем Telegram-канале",
            "Скачайте наше приложение",
            "Читайте также: Портовые сборы снизятся",
            "Читайте также",
            "По теме",
            "Подробнее: как устроен порт",
            "Реклама",
            "Поделиться",
            "Материал доступен только подписчикам",
            "Фото: РИА Новости",
            "Фото из архива",
            "Все права защищены",
            "Нашли ошибку? Выделите её и нажмите Ctrl+Enter",
            "Теги: порт, сборы",
            "Источник: ТАСС",
        ],
        &[
            "Реклама табака остаётся под запретом.",
            "Читайте закон, ответил министр журналистам.",
            "Фото опубликовало агентство ТАСС.",
            "Подробнее министр обещал рассказать осенью.",
            "Все новости он узнаёт из телевизора.",
            "Канал соединит два моря.",
        ],
    );
}

#[test]
fn ukrainian() {
    check(
        "Ukrainian",
        &[
            "Підписуйтесь на наш Telegram-канал",
            "Підпишіться на розсилку",
            "Стежте за нами у Facebook",
            "Читайте нас у Telegram",
            "Приєднуйтесь до нас у Viber",
            "Завантажуйте наш застосунок",
            "Читайте також: Портові збори знизяться",
            "Читайте також",
            "За темою",
            "Реклама",
            "Поділитися",
            "Матеріал доступний лише передплатникам",
            "Фото: Укрінформ",
            "Ілюстративне фото",
            "Усі права захищені",
            "Теги: порт, збори",
        ],
        &[
            "Реклама тютюну залишається під забороною.",
            "Читайте закон, відповів міністр.",
            "Фото з порту облетіло світ.",
            "Канал з'єднає два моря.",
            "Докладніше міністр обіцяв розповісти восени.",
        ],
    );
}

#[test]
fn azerbaijani() {
    check(
        "Azerbaijani",
        &[
            "Bizi Facebook-da izləyin",
            "Bizi izləyin",
            "Telegram kanalımıza abunə olun",
            "WhatsApp kanalımıza qoşulun",
            "Mobil tətbiqimizi yükləyin",
            "Həmçinin oxuyun: Liman rüsumları azalacaq",
            "Həmçinin oxuyun",
            "Digər xəbərlər",
            "Ətraflı",
            "Reklam",
            "Paylaş",
            "Foto: AZƏRTAC",
            "Bütün hüquqlar qorunur",
            "Mənbə: AZƏRTAC",
            "Şərhlər",
        ],
        &[
            "Reklam bazarı bu il iyirmi faiz böyüyüb.",
            "Xəbərləri Facebook-da yayan şəxs saxlanılıb.",
            "Foto limanda çəkilib.",
            "Kanalın tikintisi payızda başa çatacaq.",
            "Bizi danışıqlara heç kim dəvət etmədi.",
        ],
    );
}

#[test]
fn turkish() {
    check(
        "Turkish",
        &[
            "Bizi Twitter'dan takip edin",
            "WhatsApp kanalımıza katılın",
            "YouTube kanalımıza abone olun",
            "Haber bültenimize abone olun",
            "Uygulamamızı indirin",
            "İlgili haberler",
            "Haberin devamı için tıklayın",
            "Devamını oku",
            "İlginizi çekebilir: Liman ücretleri düşecek",
            "Okumaya devam et",
            "Reklam",
            "Paylaş",
            "Bu içerik sadece abonelere özeldir",
            "Fotoğraf: AA",
            "Arşiv fotoğrafı",
            "Tüm hakları saklıdır",
            "Kaynak: AA",
        ],
        &[
            "Reklam pazarı bu yıl yüzde yirmi büyüdü.",
            "Bakan, gelişmeleri Twitter'dan takip ettiğini söyledi.",
            "Fotoğraf limanda çekildi.",
            "Uygulamayı indiren herkes para ödedi.",
            "Kanal iki denizi birleştirecek.",
        ],
    );
}

#[test]
fn arabic() {
    check(
        "Arabic",
        &[
            "تابعونا على فيسبوك وتويتر",
            "تابعوا آخر الأخبار على واتساب",
            "اشتركوا في قناتنا على تلغرام",
            "اشترك في نشرتنا البريدية",
            "حمل تطبيقنا",
            "اقرأ أيضا: رسوم الموانئ ستنخفض",
            "اقرأ أيضاً",
            "مواضيع ذات صلة",
            "إعلان",
            "شارك الخبر",
            "هذا المقال للمشتركين فقط",
            "صورة أرشيفية",
            "تصوير: رويترز",
            "جميع الحقوق محفوظة",
            "المصدر: رويترز",
            "الأكثر قراءة",
        ],
        &[
            "تابع الوزير المباراة على يوتيوب مع أبنائه.",
            "انضم ملايين المستخدمين إلى تطبيق واتساب هذا العام.",
            "شارك الوزير في الاجتماع.",
            "إعلان الحكومة فاجأ عمال الميناء.",
            "صورة الميناء انتشرت في العالم.",
            "المصدر نفسه نفى الخبر.",
        ],
    );
}

#[test]
fn hindi() {
    check(
        "Hindi",
        &[
            "हमें फेसबुक पर फॉलो करें",
            "हमारे व्हाट्सएप चैनल से जुड़ें",
            "हमारे यूट्यूब चैनल को सब्सक्राइब करें",
            "हमारा ऐप डाउनलोड करें",
            "यह भी पढ़ें: बंदरगाह शुल्क घटेगा",
            "ये भी पढ़ें",
            "और पढ़ें",
            "संबंधित खबरें",
            "विज्ञापन",
            "शेयर करें",
            "फाइल फोटो",
            "फोटो: पीटीआई",
            "प्रतीकात्मक तस्वीर",
            "सर्वाधिकार सुरक्षित",
            "स्रोत: भाषा",
        ],
        &[
            "यूट्यूब चैनल को सब्सक्राइब करने वालों की संख्या बढ़ी है।",
            "विज्ञापन पर सरकार ने दो करोड़ खर्च किए।",
            "फोटो बंदरगाह पर खींची गई थी।",
            "और पढ़ें तो बच्चों का भविष्य बनेगा।",
            "फेसबुक ने मंत्री का खाता बंद कर दिया।",
        ],
    );
}

#[test]
fn japanese() {
    check(
        "Japanese",
        &[
            "公式LINEをフォロー",
            "ニュースレターに登録",
            "メールマガジンの登録はこちら",
            "アプリをダウンロード",
            "YouTubeチャンネル登録お願いします",
            "関連記事",
            "関連記事：港湾使用料が下がる",
            "あわせて読みたい",
            "続きを読む",
            "広告",
            "この記事は有料記事です。",
            "有料会員限定記事です",
            "写真：時事",
            "写真提供：港湾局",
            "資料写真",
            "無断転載を禁じます",
            "コメントを書く",
        ],
        &[
            "大臣はツイッターのフォロワーが百万人いる。",
            "広告費は二億円に上った。",
            "写真は港で撮影された。",
            "アプリをダウンロードした人は百万人を超えた。",
            "関連記事を書いた記者が呼ばれた。",
        ],
    );
}

#[test]
fn korean() {
    check(
        "Korean",
        &[
            "네이버에서 연합통신 구독하기",
            "유튜브 채널을 구독하세요",
            "카카오톡 채널 추가하기",
            "뉴스레터 신청하기",
            "앱을 다운로드하세요",
            "관련 기사",
            "관련기사: 항만 요금 내린다",
            "많이 본 뉴스",
            "더보기",
            "광고",
            "사진: 연합뉴스",
            "자료사진",
            "무단 전재 및 재배포 금지",
            "저작권자 © 연합통신",
            "댓글 쓰기",
            "출처: 연합뉴스",
        ],
        &[
            "유튜브 구독자가 백만 명을 넘었다.",
            "광고 시장이 이십 퍼센트 커졌다.",
            "사진은 항구에서 찍혔다.",
            "앱을 다운로드한 사람이 백만 명을 넘었다.",
            "댓글 조작 사건의 재판이 열렸다.",
        ],
    );
}

#[test]
fn chinese() {
    check(
        "Chinese",
        &[
            "关注我们的微信公众号",
            "扫码下载客户端",
            "欢迎关注官方微博",
            "立即下载APP",
            "订阅我们的电子报",
            "相关阅读",
            "相关新闻：港口费用将下调",
            "延伸閱讀：港口費用將下調",
            "阅读全文",
            "点击查看更多",
            "广告",
            "图片来源：新华社",
            "新华社记者 王明 摄",
            "版权所有，未经授权不得转载",
            "责任编辑：王明",
            "来源：新华社",
            "评论",
        ],
        &[
            "关注抖音平台监管的人越来越多。",
            "未经授权使用他人肖像属于侵权。",
            "广告市场增长了百分之二十。",
            "下载该客户端的用户超过百万。",
            "图片在网上广泛传播。",
            "用户付费后才能查看位置信息。",
        ],
    );
}

/// Sentences that begin like a call, a credit, a paywall or a foot, and are none.
const SENTENCES: &[&str] = &[
    "This video was published without the woman's consent, police said.",
    "To unlock the funds, companies must register with the ministry.",
    "The report was published by Senate staff on Monday.",
    "Video by witnesses showed smoke rising over the port.",
    "Images by NASA show the glacier has retreated.",
    "By Monday evening, rescuers had found ten people alive.",
    "Like us, they rely on Facebook for news.",
    "This website was used to sell third party data.",
    "Advertisement spending fell by a tenth in March.",
    "Read more slowly, the text reveals a threat.",
    "Share prices fell on Facebook news.",
    "Share on Facebook fell 3 percent.",
    "More on inflation came from the bank.",
    "More about the victims was not known on Tuesday.",
    "Watch: the smart model sells for 300 dollars in Asia.",
    "Premium: the bank raised it to four percent.",
    "Support for independent journalism has fallen sharply.",
    "Comments have been moderated since the election by the firm.",
    "Contact with the pilot was lost at 9 a.m., the airline said on Twitter.",
    "Subscribe to the fund's channel and you will be arrested, officials warned.",
    "Download of the app was banned in the country.",
    "Photos from Reuters showed a burnt bus.",
    "Image by image, the court looked at the evidence.",
    "You have 30 days left to appeal against the ruling.",
    "The story was edited by staff before publication.",
    "Additional reporting requirements start in May.",
    "With inputs from farmers rising, prices went up.",
    "Related stories of abuse were told by ten women.",
    "Der Beitrag gilt nur für registrierte Arbeitslose.",
    "Folgen hatte das Urteil auch auf Facebook und Instagram.",
    "Folgt die Kommission dem Antrag, drohen auf Facebook neue Regeln.",
    "Hier wird der Inhalt nur mit Zustimmung der Eltern gelöscht.",
    "Diese nutzen Cookies, um Kunden zu verfolgen, sagte der Richter.",
    "Mehr auf Twitter als im Parlament wird darüber gestritten.",
    "Von Montag an gilt auf der Strecke wieder der alte Fahrplan.",
    "Jetzt testen die Behörden das Wasser.",
    "Werden Sie Fan auf Facebook, fragte der Richter.",
    "Video: Der Täter ist auf den Aufnahmen deutlich zu sehen.",
    "Mit dem Abo lesen mehr Kunden die Zeitung als früher.",
    "Themen: Klima, Haushalt und Verteidigung standen auf der Tagesordnung.",
    "Alle Artikel mit Blei müssen aus dem Handel, lesen die Händler.",
    "Suivez l'exemple de Facebook et vous perdrez vos clients.",
    "Il vous reste trois mois pour lire le contrat, a dit le juge.",
    "Photo : le ministre a confirmé que l'image est authentique.",
    "Par ailleurs, trois personnes ont été blessées lundi soir.",
    "La suite est réservée aux abonnés du gaz, selon le décret.",
    "Sources : la police et deux témoins ont confirmé les faits.",
    "Sigue abierta la investigación de la Comisión contra Facebook.",
    "Sigue el bloqueo de WhatsApp en el país.",
    "Recibe Google una multa por correo.",
    "Por la tarde, los vecinos volvieron a sus casas.",
    "Esta nota es solo para suscriptores del fondo, dijo el banco.",
    "Este contenido se publicó sin cookies ni rastreo, dijo la firma.",
    "Segui il denaro su Facebook, disse il giudice.",
    "Resta aggiornato il bilancio di Facebook per quest'anno.",
    "Di notte, i soccorritori hanno trovato due persone.",
    "Questo articolo è riservato agli abbonati del gas.",
    "Siga o dinheiro no Facebook, disse o juiz.",
    "Entre no grupo de risco, disse o WhatsApp, estão os idosos.",
    "Por volta das nove horas, a polícia fechou a ponte.",
    "Aby przeczytać akta, obrońcy dostali dostęp do sądu.",
    "Redakcja: tylko dwóch dziennikarzy zostało w budynku.",
    "Чтобы продолжить сотрудничество, стороны подписали меморандум.",
    "Текст договора доступен только участникам подписки на акции.",
    "Все самые громкие новости появились в телеграм каналах.",
    "Сайт использует фальшивые файлы, заявила полиция.",
    "Следите за словами политиков в Facebook, советуют эксперты.",
    "Фото: эксперты подтвердили подлинность снимка.",
    "Нашли ошибку следователи и в документах компании.",
    "Больше новостей с фронта приходит через Telegram.",
    "Источник: переговоры пройдут в Стамбуле в пятницу.",
    "Щоб продовжити співпрацю, сторони підписали меморандум.",
    "Джерело: переговори відбудуться у Стамбулі в п'ятницю.",
    "Mənbə: danışıqlar cümə günü İstanbulda keçiriləcək.",
    "Bu hak yalnızca üyelere tanınıyor, dedi bakan.",
    "Kaynak: görüşmeler cuma günü İstanbul'da yapılacak.",
    "Bu sitede çerez üretimi için makineler kullanılıyor.",
    "هذا القرار يسمح للأعضاء بالتصويت.",
    "انضم إلى قناة الجزيرة عام 2005 مراسلا.",
    "المصدر: المفاوضات ستعقد في اسطنبول يوم الجمعة.",
    "تابع كل العالم على تويتر لحظات الإنقاذ.",
    "यह प्रीमियम कार भारतीय बाजार के लिए बनाई गई है।",
    "पुलिस ने कहा कि लोग इस चैनल से जुड़ें।",
    "残り百文字の遺書が見つかったと警察は発表した。",
    "コメントする者はいなかった。",
    "同社はクッキーの使用をやめると発表した。",
    "スマートフォンのアプリをダウンロードする人が増えた。",
    "大統領はツイッターで首相をフォローした。",
    "ツイッターで首相をフォローする人は百万人を超えた。",
    "회사는 쿠키 사용을 중단한다고 밝혔다.",
    "정부는 유튜브 채널을 새로 추가하기로 했다.",
    "사진은 기사와 함께 공개됐다고 경찰이 밝혔다.",
    "加入我们的行列，是许多年轻人的愿望。",
    "关注我们的孩子，是社会的责任。",
    "他们下载应用后被骗。",
    "公司宣布停止使用cookie。",
    "编辑：三人被捕，其中两人已获释。",
    "The tax office said it would share this story on Facebook and Instagram.",
    "Disclaimer: the author owns shares in the company that is described here.",
    "Tags were found on the bodies of three birds near the wall.",
    "Entrez dans le port et suivez la ligne bleue, dit le guide.",
    "Кто подписался на канал, получил повестку, сообщила полиция.",
];

#[test]
fn a_whole_sentence_stays_wherever_it_stands() {
    let mut wrong: Vec<String> = Vec::new();
    for line in SENTENCES {
        wrong.extend(within(line).map(|reason| format!("goes within ({reason:?}): {line}")));
        wrong.extend(under(line).map(|reason| format!("goes under ({reason:?}): {line}")));
        let first = cleaned([*line].into_iter().chain(PROSE).collect(), line);
        wrong.extend(first.map(|reason| format!("goes over ({reason:?}): {line}")));
    }
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), 3 * SENTENCES.len(), wrong.join("\n"));
}

#[test]
fn names_in_a_row_are_no_signature_and_one_name_is() {
    let names = ["The winners are:", "Anna Berg", "John Lake", "Eva Stone"];
    let lines = PROSE.iter().chain(&names).map(|&line| line.to_owned()).collect();
    assert_eq!(article::clean(lines, &[]).0[4..], names);
    assert_eq!(under("Anna Berg"), Some(Reason::Signature));
}

#[test]
fn speakers_are_named_each_time_they_speak() {
    let mut lines: Vec<String> = Vec::new();
    for turn in 0..5 {
        for (speaker, word) in [("ANNA BERG", "harbour"), ("JOHN LAKE", "airport")] {
            lines.push(speaker.to_owned());
            lines.push(format!(
                "We have heard {turn} times now that the {word} pays for itself, and I should like to see the books."
            ));
        }
    }
    assert_eq!(article::clean(lines.clone(), &[]).0, lines);
}

#[test]
fn a_refrain_is_sung_again() {
    let (refrain, verses) = (
        "We shall come home again over the water",
        ["When the ice has gone", "When the boats are mended", "When the herring come"],
    );
    let mut lines = vec![PROSE[0].to_owned()];
    for verse in verses {
        lines.extend([verse.to_owned(), refrain.to_owned()]);
    }
    lines.push(PROSE[1].to_owned());
    assert_eq!(article::clean(lines.clone(), &[]).0, lines);
}

#[test]
fn a_headline_without_its_mark_goes() {
    let lines = ["Harbour to close for a week", PROSE[0], PROSE[1]].map(str::to_owned).to_vec();
    let (text, dropped) = article::clean(lines, &["UPDATE 2-Harbour to close for a week"]);
    assert_eq!((text.len(), dropped[0].reason), (2, Reason::Headline));
}

#[test]
fn a_headline_repeated_goes_and_a_sentence_with_its_words_stays() {
    let lines = |first: &str| vec![first.to_owned(), PROSE[0].to_owned(), PROSE[1].to_owned(), PROSE[2].to_owned()];
    let titles = ["Harbour fees to fall"];
    let (text, dropped) = article::clean(lines("HARBOUR FEES TO FALL"), &titles);
    assert_eq!((text.len(), dropped[0].reason), (3, Reason::Headline));
    let (text, _) = article::clean(lines("Harbour fees to fall is what the minister had promised in the spring."), &titles);
    assert_eq!(text.len(), 4);
}

#[test]
fn what_a_template_says_again_and_again_goes_and_labels_stay() {
    let lines = |line: &'static str| PROSE.iter().flat_map(|prose| [*prose, line]).map(str::to_owned).collect::<Vec<String>>();
    for (line, times) in [("Story content", 0), ("$$AD$$", 0), ("Pros:", 4), ("£79.99, Harbour Stores", 4)] {
        let (text, _) = article::clean(lines(line), &[]);
        assert_eq!(text.iter().filter(|kept| *kept == line).count(), times, "{line}: {text:?}");
        assert!(PROSE.iter().all(|prose| text.iter().any(|kept| kept == prose)), "{text:?}");
    }
}

#[test]
fn a_form_that_a_script_would_have_filled_goes_as_a_whole() {
    let form = [
        "{* signInForm *}",
        "Please sign in to write a comment on this story and to see those of others.",
        "{* password *}",
        "We have sent you a message. Open it within the hour to choose a new word of your own.",
        "{* resend *}",
        "Welcome back",
        "{* register *}",
    ];
    let (text, _) = article::clean(PROSE.iter().chain(&form).map(|line| (*line).to_owned()).collect(), &[]);
    assert_eq!(text, PROSE);
    // One place among prose takes nothing with it.
    let (text, _) = article::clean([PROSE[0], form[0], PROSE[1], PROSE[2], form[2], PROSE[3]].map(str::to_owned).to_vec(), &[]);
    assert_eq!(text, PROSE);
}

#[test]
fn a_paragraph_said_twice_stands_once() {
    let twice = [PROSE[0], PROSE[1], PROSE[2], PROSE[1]];
    let (text, dropped) = article::clean(twice.iter().map(|&line| line.to_owned()).collect(), &[]);
    assert_eq!(text, [PROSE[0], PROSE[1], PROSE[2]]);
    assert_eq!(dropped[0].reason, Reason::Repeated);
}

proptest! {
    /// Whatever the lines: none is invented, none is lost, and their order stands.
    #[test]
    fn every_line_is_kept_or_dropped(lines in proptest::collection::vec("\\PC{0,80}", 0..12)) {
        let (text, dropped) = article::clean(lines.clone(), &[]);
        prop_assert_eq!(text.len() + dropped.len(), lines.len());
        let mut rest = lines.iter();
        for line in &text {
            prop_assert!(rest.any(|given| given == line));
        }
    }
}
