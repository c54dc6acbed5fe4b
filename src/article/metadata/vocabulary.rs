//! The trade's words in the languages: what opens a byline, who is no person, what a date line says.
//!
//! Every list is one text, its words separated by bars, folded as `likeness::fold` does.

use std::collections::HashSet;
use std::sync::OnceLock;

/// A list of words, looked up by hash once it is asked.
pub(in crate::article) struct Words {
    text: &'static str,
    set: OnceLock<HashSet<&'static str>>,
}

impl Words {
    const fn of(text: &'static str) -> Words {
        Words { text, set: OnceLock::new() }
    }

    /// Whether `word` is one of the list's.
    pub(in crate::article) fn has(&self, word: &str) -> bool {
        self.set.get_or_init(|| self.iter().collect()).contains(word)
    }

    /// The words, in their order.
    pub(in crate::article) fn iter(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.text.split('|')
    }
}

/// Words before the name that say "written by".
pub(in crate::article) static LEADS: Words = Words::of(
    "\
    autorin/autor|autor/in|autor/-in|autor:in|escribe|escrito por|redactado por|written by|words by|story by|text by|reported by|reporting by|report by|posted by|published by|by|par|por|von|vom|di|\
    da|de|av|af|door|od|przez|autor|autorin|autoren|author|authors|auteur|autore|autori|autores|autorzy|автор|авторы|\
    автори|автора|текст|text|texte|texto|testo|tekst|müəllif|müəlliflər|yazan|yazar|haber|hazırlayan|hazırladı|a cura di|\
    opracowanie|opracował|opracowała|redigerad av|скрибня|подготовил|подготовила|बाय|लेखक|بقلم|كتب|文|撰文|作者|记者|記者",
);

/// Genres that may stand before "von" or "by".
pub(in crate::article) static GENRES: Words = Words::of(
    "\
    kommentar|analyse|essay|gastbeitrag|gastkommentar|kolumne|interview|bericht|reportage|protokoll|glosse|rezension|\
    portrat|comment|commentary|analysis|opinion|column|review|report|interviews|analisi|commento|tribune|chronique|\
    analisis",
);

/// Standing words for "and" and "with".
pub(in crate::article) static JOINTS: Words = Words::of(
    "\
    and|und|et|og|och|sowie|ja|&|+|və|ve|и|та|й|with|mit|avec|con|і|و|और|एवं|와|과",
);

/// The same, of one letter or dangerous enough to need capitalised neighbours.
pub(in crate::article) static SHORT_JOINTS: Words = Words::of(
    "\
    y|e|i|a|en|ja|и|і",
);

/// Words between a name and the place it reports from.
pub(in crate::article) static PLACE_PREPOSITIONS: Words = Words::of(
    "\
    in|from|at|aus|à|em|из|в|з|w",
);

/// Offices written behind a name in scripts without spaces, longest first.
pub(in crate::article) static SUFFIXED_ROLES: Words = Words::of(
    "\
    선임기자|인턴기자|객원기자|전문기자|논설위원|편집위원|특파원|기자|編集委員|論説委員|特派員|記者|通讯员|特约记者|本报记者|记者|報導|报道",
);

/// Name particles written small.
pub(in crate::article) static PARTICLES: Words = Words::of(
    "\
    de|von|van|der|den|la|le|al|el|da|das|dos|do|di|du|del|della|dello|ter|ten|zu|zur|zum|af|av|y|e|ibn|bin|bint|oglu|qizi|\
    kizi|und|ul|st",
);

/// What may follow a comma and still be the same name.
pub(in crate::article) static GENERATIONS: Words = Words::of(
    "\
    jr|sr|ii|iii|iv|phd|ph d|md|esq",
);

/// Words that open a photo credit.
pub(in crate::article) static PHOTO: Words = Words::of(
    "\
    photo|photos|foto|fotos|photograph|photographs|photography|photographer|picture|pictures|image|images|illustration|\
    illustrations|graphic|graphics|grafik|bild|bilder|fotografie|fotografo|zdjecia|фото|фотограф|foto:|sekil",
);

/// Roles and the words around them.
pub(in crate::article) static ROLES: Words = Words::of(
    "\
    editor|editors|reporter|reporters|correspondent|correspondents|writer|writers|journalist|journalists|columnist|\
    contributor|contributors|producer|photographer|photojournalist|redakteur|redakteurin|redakteure|korrespondent|\
    korrespondentin|journalistin|volontar|volontarin|chefredakteur|chefredakteurin|chefredaktor|autorin|moderator|\
    journaliste|redacteur|redactrice|correspondant|correspondante|envoye|envoyee|periodista|redactor|redactora|\
    corresponsal|enviado|enviada|giornalista|inviato|inviata|corrispondente|jornalista|reporterin|dziennikarz|dziennikarka|\
    redaktor|корреспондент|журналист|обозреватель|редактор|muxbir|muhabir|muhabiri|editoru|editor in chief|chief|senior|\
    deputy|assistant|associate|analyst|critic|freelance|freelancer|intern|fellow|professor|director|president|author|ceo|\
    founder|cofounder|updated|published|aktualisiert|minutes|min|read|dietitian|specialist|strategist|lecturer|researcher|\
    기자|記者|follow|subscribe",
);

