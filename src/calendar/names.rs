//! Names of months, weekdays and halves of the day, as data, in the languages of the press.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use super::scan::folded;

/// Twelve months, each with the forms met: full, genitive, short. `|` separates months.
/// Where one word names different months in two languages, the source's language decides.
const MONTHS: &[(&str, &str)] = &[
    (
        "en",
        "january jan|february feb febr|march mar|april apr apl|may|june jun|july jul|august aug|september sep sept|october oct|november nov novem|december dec decem",
    ),
    (
        "de",
        "januar jan jän jänner jaenner|februar feb febr feber|märz mär maerz mrz|april apr|mai|juni jun|juli jul|august aug|september sep sept|oktober okt|november nov|dezember dez",
    ),
    (
        "fr",
        "janvier janv jan|février fév févr|mars mar|avril avr|mai|juin|juillet juil juill jul|août aoû aout|septembre sept sep|octobre oct|novembre nov|décembre déc",
    ),
    (
        "es",
        "enero ene|febrero feb|marzo mar|abril abr|mayo may|junio jun|julio jul|agosto ago|septiembre setiembre sep sept set|octubre oct|noviembre nov|diciembre dic",
    ),
    (
        "it",
        "gennaio gen genn|febbraio feb febbr|marzo mar|aprile apr|maggio mag magg|giugno giu|luglio lug|agosto ago|settembre set sett|ottobre ott|novembre nov|dicembre dic",
    ),
    (
        "pt",
        "janeiro jan|fevereiro fev|março mar|abril abr|maio mai|junho jun|julho jul|agosto ago|setembro set|outubro out|novembro nov|dezembro dez",
    ),
    ("ca", "gener gen|febrer febr|març|abril abr|maig|juny|juliol jul|agost ag|setembre set|octubre oct|novembre nov|desembre des"),
    (
        "pl",
        "styczeń stycznia sty|luty lutego lut|marzec marca mar|kwiecień kwietnia kwi|maj maja|czerwiec czerwca cze|lipiec lipca lip|sierpień sierpnia sie|wrzesień września wrz|październik października paź|listopad listopada lis|grudzień grudnia gru",
    ),
    (
        "ru",
        "январь января янв|февраль февраля фев февр|март марта мар|апрель апреля апр|май мая|июнь июня июн|июль июля июл|август августа авг|сентябрь сентября сен сент|октябрь октября окт|ноябрь ноября ноя нояб|декабрь декабря дек",
    ),
    (
        "uk",
        "січень січня січ|лютий лютого лют|березень березня бер|квітень квітня кві квіт|травень травня тра трав|червень червня чер черв|липень липня лип|серпень серпня сер серп|вересень вересня вер верес|жовтень жовтня жов жовт|листопад листопада лис лист листоп|грудень грудня гру груд",
    ),
    (
        "be",
        "студзень студзеня сту|люты лютага лют|сакавік сакавіка сак|красавік красавіка кра|май мая травень траўня|чэрвень чэрвеня чэр|ліпень ліпеня ліп|жнівень жніўня жні|верасень верасня вер|кастрычнік кастрычніка кас|лістапад лістапада ліс|снежань снежня сне",
    ),
    (
        "bg",
        "януари яну|февруари фев|март мар|април апр|май|юни|юли|август авг|септември сеп септ|октомври окт|ноември ное|декември дек",
    ),
    (
        "sr",
        "јануар јан januar|фебруар феб februar|март мар mart|април апр april|мај maj|јун јуни jun juni|јул јули jul juli|август авг avgust|септембар сеп septembar|октобар окт oktobar|новембар нов novembar|децембар дец decembar",
    ),
    ("mk", "јануари|февруари|март|април|мај|јуни|јули|август|септември|октомври|ноември|декември"),
    (
        "hr",
        "siječanj siječnja sij|veljača veljače velj|ožujak ožujka ožu|travanj travnja tra|svibanj svibnja svi|lipanj lipnja lip|srpanj srpnja srp|kolovoz kolovoza kol|rujan rujna ruj|listopad listopada lis|studeni studenoga stu|prosinac prosinca pro",
    ),
    (
        "sl",
        "januar januarja jan|februar februarja feb|marec marca mar|april aprila apr|maj maja|junij junija jun|julij julija jul|avgust avgusta avg|september septembra sep|oktober oktobra okt|november novembra nov|december decembra dec",
    ),
    (
        "cs",
        "leden ledna led|únor února úno|březen března bře|duben dubna dub|květen května kvě|červen června čvn|červenec července čvc|srpen srpna srp|září zář|říjen října říj|listopad listopadu lis|prosinec prosince pro",
    ),
    (
        "sk",
        "január januára jan|február februára feb|marec marca mar|apríl apríla apr|máj mája|jún júna|júl júla|august augusta aug|september septembra sep|október októbra okt|november novembra nov|december decembra dec",
    ),
    (
        "ro",
        "ianuarie ian|februarie feb|martie mart|aprilie apr|mai|iunie iun|iulie iul|august aug|septembrie sept|octombrie oct|noiembrie noi noiem|decembrie dec",
    ),
    (
        "hu",
        "január jan|február febr feb|március márc már|április ápr|május máj|június jún|július júl|augusztus aug|szeptember szept szep|október okt|november nov|december dec",
    ),
    (
        "el",
        "ιανουάριος ιανουαρίου ιαν|φεβρουάριος φεβρουαρίου φεβ|μάρτιος μαρτίου μάρ μαρ μαρτ|απρίλιος απριλίου απρ|μάιος μαΐου μάη μάι|ιούνιος ιουνίου ιούν ιουν|ιούλιος ιουλίου ιούλ ιουλ|αύγουστος αυγούστου αύγ αυγ|σεπτέμβριος σεπτεμβρίου σεπ σεπτ|οκτώβριος οκτωβρίου οκτ|νοέμβριος νοεμβρίου νοέ νοε|δεκέμβριος δεκεμβρίου δεκ",
    ),
    (
        "nl",
        "januari jan|februari feb|maart mrt|april apr|mei|juni jun|juli jul|augustus aug|september sep sept|oktober okt|november nov|december dec",
    ),
    (
        "sv",
        "januari jan|februari feb febr|mars|april apr|maj|juni jun|juli jul|augusti aug|september sep sept|oktober okt|november nov|december dec",
    ),
    (
        "nb",
        "januar jan|februar feb|mars mar|april apr|mai|juni jun|juli jul|august aug|september sep sept|oktober okt|november nov|desember des",
    ),
    (
        "da",
        "januar jan|februar feb|marts mar|april apr|maj|juni jun|juli jul|august aug|september sep sept|oktober okt|november nov|december dec",
    ),
    ("is", "janúar|febrúar|mars|apríl|maí|júní|júlí|ágúst|september|október|nóvember|desember"),
    (
        "fi",
        "tammikuu tammikuuta tammi|helmikuu helmikuuta helmi|maaliskuu maaliskuuta maalis|huhtikuu huhtikuuta huhti|toukokuu toukokuuta touko|kesäkuu kesäkuuta kesä|heinäkuu heinäkuuta heinä|elokuu elokuuta elo|syyskuu syyskuuta syys|lokakuu lokakuuta loka|marraskuu marraskuuta marras|joulukuu joulukuuta joulu",
    ),
    (
        "et",
        "jaanuar jaan|veebruar veebr|märts|aprill apr|mai|juuni|juuli|august aug|september sept|oktoober okt|november nov|detsember dets",
    ),
    (
        "lv",
        "janvāris janvārī janv|februāris februārī febr|marts martā|aprīlis aprīlī apr|maijs maijā|jūnijs jūnijā jūn|jūlijs jūlijā jūl|augusts augustā aug|septembris septembrī sept|oktobris oktobrī okt|novembris novembrī nov|decembris decembrī dec",
    ),
    (
        "lt",
        "sausis sausio|vasaris vasario|kovas kovo|balandis balandžio|gegužė gegužės|birželis birželio|liepa liepos|rugpjūtis rugpjūčio|rugsėjis rugsėjo|spalis spalio|lapkritis lapkričio|gruodis gruodžio",
    ),
    (
        "tr",
        "ocak oca|şubat şub|mart mar|nisan nis|mayıs may|haziran haz|temmuz tem|ağustos ağu|eylül eyl|ekim eki|kasım kas|aralık ara",
    ),
    (
        "az",
        "yanvar yan јанвар јан|fevral fev феврал фев|mart mar март мар|aprel apr апрел апр|may май|iyun iyn ијун ијн|iyul iyl ијул ијл|avqust avq август авг|sentyabr sen sent сентјабр сен|oktyabr okt октјабр окт|noyabr noy нојабр ној|dekabr dek декабр дек",
    ),
    (
        "uz",
        "yanvar yan январ|fevral fev феврал|mart mar март|aprel apr апрел|may май|iyun июн|iyul июл|avgust avg август|sentabr sentyabr sen сентябр|oktabr oktyabr okt октябр|noyabr noy ноябр|dekabr dek декабр",
    ),
    (
        "kk",
        "қаңтар қаң|ақпан ақп|наурыз нау|сәуір сәу|мамыр мам|маусым мау|шілде шіл|тамыз там|қыркүйек қыр|қазан қаз|қараша қар|желтоқсан жел",
    ),
    (
        "ka",
        "იანვარი იანვარს იან|თებერვალი თებ|მარტი მარ|აპრილი აპრ|მაისი მაი|ივნისი ივნ|ივლისი ივლ|აგვისტო აგვ|სექტემბერი სექ|ოქტომბერი ოქტ|ნოემბერი ნოე|დეკემბერი დეკ",
    ),
    (
        "hy",
        "հունվար հունվարի հնվ|փետրվար փետրվարի փտվ|մարտ մարտի մրտ|ապրիլ ապրիլի ապր|մայիս մայիսի մյս|հունիս հունիսի հնս|հուլիս հուլիսի հլս|օգոստոս օգոստոսի օգս|սեպտեմբեր սեպտեմբերի սեպ|հոկտեմբեր հոկտեմբերի հոկ|նոյեմբեր նոյեմբերի նոյ|դեկտեմբեր դեկտեմբերի դեկ",
    ),
    (
        "he",
        "ינואר בינואר ינו בינו|פברואר בפברואר פבר בפבר|מרץ במרץ מרס|אפריל באפריל אפר באפר|מאי במאי|יוני ביוני|יולי ביולי|אוגוסט באוגוסט אוג באוג|ספטמבר בספטמבר ספט בספט|אוקטובר באוקטובר אוק באוק|נובמבר בנובמבר נוב בנוב|דצמבר בדצמבר דצמ בדצמ",
    ),
    (
        "ar",
        "يناير كانون_الثاني جانفي|فبراير شباط فيفري|مارس آذار|أبريل إبريل نيسان أفريل|مايو أيار ماي|يونيو يونيه حزيران جوان|يوليو يوليه تموز جويلية يوليوز|أغسطس آب أوت غشت|سبتمبر أيلول شتنبر|أكتوبر تشرين_الأول|نوفمبر تشرين_الثاني نونبر|ديسمبر كانون_الأول دجنبر",
    ),
    ("fa", "ژانویه|فوریه|مارس|آوریل|مه می|ژوئن|ژوئیه جولای|اوت آگوست|سپتامبر|اکتبر|نوامبر|دسامبر"),
    ("ur", "جنوری|فروری|مارچ|اپریل|مئی|جون|جولائی|اگست|ستمبر|اکتوبر|نومبر|دسمبر"),
    (
        "hi",
        "जनवरी जन|फरवरी फ़रवरी फर|मार्च|अप्रैल अप्रेल|मई|जून|जुलाई जुल|अगस्त अग|सितंबर सितम्बर सित|अक्टूबर अक्तूबर अक्ट अक्टू|नवंबर नवम्बर नव|दिसंबर दिसम्बर दिस",
    ),
    ("mr", "जानेवारी जाने|फेब्रुवारी फेब्रु|मार्च|एप्रिल एप्रि|मे|जून|जुलै|ऑगस्ट ऑग|सप्टेंबर सप्टें|ऑक्टोबर ऑक्टो|नोव्हेंबर नोव्हें|डिसेंबर डिसें"),
    (
        "bn",
        "জানুয়ারি জানুয়ারী জানু|ফেব্রুয়ারি ফেব্রুয়ারী ফেব|মার্চ|এপ্রিল এপ্রি|মে|জুন|জুলাই জুল|আগস্ট আগ|সেপ্টেম্বর সেপ|অক্টোবর অক্টো|নভেম্বর নভে|ডিসেম্বর ডিসে",
    ),
    ("ta", "ஜனவரி ஜன|பிப்ரவரி பிப்|மார்ச் மார்|ஏப்ரல் ஏப்|மே|ஜூன்|ஜூலை|ஆகஸ்ட் ஆக|செப்டம்பர் செப்|அக்டோபர் அக்|நவம்பர் நவ|டிசம்பர் டிச"),
    (
        "id",
        "januari jan|februari feb|maret mar|april apr|mei|juni jun|juli jul|agustus agu agt|september sep sept|oktober okt|november nov|desember des",
    ),
    ("ms", "januari jan|februari feb|mac|april apr|mei|jun|julai jul|ogos ogo|september sep|oktober okt|november nov|disember dis"),
    ("sw", "januari|februari|machi|aprili|mei|juni|julai|agosti|septemba|oktoba|novemba|desemba"),
    (
        "sq",
        "janar jan|shkurt shk|mars mar|prill pri|maj|qershor qer|korrik korr|gusht gush|shtator sht|tetor tet|nëntor nën|dhjetor dhj",
    ),
    (
        "ky",
        "январь январ янв|февраль феврал фев|март мар|апрель апрел апр|май|июнь июн|июль июл|август авг|сентябрь сентябр сен|октябрь октябр окт|ноябрь ноябр ноя|декабрь декабр дек",
    ),
    ("tg", "январ янв|феврал фев|март мар|апрел апр|май|июн|июл|август авг|сентябр сен|октябр окт|ноябр ноя|декабр дек"),
    ("tk", "ýanwar ýan|fewral few|mart|aprel apr|maý|iýun iýun|iýul|awgust awg|sentýabr sen|oktýabr okt|noýabr noý|dekabr dek"),
    (
        "fil",
        "enero ene|pebrero peb|marso mar|abril abr|mayo may|hunyo hun|hulyo hul|agosto ago|setyembre set|oktubre okt|nobyembre nob|disyembre dis",
    ),
    (
        "gl",
        "xaneiro xan|febreiro feb|marzo mar|abril abr|maio|xuño xuñ|xullo xul|agosto ago|setembro set|outubro out|novembro nov|decembro dec",
    ),
    ("ps", "جنوري|فبروري|مارچ|اپریل|مۍ مئ|جون|جولای|اگست|سېپتمبر سپتمبر|اکتوبر|نومبر|دسمبر"),
    (
        "th",
        "มกราคม ม.ค|กุมภาพันธ์ ก.พ|มีนาคม มี.ค|เมษายน เม.ย|พฤษภาคม พ.ค|มิถุนายน มิ.ย|กรกฎาคม ก.ค|สิงหาคม ส.ค|กันยายน ก.ย|ตุลาคม ต.ค|พฤศจิกายน พ.ย|ธันวาคม ธ.ค",
    ),
];

