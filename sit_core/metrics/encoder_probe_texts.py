"""Six sentences in nineteen languages, by which it is seen what an encoder tells apart.

Three are about a house and three about the weather, so that each has others about the same. There
are no names, numbers or words that many languages share: an encoder that knows just one of two
languages can't tell by its letters which sentence is which one's translation.
"""

PARALLEL = {
    "en": """The old woman sold her house last year.
The old man bought a house near the river.
Their children did not want to leave the house.
It rained all night and the road was full of water.
The snow on the hills melted early this spring.
In summer the wind brings sand from the south.""",
    "de": """Die alte Frau hat letztes Jahr ihr Haus verkauft.
Der alte Mann hat ein Haus in der Nähe des Flusses gekauft.
Ihre Kinder wollten das Haus nicht verlassen.
Es regnete die ganze Nacht und die Straße war voller Wasser.
Der Schnee auf den Hügeln ist in diesem Frühling früh geschmolzen.
Im Sommer bringt der Wind Sand aus dem Süden.""",
    "es": """La anciana vendió su casa el año pasado.
El anciano compró una casa cerca del río.
Sus hijos no querían dejar la casa.
Llovió toda la noche y la carretera estaba llena de agua.
La nieve de las colinas se derritió temprano esta primavera.
En verano el viento trae arena del sur.""",
    "fr": """La vieille femme a vendu sa maison l'année dernière.
Le vieil homme a acheté une maison près de la rivière.
Leurs enfants ne voulaient pas quitter la maison.
Il a plu toute la nuit et la route était pleine d'eau.
La neige sur les collines a fondu tôt ce printemps.
En été, le vent apporte du sable du sud.""",
    "it": """La vecchia signora ha venduto la sua casa l'anno scorso.
Il vecchio ha comprato una casa vicino al fiume.
I loro figli non volevano lasciare la casa.
Ha piovuto tutta la notte e la strada era piena d'acqua.
La neve sulle colline si è sciolta presto questa primavera.
In estate il vento porta sabbia dal sud.""",
    "pt": """A velha senhora vendeu a sua casa no ano passado.
O velho comprou uma casa perto do rio.
Os filhos deles não queriam deixar a casa.
Choveu a noite toda e a estrada estava cheia de água.
A neve nas colinas derreteu cedo nesta primavera.
No verão o vento traz areia do sul.""",
    "nl": """De oude vrouw heeft vorig jaar haar huis verkocht.
De oude man kocht een huis bij de rivier.
Hun kinderen wilden het huis niet verlaten.
Het regende de hele nacht en de weg stond vol water.
De sneeuw op de heuvels is dit voorjaar vroeg gesmolten.
In de zomer brengt de wind zand uit het zuiden.""",
    "ro": """Bătrâna și-a vândut casa anul trecut.
Bătrânul a cumpărat o casă lângă râu.
Copiii lor nu au vrut să părăsească casa.
A plouat toată noaptea și drumul era plin de apă.
Zăpada de pe dealuri s-a topit devreme în primăvara aceasta.
Vara, vântul aduce nisip din sud.""",
    "tr": """Yaşlı kadın geçen yıl evini sattı.
Yaşlı adam nehrin yakınında bir ev satın aldı.
Çocukları evden ayrılmak istemedi.
Bütün gece yağmur yağdı ve yol suyla doluydu.
Tepelerdeki kar bu bahar erken eridi.
Yazın rüzgâr güneyden kum getirir.""",
    "vi": """Bà lão đã bán ngôi nhà của mình năm ngoái.
Ông lão đã mua một ngôi nhà gần sông.
Các con của họ không muốn rời khỏi ngôi nhà.
Trời mưa suốt đêm và con đường đầy nước.
Tuyết trên những ngọn đồi đã tan sớm vào mùa xuân này.
Vào mùa hè, gió mang cát từ phía nam đến.""",
    "zh": """那位老太太去年卖掉了她的房子。
那位老人在河边买了一栋房子。
他们的孩子不想离开这所房子。
下了一整夜的雨，路上全是水。
今年春天山上的雪融化得很早。
夏天，风从南方带来沙子。""",
    "ja": """そのおばあさんは去年、家を売りました。
そのおじいさんは川の近くに家を買いました。
彼らの子供たちは家を離れたくありませんでした。
一晩中雨が降り、道は水でいっぱいでした。
この春、丘の雪は早く溶けました。
夏には風が南から砂を運んできます。""",
    "ko": """할머니는 작년에 자신의 집을 팔았다.
할아버지는 강 근처에 집을 샀다.
그들의 아이들은 집을 떠나고 싶어 하지 않았다.
밤새 비가 내려 길이 물로 가득했다.
올봄에는 언덕의 눈이 일찍 녹았다.
여름에는 바람이 남쪽에서 모래를 몰고 온다.""",
    "ru": """Старушка продала свой дом в прошлом году.
Старик купил дом у реки.
Их дети не хотели покидать дом.
Всю ночь шёл дождь, и дорога была залита водой.
Снег на холмах этой весной растаял рано.
Летом ветер приносит песок с юга.""",
    "el": """Η γριά γυναίκα πούλησε το σπίτι της πέρυσι.
Ο γέρος αγόρασε ένα σπίτι κοντά στο ποτάμι.
Τα παιδιά τους δεν ήθελαν να φύγουν από το σπίτι.
Έβρεχε όλη τη νύχτα και ο δρόμος ήταν γεμάτος νερό.
Το χιόνι στους λόφους έλιωσε νωρίς φέτος την άνοιξη.
Το καλοκαίρι ο άνεμος φέρνει άμμο από τον νότο.""",
    "ar": """باعت المرأة العجوز بيتها في العام الماضي.
اشترى الرجل العجوز بيتا بالقرب من النهر.
لم يرغب أطفالهم في مغادرة البيت.
هطل المطر طوال الليل وكان الطريق مليئا بالماء.
ذاب الثلج على التلال مبكرا في هذا الربيع.
في الصيف تجلب الرياح الرمال من الجنوب.""",
    "he": """האישה הזקנה מכרה את ביתה בשנה שעברה.
האיש הזקן קנה בית ליד הנהר.
הילדים שלהם לא רצו לעזוב את הבית.
ירד גשם כל הלילה והכביש היה מלא מים.
השלג על הגבעות נמס מוקדם באביב הזה.
בקיץ הרוח מביאה חול מהדרום.""",
    "hi": """बूढ़ी औरत ने पिछले साल अपना घर बेच दिया।
बूढ़े आदमी ने नदी के पास एक घर खरीदा।
उनके बच्चे घर छोड़ना नहीं चाहते थे।
सारी रात बारिश हुई और सड़क पानी से भरी थी।
इस वसंत में पहाड़ियों पर बर्फ जल्दी पिघल गई।
गर्मियों में हवा दक्षिण से रेत लाती है।""",
    "th": """หญิงชราขายบ้านของเธอเมื่อปีที่แล้ว
ชายชราซื้อบ้านใกล้แม่น้ำ
ลูก ๆ ของพวกเขาไม่อยากออกจากบ้าน
ฝนตกตลอดทั้งคืนและถนนเต็มไปด้วยน้ำ
หิมะบนเนินเขาละลายเร็วในฤดูใบไม้ผลินี้
ในฤดูร้อนลมพัดพาทรายมาจากทางใต้""",
}
"""Language → the same six sentences, a line each."""