/// Offices outside the newsroom that stand before a name.
pub(in crate::article) static OFFICES: Words = Words::of(
    "\
    rechtsanwalt|rechtsanwaltin|abogado|abogada|avocat|avocate|avvocato|политолог|эксперт|экономист|собкор|спецкор|\
    политический|специальный|собственный|xüsusi|ozel|özel",
);

/// Words that make an organisation.
pub(in crate::article) static ORGANISATION_WORDS: Words = Words::of(
    "\
    staff|newsroom|redaktion|redaction|redaccion|redacao|redazione|redakcja|redakce|toimitus|редакция|redaksiya|newsdesk|merkezi|servisi|отдел|\
    desk|team|bureau|office|service|services|wire|wires|press|presse|media|medien|news|newspaper|online|digital|tv|radio|\
    zeitung|tageszeitung|nachrichten|anzeiger|magazin|magazine|journal|gazette|herald|tribune|times|telegraph|guardian|\
    observer|chronicle|today|daily|weekly|network|networks|channel|inc|ltd|llc|gmbh|corp|corporation|company|foundation|\
    institute|university|ministry|department|association|society|committee|editorial|board|contributors|reports|agencies|\
    agenturen|agences|agencias|agenzie|sport|sports|politik|politics|wirtschaft|business|admin|administrator|webmaster|\
    website|web|portal|blog|podcast|publishing|publisher|verlag|gruppe|group|partner|sponsored|advertorial|anzeige",
);

/// Words of the news agencies' trade.
pub(in crate::article) static AGENCY_WORDS: Words = Words::of(
    "\
    agency|agentur|nachrichtenagentur|agence|agencia|agenzia|agencja|ajans|ajansi|ajansı|агентство|агентства|agentliyi|\
    informasiya|通信社|通讯社",
);

/// Agencies known by a short name, as they stand in bylines and datelines all over the world.
pub(in crate::article) static AGENCIES: Words = Words::of(
    "\
    ap|afp|dpa|reuters|tass|тасс|xinhua|ansa|efe|upi|apa|sda|keystone sda|ritzau|ntb|tt|stt|pap|ctk|mti|belga|anp|lusa|\
    kyodo|jiji|yonhap|pti|ani|ians|bernama|antara|sana|irna|wam|spa|kuna|petra|mena|aa|dha|iha|trend|azertac|ria novosti|\
    риа новости|interfax|интерфакс|sid|epd|kna|bloomberg|aap|sputnik|азертадж|рейтер|рейтерс|риа|белта|укринформ|унн|казинформ|prensa latina|europa press|adnkronos|italpress|agi|telam|notimex|\
    anadolu|press trust of india|pa media|pa|cnn|cp|apro|turan|report|menafn|кабар|хабар|montsame|vna|ena|angop|nan|pna",
);

/// Small words of a byline block.
pub(in crate::article) static BYLINE_WORDS: Words = Words::of(
    "\
    the|for|in|at|of|from|our|special|to|pour|für|fur|aus|para|per|dla|follow|email|e|mail|twitter|on|contact|der|die|des|\
    du|political|foreign|world|national|local",
);

/// Words no name has, though they are capitalised on pages.
pub(in crate::article) static EVERYDAY: Words = Words::of(
    "\
    the|read|more|news|share|this|video|photo|photos|watch|live|sign|subscribe|world|home|menu|search|print|email|save|\
    listen|comments|comment|advertisement|about|contact|us|our|your|you|my|all|top|latest|breaking|story|stories|report|\
    reports|article|articles|opinion|politics|business|economy|culture|sports|sport|health|science|technology|tech|travel|\
    weather|local|national|international|middle|east|asia|africa|europe|america|materials|gallery|with|for|from|and|in|on|\
    at|to|of|is|are|was|were|has|have|how|why|what|when|who|und|die|mit|mehr|lesen|weiterlesen|teilen|les|lire|plus|leer|\
    compartir|leggi|anche|читать|дальше|copy|link",
);