/// Weekdays: their words are passed over, since the date itself says the day (and they are often wrong).
const WEEKDAYS: &str = "
monday tuesday wednesday thursday friday saturday sunday mon tue tues wed weds thu thur thurs fri sat sun
montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag mo di mi do fr sa so mon die mit don fre sam son
lundi mardi mercredi jeudi vendredi samedi dimanche lun mar mer jeu ven sam dim
lunes martes miércoles jueves viernes sábado domingo mié jue vie sáb dom
lunedì martedì mercoledì giovedì venerdì sabato domenica gio sab
segunda terça quarta quinta sexta feira seg ter qua qui sex
dilluns dimarts dimecres dijous divendres dissabte diumenge
poniedziałek wtorek środa czwartek piątek sobota niedziela pon pn wt śr czw cz pt sob nd niedz
понедельник вторник среда среду четверг пятница пятницу суббота субботу воскресенье пн вт ср чт пт сб вс пон втр срд чтв птн суб вск
понеділок вівторок середа середу четвер п'ятниця п’ятницю п’ятниця суббота субота суботу неділя неділю нд ятниця ятницю
панядзелак аўторак серада чацвер пятніца субота нядзеля
понеделник вторник сряда четвъртък петък събота неделя понедељак уторак среда четвртак петак субота недеља
ponedjeljak ponedeljak utorak srijeda sreda četvrtak petak subota nedjelja nedelja ponedeljek torek četrtek petek
понеделник вторник среда четврток петок сабота недела
mánudagur þriðjudagur miðvikudagur fimmtudagur föstudagur laugardagur sunnudagur
jumatatu jumanne jumatano alhamisi ijumaa jumamosi jumapili
hënë martë mërkurë enjte premte shtunë diel
luns martes mércores xoves venres sábado domingo
lunes martes miyerkules huwebes biyernes sabado linggo
душанба сешанба чоршанба пайшанба жума шанба якшанба душанбе сешанбе чоршанбе панҷшанбе ҷумъа шанбе якшанбе
дүйшөмбү шейшемби шаршемби бейшемби жума ишемби жекшемби
duşenbe sişenbe çarşenbe penşenbe şenbe ýekşenbe
базар ертәси чәршәнбә ахшамы ҹүмә шәнбә
даваа мягмар лхагва пүрэв баасан бямба ням
திங்கள் செவ்வாய் புதன் வியாழன் வெள்ளி சனி ஞாயிறு
جمعہ سوموار
วันจันทร์ที่ วันอังคารที่ วันพุธที่ วันพฤหัสบดีที่ วันศุกร์ที่ วันเสาร์ที่ วันอาทิตย์ที่ วันจันทร์ วันอังคาร วันพุธ วันพฤหัสบดี วันศุกร์ วันเสาร์ วันอาทิตย์
pondělí úterý středa čtvrtek pátek neděle po út st čt pá so ne pondelok utorok streda štvrtok piatok nedeľa
luni marți miercuri joi vineri sâmbătă duminică mie joi vin sâm dum
hétfő kedd szerda csütörtök péntek szombat vasárnap hét sze csü pén szo vas
δευτέρα τρίτη τετάρτη πέμπτη παρασκευή σάββατο κυριακή δευ τρι τετ πεμ παρ σαβ κυρ
maandag dinsdag woensdag donderdag vrijdag zaterdag zondag ma di wo do vr za zo
måndag tisdag onsdag torsdag fredag lördag söndag mån tis ons tors tor fre lör sön
mandag tirsdag onsdag torsdag fredag lørdag søndag man tir ons lør søn
maanantai tiistai keskiviikko torstai perjantai lauantai sunnuntai maanantaina tiistaina keskiviikkona torstaina perjantaina lauantaina sunnuntaina ma ti ke to pe la su
esmaspäev teisipäev kolmapäev neljapäev reede laupäev pühapäev
pirmdiena otrdiena trešdiena ceturtdiena piektdiena sestdiena svētdiena
pirmadienis antradienis trečiadienis ketvirtadienis penktadienis šeštadienis sekmadienis
pazartesi salı çarşamba perşembe cuma cumartesi pazar pzt sal çar per cum cmt paz
bazar ertəsi çərşənbə axşamı cümə şənbə
dushanba seshanba chorshanba payshanba juma shanba yakshanba
дүйсенбі сейсенбі сәрсенбі бейсенбі жұма сенбі жексенбі
ორშაბათი სამშაბათი ოთხშაბათი ხუთშაბათი პარასკევი შაბათი კვირა
երկուշաբթի երեքշաբթի չորեքշաբթի հինգշաբթի ուրբաթ շաբաթ կիրակի
יום שני שלישי רביעי חמישי שישי שבת ראשון
الاثنين الإثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد اثنين ثلاثاء أربعاء خميس جمعة سبت أحد
دوشنبه سه‌شنبه شنبه چهارشنبه پنجشنبه پنج‌شنبه جمعه یکشنبه
پیر منگل بدھ جمعرات ہفتہ اتوار
सोमवार मंगलवार मंगळवार बुधवार गुरुवार गुरूवार बृहस्पतिवार शुक्रवार शनिवार रविवार सोम मंगल बुध गुरु शुक्र शनि रवि
সোমবার মঙ্গলবার বুধবার বৃহস্পতিবার শুক্রবার শনিবার রবিবার
senin selasa rabu kamis jumat sabtu minggu isnin selasa khamis jumaat sabtu ahad sen sel rab kam jum sab min
월요일 화요일 수요일 목요일 금요일 토요일 일요일 월 화 수 목 금 토 일
月曜日 火曜日 水曜日 木曜日 金曜日 土曜日 日曜日 月曜 火曜 水曜 木曜 金曜 土曜 日曜
星期一 星期二 星期三 星期四 星期五 星期六 星期日 星期天 周一 周二 周三 周四 周五 周六 周日 週一 週二 週三 週四 週五 週六 週日
thứ hai ba tư năm sáu bảy chủ nhật cn
";

/// Words that stand between the parts of a date and say nothing about it.
const GLUE: &str = "
at on of the and th st nd rd t um uhr den dem vom am à a le la las los el de del des du d l di il alle ore ora ed e en y o os às as em
h hs hrs hr min s klo kello kl och den i w dnia godz godzina r roku rok v ve ob ur dne hod
г год года году гг р року рік рр в во о об в ч час
saat günü tarihinde tarixində il ildə ili года g god godine u br
στις στισ ώρα την στη στην του
om op uur van
g gada gads m d metų val
ora în
óra év án én i ai
في الساعة عام سنة م
को बजे
el dia día a.m
pukul tanggal tgl jam wib_ ngày lúc
klukkan þann
жылғы жылы ж թ ժ
соат
ساعت د
เวลา เมื่อ น ค.ศ พ.ศ
оны сарын гараг
ci cu yil jil го по
";

/// Which part of the day a word names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Half {
    /// Midnight to noon.
    Morning,
    /// Noon to midnight.
    Afternoon,
    /// About noon: eleven o'clock is before it, one o'clock after it.
    Noon,
    /// Evening and night: twelve o'clock may be either midnight.
    Evening,
}

/// Before noon and after it.
const HALVES: &[(&str, bool)] = &[
    ("am", false),
    ("pm", true),
    ("오전", false),
    ("오후", true),
    ("上午", false),
    ("下午", true),
    ("午前", false),
    ("午後", true),
    ("凌晨", false),
    ("早上", false),
    ("清晨", false),
    ("ص", false),
    ("م", true),
    ("صباحا", false),
    ("مساء", true),
    ("öö", false),
    ("ös", true),
    ("πμ", false),
    ("μμ", true),
    ("पूर्वाह्न", false),
    ("अपराह्न", true),
    ("قظ", false),
    ("بظ", true),
];