/// Months, full and short.
pub(in crate::article) static MONTHS: Words = Words::of(
    "\
    january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sep|\
    sept|oct|nov|dec|januar|janner|februar|feber|marz|mai|juni|juli|oktober|dezember|okt|dez|mrz|janvier|fevrier|mars|avril|juin|\
    juillet|aout|septembre|octobre|novembre|decembre|janv|fevr|avr|juil|enero|febrero|marzo|abril|mayo|junio|julio|agosto|\
    septiembre|setiembre|octubre|noviembre|diciembre|ene|abr|ago|dic|gennaio|febbraio|aprile|maggio|giugno|luglio|settembre|\
    ottobre|dicembre|gen|mag|giu|lug|set|ott|janeiro|fevereiro|marco|maio|junho|julho|setembro|outubro|novembro|dezembro|\
    fev|mai|out|stycznia|lutego|marca|kwietnia|maja|czerwca|lipca|sierpnia|wrzesnia|pazdziernika|listopada|grudnia|sty|lut|kwi|\
    cze|lip|sie|wrz|paz|lis|gru|января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря|янв|фев|\
    мар|апр|июн|июл|авг|сен|сент|окт|ноя|дек|январь|февраль|март|апрель|май|июнь|июль|август|сентябрь|октябрь|ноябрь|декабрь|\
    січня|лютого|березня|квітня|травня|червня|липня|серпня|вересня|жовтня|листопада|грудня|yanvar|fevral|mart|aprel|iyun|\
    iyul|avqust|sentyabr|oktyabr|noyabr|dekabr|ocak|subat|nisan|mayis|haziran|temmuz|agustos|eylul|ekim|kasim|aralik|oca|sub|\
    nis|haz|tem|agu|eyl|eki|kas|ara|januari|februari|maart|mei|augustus|maj|ledna|unora|brezna|dubna|kvetna|cervna|cervence|\
    srpna|zari|rijna|prosince|januarie|februarie|martie|aprilie|iunie|iulie|septembrie|octombrie|noiembrie|decembrie|\
    tammikuuta|helmikuuta|maaliskuuta|huhtikuuta|toukokuuta|kesakuuta|heinakuuta|elokuuta|syyskuuta|lokakuuta|marraskuuta|\
    joulukuuta|يناير|فبراير|مارس|أبريل|ابريل|مايو|يونيو|يوليو|أغسطس|سبتمبر|أكتوبر|نوفمبر|ديسمبر|जनवरी|फरवरी|मार्च|अप्रैल|मई|जून|जुलाई|\
    अगस्त|सितंबर|अक्टूबर|नवंबर|दिसंबर",
);

/// Weekdays, zones, and the words around a date: "updated", "Uhr", "publié le", "ago".
pub(in crate::article) static DATE_WORDS: Words = Words::of(
    "\
    monday|tuesday|wednesday|thursday|friday|saturday|sunday|mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun|montag|dienstag|\
    mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag|mo|di|mi|do|fr|sa|so|lundi|mardi|mercredi|jeudi|vendredi|samedi|\
    dimanche|lunes|martes|miercoles|jueves|viernes|sabado|domingo|lunedi|martedi|mercoledi|giovedi|venerdi|sabato|domenica|\
    segunda|terca|quarta|quinta|sexta|feira|poniedzialek|wtorek|sroda|czwartek|piatek|sobota|niedziela|понедельник|вторник|\
    среда|четверг|пятница|суббота|воскресенье|понеділок|вівторок|середа|четвер|пятниця|субота|неділя|pazartesi|sali|carsamba|\
    persembe|cuma|cumartesi|pazar|bazar|mandag|tirsdag|onsdag|torsdag|fredag|lordag|sondag|maandag|dinsdag|woensdag|donderdag|\
    vrijdag|zaterdag|zondag|\
    utc|gmt|z|est|edt|et|cst|cdt|ct|mst|mdt|mt|pst|pdt|pt|bst|ist|cet|cest|mez|mesz|eet|eest|msk|мск|trt|azt|jst|kst|hkt|sgt|\
    wib|aest|aedt|acst|awst|nzst|nzdt|sast|wat|eat|am|pm|a|p|m|noon|midnight|time|local|\
    published|publish|posted|updated|update|modified|last|on|at|first|created|date|date published|issued|edited|revised|released|added|\
    ago|hours|hour|hrs|hr|h|minutes|minute|mins|min|seconds|second|days|day|weeks|week|months|month|today|yesterday|just|now|read|\
    veroffentlicht|aktualisiert|stand|erstellt|zuletzt|geandert|datum|uhr|um|vom|am|heute|gestern|vor|stunden|stunde|minuten|tagen|tage|\
    publie|mis|a|jour|le|modifie|cree|actualise|hier|il|y|heures|heure|temps|lecture|\
    publicado|actualizado|modificado|creado|el|las|la|de|del|hoy|ayer|hace|horas|hora|h|dias|minutos|\
    pubblicato|aggiornato|il|alle|ore|ora|modifica|oggi|ieri|fa|minuti|\
    publicada|atualizado|atualizada|as|em|ontem|hoje|ha|\
    opublikowano|aktualizacja|data|publikacji|godz|dodano|ostatnia|dzisiaj|wczoraj|temu|r|\
    опубликовано|обновлено|обновление|дата|в|г|год|года|час|часов|часа|минут|минуты|назад|сегодня|вчера|время|изменено|\
    оновлено|опубліковано|о|рік|року|годин|хвилин|тому|сьогодні|вчора|\
    derc|edilib|yenilenib|tarix|saat|il|bugun|dunen|\
    yayinlanma|yayin|tarihi|guncelleme|guncellenme|giris|son|tarih|once|saniye|dakika|gun|olusturulma|\
    publisert|oppdatert|opdateret|publiceret|uppdaterad|publicerad|kl|den|idag|igar|gepubliceerd|bijgewerkt|laatst|om|uur|\
    publikovano|aktualizovano|dnes|vcera|julkaistu|paivitetty|klo|birt|uppfaert|\
    تم|النشر|نشر|آخر|تحديث|في|بتوقيت|الساعة|منذ|ساعة|صباحا|مساء|ص|م|प्रकाशित|अपडेटेड|अपडेट|समय|घंटे|पहले|मिनट|दिन|बजे|\
    年|月|日|時|分|秒|时|公開|更新|掲載|配信|最終更新|更新日|更新日時|公開日|公開日時|発表|发布|发布时间|时间|更新时间|来源|前|曜日|\
    년|월|일|시|분|초|입력|수정|등록|승인|전|오전|오후|최종수정|기사입력|기사수정|업데이트",
);