/// Parts of the day that are no half of it.
const PARTS: &[(&str, Half)] =
    &[("中午", Half::Noon), ("晚上", Half::Evening), ("傍晚", Half::Evening), ("夜", Half::Evening), ("शाम", Half::Evening)];

/// Words that mean a half of the day in one language, and other things elsewhere: language, word, after noon.
const HALVES_OF: &[(&str, &str, bool)] = &[
    ("hu", "de", false),
    ("hu", "du", true),
    ("sq", "pd", false),
    ("sq", "md", true),
    ("ms", "pg", false),
    ("ms", "ptg", true),
    ("vi", "sa", false),
    ("vi", "ch", true),
    ("vi", "sang", false),
    ("vi", "chieu", true),
    ("nl", "vm", false),
    ("nl", "nm", true),
    ("sv", "fm", false),
    ("sv", "em", true),
];

/// Longest word of the Chinese and Japanese scripts that the scanner looks for as one.
pub(super) const HAN_WORDS: &[&str] = &[
    "星期一",
    "星期二",
    "星期三",
    "星期四",
    "星期五",
    "星期六",
    "星期日",
    "星期天",
    "月曜日",
    "火曜日",
    "水曜日",
    "木曜日",
    "金曜日",
    "土曜日",
    "日曜日",
    "月曜",
    "火曜",
    "水曜",
    "木曜",
    "金曜",
    "土曜",
    "日曜",
    "周一",
    "周二",
    "周三",
    "周四",
    "周五",
    "周六",
    "周日",
    "週一",
    "週二",
    "週三",
    "週四",
    "週五",
    "週六",
    "週日",
    "上午",
    "中午",
    "下午",
    "午前",
    "午後",
    "凌晨",
    "早上",
    "清晨",
    "晚上",
    "傍晚",
    "令和",
    "平成",
    "昭和",
    "民國",
    "民国",
];