/// Words that say a date is the one of a change.
pub(in crate::article) static CHANGED: Words = Words::of(
    "\
    updated|update|modified|edited|revised|last|aktualisiert|geandert|stand|mis|jour|modifie|actualise|actualizado|modificado|aggiornato|\
    modifica|atualizado|atualizada|aktualizacja|обновлено|обновление|изменено|оновлено|yenilenib|guncelleme|guncellenme|oppdatert|\
    opdateret|uppdaterad|bijgewerkt|aktualizovano|paivitetty|تحديث|अपडेट|अपडेटेड|更新|最終更新|更新日|更新日時|更新时间|수정|최종수정|기사수정|\
    updatetime|lastmod|lastmodified|datemodified|lastupdated|dateupdated",
);

/// Days of the week.
pub(in crate::article) static WEEKDAYS: Words = Words::of(
    "\
    monday|tuesday|wednesday|thursday|friday|saturday|sunday|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag|\
    lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lunes|martes|miercoles|jueves|viernes|sabado|domingo|lunedi|martedi|\
    mercoledi|giovedi|venerdi|понедельник|вторник|среда|четверг|пятница|суббота|воскресенье|pazartesi|carsamba|persembe|cuma",
);

/// Small words inside the names of places.
pub(in crate::article) static PLACE_PARTICLES: Words = Words::of(
    "\
    de|del|la|las|los|el|al|le|les|sur|sous|en|am|an|der|den|im|in|bei|ob|auf|of|the|upon|on|da|do|dos|das|di|della|und|and|на|дону|por|sul",
);

/// Words that open a text in capitals or before a dash and are no place.
pub(in crate::article) static NO_PLACE: Words = Words::of(
    "\
    update|updated|live|watch|breaking|exclusive|video|photo|photos|opinion|analysis|editorial|column|review|interview|correction|\
    corrected|refile|factbox|explainer|timeline|brief|wrapup|advisory|urgent|flash|alert|news|sport|sports|politics|business|\
    note|editor s note|editors note|nb|ps|faq|q|a|q a|nato|un|eu|usa|us|uk|uae|ussr|cia|fbi|nasa|who|imf|opec|osce|unesco|unicef|ceo|\
    i|in|on|at|the|an|it|he|she|they|we|you|this|that|these|those|there|here|what|when|where|why|how|and|but|or|so|if|for|from|\
    after|before|since|during|last|next|as|by|no|yes|not|all|some|many|one|two|first|step|part|chapter|day|week|spoiler|\
    der|die|das|ein|eine|am|im|les|un|une|una|il|lo|в|на|о|он|она|они|это|после|по|za|w|na",
);

/// Endings that make a word an organisation's name.
pub(in crate::article) static ORGANISATION_ENDINGS: Words = Words::of(
    "\
    zeitung|anzeiger|nachrichten|rundschau|redaktion|tageblatt|volksblatt|handelsblatt|wochenblatt|abendblatt|일보|신문|뉴스|방송|新聞|新聞社|通信|\
    デジタル|編集部|日報|時報|日报|晚报|电视台|통신",
);