/// The lookup tables, folded once.
struct Tables {
    months: HashMap<String, Vec<(&'static str, u8)>>,
    weekdays: HashSet<String>,
    glue: HashSet<String>,
    halves: HashMap<String, bool>,
}

fn tables() -> &'static Tables {
    static TABLES: OnceLock<Tables> = OnceLock::new();
    TABLES.get_or_init(|| {
        let mut months: HashMap<String, Vec<(&'static str, u8)>> = HashMap::new();
        for (language, names) in MONTHS {
            for (month, forms) in (1u8..).zip(names.split('|')) {
                for form in forms.split_whitespace() {
                    months.entry(folded(&form.replace('_', " "))).or_default().push((language, month));
                }
            }
        }
        Tables {
            months,
            weekdays: WEEKDAYS.split_whitespace().map(folded).collect(),
            glue: GLUE.split_whitespace().map(folded).collect(),
            halves: HALVES.iter().map(|(word, afternoon)| (folded(word), *afternoon)).collect(),
        }
    })
}

/// The month a folded word names; where languages disagree, only the source's own is believed.
pub(super) fn month(word: &str, language: Option<&str>) -> Option<u8> {
    let found = tables().months.get(word)?;
    let primary = language.map(|tag| tag.split(['-', '_']).next().unwrap_or(tag));
    let primary = primary.map(|tag| if tag.eq_ignore_ascii_case("no") || tag.eq_ignore_ascii_case("nn") { "nb" } else { tag });
    if let Some(primary) = primary
        && let Some((_, month)) = found.iter().find(|(tag, _)| tag.eq_ignore_ascii_case(primary))
    {
        return Some(*month);
    }
    let first = found.first()?.1;
    found.iter().all(|(_, month)| *month == first).then_some(first)
}

/// Whether a folded word names a month in a language, given by its tag.
pub(super) fn is_month_of(word: &str, language: &str) -> bool {
    let primary = language.split(['-', '_']).next().unwrap_or(language);
    tables().months.get(word).is_some_and(|found| found.iter().any(|(tag, _)| tag.eq_ignore_ascii_case(primary)))
}

/// Whether a folded word names a day of the week in some language.
pub(super) fn is_weekday(word: &str) -> bool {
    tables().weekdays.contains(word)
}

/// Whether a folded word may stand between the parts of a date.
pub(super) fn is_glue(word: &str) -> bool {
    tables().glue.contains(word)
}

/// The part of the day that a folded word names to a desk with this language.
pub(super) fn half(word: &str, language: Option<&str>) -> Option<Half> {
    let half = |afternoon| if afternoon { Half::Afternoon } else { Half::Morning };
    if let Some(found) = tables().halves.get(word) {
        return Some(half(*found));
    }
    if let Some((_, part)) = PARTS.iter().find(|(name, _)| *name == word) {
        return Some(*part);
    }
    let primary = language?.split(['-', '_']).next()?;
    HALVES_OF.iter().find(|(tag, name, _)| *name == word && tag.eq_ignore_ascii_case(primary)).map(|it| half(it.2))
}

/// The day of the week that a folded English word names, Monday being 1.
pub(super) fn english_weekday(word: &str) -> Option<i8> {
    const STEMS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    (1i8..)
        .zip(STEMS)
        .find(|(_, name)| word.len() >= 3 && (name.starts_with(word) || word == "weds" && *name == "wednesday"))
        .map(|it| it.0)
}
