"""What names of companies are made of, by language and country. Tables only; `customers` puts them together."""

from dataclasses import dataclass
from functools import cache
from itertools import product
from random import Random


@dataclass(frozen=True)
class Language:
    """`words` say what a company does, the frequent ones first; `families` and `brands` are pools to draw from.

    A recipe is a pattern of parts: f(amily), b(rand), w(ord), p(lace), & (the language's "and"), o(f a place).
    """

    both: str
    of: str
    words: list[str]
    families: list[str]
    brands: list[str]
    recipes: list[str]
    streets: list[str]


@dataclass(frozen=True)
class Country:
    """`forms` are its legal forms, the frequent ones first; `places` are (city, state); # in `postal` is a digit."""

    code: str
    weight: float
    language: str
    forms: list[str]
    places: list[tuple[str, str]]
    postal: str


# Half of the names that have such a word have one of the first ten: "services", "group" and "bank" are everywhere.
_WORDS = {
    "en": """Services|Group|Solutions|Bank|Systems|Construction|Technologies|Holdings|Consulting|Health
        Insurance|Foods|Logistics|Energy|Medical Center|Partners|Engineering|Manufacturing|Financial|Industries
        Properties|Motors|Dental|Transport|Electric|Supply|Design|Media|Software|Capital|Care|Hotels|Retail
        Marketing|Security|Plumbing|Pharma|Schools|University|Steel|Furniture|Farms|Restaurants|Automotive
        Credit Union|Landscaping|Textiles|Packaging|Aviation|Marine|Law|Accounting|Chemicals|Networks|Wholesale
        Staffing|Roofing|Printing|Jewelers|Bakery|Brewing|Veterinary Clinic|Church|Mining|Telecom|Studios|Fitness
        Travel|Realty|Analytics|Robotics|Biosciences|Publishing|Nurseries|Freight|Environmental|Aerospace
        Outfitters|Labs|Trust|Interiors|Instruments|Technology Services|Home Health|Heating and Air
        General Contractors|Tool and Die|Real Estate|Data Systems""",
    "pt": """Serviços|Comércio|Engenharia|Transportes|Construções|Indústria e Comércio|Soluções|Banco|Grupo
        Tecnologia|Alimentos|Seguros|Consultoria|Participações|Distribuidora|Farmácia|Supermercados|Saúde|Energia
        Imóveis|Móveis|Contabilidade|Educação|Colégio|Clínica Médica|Papelaria|Autopeças|Materiais de Construção
        Logística|Agropecuária|Confecções|Metalúrgica|Têxtil|Química|Informática|Padaria|Hotéis|Turismo|Advogados
        Laboratório|Usina|Laticínios|Calçados|Embalagens|Segurança|Eletrônicos|Sistemas|Comunicação|Plásticos
        Cerâmica|Restaurante|Ótica""",
    "es": """Servicios|Grupo|Construcciones|Comercial|Soluciones|Banco|Transportes|Ingeniería|Inversiones
        Consultores|Alimentos|Seguros|Distribuidora|Farmacia|Tecnología|Salud|Energía|Inmobiliaria|Muebles
        Educación|Colegio|Clínica|Papelería|Repuestos|Logística|Agrícola|Confecciones|Metalúrgica|Textiles|Química
        Informática|Panadería|Hoteles|Turismo|Abogados|Laboratorio|Lácteos|Calzados|Envases|Seguridad|Electrónica
        Sistemas|Comunicaciones|Plásticos|Cerámicas|Restaurante|Óptica|Minera|Asesores|Bodegas|Pesquera
        Cooperativa|Hermanos""",
    "de": """Gruppe|Bau|Technik|Dienstleistungen|Maschinenbau|Bank|Systeme|Handel|Logistik|Beratung
        Versicherungen|Immobilien|Elektrotechnik|Metallbau|Transporte|Steuerberatung|Apotheke|Autohaus|Energie
        Holding|Bäckerei|Spedition|Haustechnik|Software|Gebäudereinigung|Werkzeugbau|Ingenieurbüro|Druckerei
        Kliniken|Stadtwerke|Verlag|Möbel|Brauerei|Chemie|Kunststofftechnik|Gartenbau|Rechtsanwälte|Medizintechnik
        Verpackungen|Textil|Lebensmittel|Reisen|Sparkasse|Fahrzeugbau|Umwelttechnik|Präzisionstechnik|Dachdecker
        Feinkost|Söhne""",
    "fr": """Services|Groupe|Conseil|Bâtiment|Transports|Banque|Immobilier|Assurances|Solutions
        Distribution|Ingénierie|Industrie|Énergie|Santé|Informatique|Pharmacie|Boulangerie|Menuiserie|Électricité
        Logistique|Technologies|Construction|Travaux Publics|Ambulances|Garage|Clinique|Laboratoires|Hôtellerie
        Meubles|Éditions|Avocats|Chimie|Plomberie|Maçonnerie|Paysages|Sécurité|Nettoyage|Emballages|Textiles
        Vignobles|Restauration|Formation|Communication|Aéronautique|Charpente|Fromagerie|Optique|Coopérative
        Et Fils""",
    "it": """Servizi|Gruppo|Costruzioni|Trasporti|Banca|Immobiliare|Impianti|Consulenza|Assicurazioni
        Alimentari|Meccanica|Industrie|Energia|Farmacia|Informatica|Arredamenti|Elettronica|Logistica|Tecnologie
        Edilizia|Autotrasporti|Ceramiche|Tessile|Moda|Calzature|Vini|Hotel|Viaggi|Chimica|Plastica|Imballaggi
        Laboratori|Clinica|Editrice|Caseificio|Salumificio|Pastificio|Ferramenta|Officine|Sistemi|Marmi
        Cooperativa|Fratelli""",
    "nl": """Groep|Beheer|Bouw|Diensten|Transport|Bank|Techniek|Advies|Verzekeringen|Installatie|Vastgoed
        Holding|Logistiek|Systemen|Energie|Zorg|Apotheek|Automatisering|Metaal|Schoonmaak|Accountants|Advocaten
        Meubelen|Bakkerij|Drukkerij|Kwekerij|Hoveniers|Machinefabriek|Voeding|Reizen|Onderwijs|Verpakkingen
        Scheepvaart|Textiel|Schilders|Dakwerken|Zuivel|Makelaardij|Bloemen|Autobedrijf|Zonen""",
    "pl": """Usługi|Grupa|Budownictwo|Transport|Bank|Handel|Systemy|Technika|Ubezpieczenia|Nieruchomości
        Produkcja|Spedycja|Doradztwo|Energia|Apteka|Informatyka|Meble|Piekarnia|Drukarnia|Logistyka
        Przedsiębiorstwo Budowlane|Hurtownia|Zakład Mechaniczny|Stomatologia|Instalacje|Opakowania|Chemia|Tworzywa
        Mleczarnia|Szkoła|Kancelaria|Hotele|Odzież|Metal|Elektronika|Ochrona|Rolnictwo|Centrum Medyczne|Huta
        Stocznia""",
    "tr": """Hizmetleri|Grup|İnşaat|Ticaret|Bankası|Sanayi ve Ticaret|Turizm|Gıda|Tekstil|Mühendislik
        Sigorta|Otomotiv|Lojistik|Nakliyat|Enerji|Yapı|Makina|Elektrik|Danışmanlık|Mobilya|Teknoloji|Bilişim
        Sağlık|Eczanesi|Kimya|Plastik|Ambalaj|Madencilik|Tarım|Denizcilik|Eğitim|Medya|Kuyumculuk|Döküm|Metal
        Yazılım|Hastanesi|Holding""",
    "ja": """Sangyo|Shoji|Kogyo|Ginko|Kensetsu|Seisakusho|Denki|Bussan|Shokuhin|Unyu|Kagaku|Jidosha|Hoken
        Fudosan|Sogo|Seiyaku|Kikai|Tekko|Shoten|Koki|Insatsu|Tsushin|Keiki|Gakuen|Byoin|Densetsu|Suisan|Sekiyu
        Boeki|Seimitsu|Kinzoku|Gomu|Garasu|Bosai|Soko|Kaiun|Foods|Holdings|Systems|Logistics""",
    "hi": """Enterprises|Industries|Services|Traders|Infotech|Bank|Constructions|Textiles|Agencies
        Solutions|Exports|Group|Engineering Works|Pharmaceuticals|Udyog|Motors|Finance|Infrastructure|Chemicals
        Steels|Vidyalaya|Hospital|Jewellers|Foods|Electricals|Logistics|Papers|Plastics|Mills|Spices|Bhandar|Silks
        Automobiles|Constructions and Developers|Overseas|Granites|Consultancy|Bearings|Ayurveda|Dairy|Travels
        Sahakari""",
}

# Family names: whole ones, then beginnings and ends that are put together.
_FAMILIES = {
    "en": (
        """Smith Johnson Williams Brown Jones Miller Davis Wilson Anderson Taylor Thomas Moore Martin Lee
        Thompson White Clark Lewis Walker Hall Young King Wright Scott Green Baker Adams Nelson Hill Campbell
        Mitchell Roberts Carter Phillips Evans Turner Parker Collins Edwards Stewart Morris Murphy Cook Rogers
        Morgan Cooper Reed Bailey Bell O'Brien O'Connor McDonald McCarthy Kelly Howard Ward Cox Richardson Wood
        Watson Brooks Bennett Gray James""",
        "Ash Brad Brook Charl Clay Craw Dal Den Ed Farn Gar Glen Hal Har Hart Hazel Hol Kings Lang Lin Mar "
        "Mill New Nor Oak Pen Rad Rock Sax Shel Stan Sut Thorn Wal War Wel Wes Whit Wood Win",
        "bridge brook burn bury by combe cote croft dale den field ford gate ham hill hurst ington land ley "
        "low man mere more ridge shaw son stead stone ton ville ward well wick wood worth",
    ),
    "pt": (
        """Silva Santos Oliveira Souza Rodrigues Ferreira Alves Pereira Lima Gomes Costa Ribeiro Martins
        Carvalho Almeida Lopes Soares Fernandes Vieira Barbosa Rocha Dias Nascimento Andrade Moreira Nunes Marques
        Machado Mendes Freitas Cardoso Ramos Gonçalves Santana Teixeira Araújo Cavalcanti Conceição Magalhães
        Guimarães Brandão Falcão""",
        "Al Ama Bar Bel Cal Can Car Cas Cer Cor Fal Fig Fon Gal Lou Mal Mon Mor Nog Pal Pin Que Ros Sal "
        "Ser Tav Val Vas",
        "ado al ares eira eiro elo ente es ete ezes ilha im ino inho oso oura queira rão roso seca teiro val veira",
    ),
    "es": (
        """García Martínez López Hernández González Pérez Rodríguez Sánchez Ramírez Torres Flores Rivera
        Gómez Díaz Cruz Reyes Morales Ortiz Gutiérrez Chávez Ramos Ruiz Vargas Castillo Mendoza Herrera Medina
        Aguilar Vega Castro Rojas Muñoz Salazar Guzmán Peña Delgado Núñez Ibáñez Jiménez Domínguez Vázquez Fuentes
        Cabrera Figueroa Navarro""",
        "Alv Ara Ben Ber Cal Can Car Cev Cort Dom Esp Ferr Gal Ger Lar Mag Mal Men Mon Nav Ort Pal Qui "
        "Riv Sal Tor Val Zam",
        "ada al án ano anza ar arez ares aza eda ena era eros etas ez illa illo ín ita izo ola ón osa osta uelo ueta",
    ),
    "de": (
        """Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer
        Richter Klein Wolf Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange Werner Krause
        Lehmann Köhler Maier Huber Mayer Fuchs Peters Lang Scholz Möller Weiß Jung Hahn Schubert Vogel Friedrich
        Keller Günther Böhm""",
        "Alten Birken Blumen Brand Breit Buch Dorn Eber Eich Eisen Fahren Falken Feld Gold Grün Hain Hohen "
        "Kalten Kirch Linden Mitter Neu Ober Reichen Rosen Sand Schön Silber Stein Straß Tannen Wald Weiden "
        "Wein Winter",
        "auer bach bauer beck berg berger brecht burg dorf eck er feld felder hagen haus heim heimer hofer "
        "holz kamp mann meier müller reuter stein städter thal wald",
    ),
    "fr": (
        """Martin Bernard Dubois Thomas Robert Richard Petit Durand Leroy Moreau Simon Laurent Lefèvre
        Michel Garcia David Bertrand Roux Vincent Fournier Morel Girard André Mercier Dupont Lambert Bonnet
        François Martinez Legrand Garnier Faure Rousseau Blanc Guérin Müller Henry Roussel Nicolas Perrin Morin
        Mathieu Clément Gauthier Chevalier""",
        "Bar Beau Bel Ber Bou Bour Cas Cha Char Cour Del Des Du Fau Fon Gal Gau Gran Lam Lan Mal Mar Mon "
        "Pel Per Pom Ri Roche Saint- Val Vau Ville",
        "ard ault bert champ court don eau elle et fontaine geon gnon guet ier in lain let mont nard nay "
        "rand ron teau tier val vert ville zac",
    ),
    "it": (
        """Rossi Russo Ferrari Esposito Bianchi Romano Colombo Ricci Marino Greco Bruno Gallo Conti "
        "DeLuca Costa Giordano Mancini Rizzo Lombardi Moretti Barbieri Fontana Santoro Mariani Rinaldi Caruso Ferrara
        Galli Martini Leone Longo Gentile Martinelli Vitale Lombardo Serra Coppola D'Angelo Marchetti Parisi Villa
        Conte Ferraro Fabbri Bianco""",
        "Al Anto Bar Ber Bon Cal Can Car Cas Cor Dom Fab Fer Gal Gio Lam Lor Mal Man Mar Mon Nic Pal Pas "
        "Pel Ros Sal Tom Val Ven Zan",
        "aldi anelli angeli asco atti elli enzi eri esi etti iani icchi igni ini ino onato one oni otti "
        "ucci ulli uzzi",
    ),
    "nl": (
        """Jansen Bakker Visser Smit Meijer Mulder Bos Vos Peters Hendriks Dekker Dijkstra Brouwer Koster
        Willems Hoekstra Koning Maas Verhoeven Schouten Jacobs Postma Kuipers Veenstra Kramer Scholten Prins
        Huisman Peeters""",
        "Apel Berken Bloem Boer Broek Dijk Eiken Groen Haver Heem Hooge Kerk Klaver Koren Laan Linde Meer "
        "Molen Nieuw Ooster Ouden Rijn Roos Steen Veld Water Wester Wijn Zand Zee",
        "beek berg boom broek burg dam dijk donk dorp hof horst huis huizen kamp laan man mans meer sma "
        "stra veld veen voort werf wijk zicht",
    ),
    "pl": (
        """Nowak Kowalski Wiśniewski Wójcik Kowalczyk Kamiński Lewandowski Zieliński Szymański Woźniak
        Dąbrowski Kozłowski Mazur Jankowski Kwiatkowski Krawczyk Kaczmarek Piotrowski Grabowski Pawłowski Zając
        Król Wieczorek Jabłoński""",
        "Adam Bart Bor Brzoz Chmiel Cieś Dęb Dud Gał Gór Jasi Jawor Kalin Klim Kos Krup Lip Łęc Mal Mroz "
        "Ole Pas Rad Rog Sad Sikor Sob Stach Szcz Tom Urb Wol Wróbl Zaw Żur",
        "aczyk ak ała an ański arek ecki ek elski eń ewicz ewski iak icki ik iński ko kowiak oń orek "
        "orski owicz owiec owski",
    ),
    "tr": (
        """Yılmaz Kaya Demir Çelik Şahin Yıldız Yıldırım Öztürk Aydın Özdemir Arslan Doğan Kılıç Aslan
        Çetin Kara Koç Kurt Özkan Şimşek Polat Korkmaz Çakır Erdoğan Güneş Aksoy Bulut Keskin Ünal Turan Gül
        Bozkurt Acar Tekin Güler""",
        "Ak Al Alp Ata Ay Bal Bay Boz Can Dağ De Er Gök Gül Gün Ilgaz İnce Kan Kara Kılı Koca Kök Mert Oğuz "
        "Ok Öz Sarı Sez Soy Şen Tan Taş Top Tuna Uz Yal Yel Yurt Yüce",
        "ay baş bey can dağ dal demir er gen göl han kan kaya kol kurt man oğlu öz soy taş tekin tepe "
        "türk yol yürek zade",
    ),
    "ja": (
        """Sato Suzuki Takahashi Tanaka Watanabe Ito Yamamoto Nakamura Kobayashi Kato Yoshida Yamada
        Sasaki Yamaguchi Matsumoto Inoue Kimura Hayashi Shimizu Saito Mori Ikeda Hashimoto Ishikawa Ogawa Okada
        Hasegawa Fujita Goto""",
        "Aka Ao Ara Asa Fuji Fuku Hama Hara Hira Hoshi Ichi Ima Ishi Iwa Kami Kawa Kita Kuro Maru Matsu "
        "Mina Miya Mizu Mura Naga Naka Nishi Oka Ono Saka Shima Shira Sugi Taka Take Tani Toku Uchi Ue Yama "
        "Yoshi",
        "bashi da fuji gawa hara hashi hata ishi kawa ki kubo mine mori moto mura nishi no numa oka saki "
        "sawa shima shita ta tani to uchi ue yama zaki",
    ),
    "hi": (
        """Sharma Verma Gupta Patel Singh Kumar Agarwal Jain Shah Mehta Reddy Rao Nair Iyer Iyengar Das
        Ghosh Banerjee Mukherjee Chatterjee Joshi Desai Kulkarni Deshpande Patil Chopra Kapoor Malhotra Khanna
        Bhatia Mishra Pandey Tiwari Yadav Chauhan Rathore Bose Sen Pillai Menon Naidu Shetty Hegde Bajaj Birla
        Goenka Singhania""",
        "Ag An Bal Bhag Chand Dev Dhar Gop Guru Hari Jag Jay Kal Kir Lal Madh Mah Mani Nand Nar Om Par Pra "
        "Raj Ram Sat Shiv Shri Sub Sur Tej Ud Vij Vish",
        "an and ani appa awala endra esh gopal kant kar krishna mal mani nath pal pati prasad pur raja "
        "ram rao sen wala war",
    ),
}

# Coined brands: two to four syllables of the language's sound.
_SYLLABLES = {
    "en": "ac al an ar bel bri cor cra den dex el en ex far fin gen glo hal im in jet ka len lo max mer mi "
    "nex no nu ob om or pex pri qua ra ri sol sta syn ta tel ter tri ul va ven ver vi wel xa yo zen zo "
    "dyne tech ware logic",
    "pt": "a al ba ban bra ca cam cê cor da do dul fa fê gal ja la le li lu ma mar mi na no pa por que ra ri "
    "ro sa são so ta te to tra tu va ve vi vo xa zé",
    "es": "a al ba bar ca can ce co da del do es fe flo ga gra hi ja la lu ma mar mi na no pa per que ra ri "
    "ro sa sol ta te ti tra u va ve vi ya za",
    "de": "a al ber bo bran da del do ei el en fa fil ge gra han hel in ka kel kro la len lo ma mer mi na nor "
    "o pa ra rei ro sa schu se sta stra ta tek tro u ver vi wal wer za zu",
    "fr": "a al au ba bel bon cé cha co da dé du el en eu fa flo ga gé i ju la lé li lu ma mé mon na né no ou "
    "pa pé ra ré ri ro sa sé si ta té to va vé vi vou",
    "it": "a al ba bel ca ce chi co da de di do e fa fi fio ga gi gra i la le li lo lu ma me mi mo na ne no "
    "pa pe pri ra ri ro sa se si so ta te ti to tra va ve vi zo",
    "nl": "aa al be bo da de dra ee el en fa flo ge groe ha he in ka ke kli la le lo ma me mi na nij no oo pa "
    "pe ra rij ro sa schi se sta ta te tri va ve vi wa wij za ze",
    "pl": "a ba bi bu cho czy da do dra e fa gra i ja ka kra la ło ma me mi na nie no o pa pol po ra ro rze "
    "sa ski so sta szy ta te to tra u wa we wi wo za zło że",
    "tr": "a al ar ba be bil ça da de di e en er fa ge gü ha i il ka ke kar la le ma me mi na ne nur o ö pa "
    "pek ra sa se sel şa ta te tek tu u va ve ya ye yıl za",
    "ja": "a chi da dai e fu ga gi go ha hi ho i ji ka kai ki ko ku kyo ma mi mo na ne ni no o ra rei ri ro "
    "ryo sa san sei shi shin so su ta te to tsu wa ya yo yu za zen",
    "hi": "a am an ba bha cha da de dha di ga gan ha i ja ka kri la ma mi na ni o pa pra ra ri sa sha shri su "
    "ta ti u va vi ya",
}
_BRANDS = {"en": 100_000}  # so many are made for a language, else 18,000; some come twice

_RECIPES = {  # how often a pattern stands here is how often it is used
    "en": "bw bw bw b fw fw f&f ff&fw pw bww fww wop",
    "pt": "fw fw bw bw wf wf b f&f fww wb pw wop",
    "es": "fw wf wf wb bw bw b f&f wff wop pw",
    "de": "fw fw bw bw b f&f fww wf pw wp",
    "fr": "wf fw bw bw b f&f wb wop pw fww",
    "it": "fw fw bw bw b wf f&f wb wop fww",
    "nl": "fw fw bw bw b f&f wf pw wb",
    "pl": "bw bw b wf fw fw wb f&f wop pw",
    "tr": "fw fw bw bw fww bww b pw f&fw",
    "ja": "fw fw fw pw bw b fww pww",
    "hi": "fw fw bw bw b f&f fww pw ff&fw",
}
_BOTH = {"en": "&|and", "pt": "e|&", "es": "y|&", "de": "&|und", "fr": "et|&", "it": "&|e", "nl": "&|en"}
_BOTH |= {"pl": "i|&", "tr": "ve", "ja": "and", "hi": "&|and"}
_OF = {"en": "of", "pt": "de", "es": "de", "fr": "de", "it": "di", "pl": "w"}
_STREETS = {
    "en": "{n} {f} Street|{n} {f} Ave|{n} Main St|{n} {f} Road, Suite 200|Unit 4, {n} {f} Lane",
    "pt": "Rua {f}, {n}|Av. {f}, {n} - Sala 12|Praça {f}, {n}|Rodovia {f}, km {n}",
    "es": "Calle {f} {n}|Av. {f} {n}, Piso 3|Carrera {n} # 12-40|Plaza {f} {n}",
    "de": "{f}straße {n}|{f}weg {n}|Am {f} {n}|Hauptstr. {n}",
    "fr": "{n} rue {f}|{n} avenue {f}|{n} bis, boulevard {f}|ZI {f}",
    "it": "Via {f}, {n}|Viale {f} {n}|Piazza {f}, {n}",
    "nl": "{f}straat {n}|{f}weg {n}|{f}laan {n}",
    "pl": "ul. {f}ego {n}|al. {f}a {n}",
    "tr": "{f} Cad. No: {n}|{f} Sok. No: {n}",
    "ja": "{n}-2-1 {f}cho|{n}-14 {f}dai",
    "hi": "{n}, {f} Marg|Plot {n}, {f} Nagar|{n} {f} Road",
}

# Code, weight (a share in a hundred, about), language, postal code, legal forms, places.
_COUNTRIES = """
US;31;en;#####;Inc.|LLC|Inc|, Inc.|Corporation|Corp.|, LLC|LLP|Company|Co.|L.L.C.|PLLC|Incorporated|L.P.|P.C.;
  New York=NY|Los Angeles=CA|Chicago=IL|Houston=TX|Phoenix=AZ|Philadelphia=PA|San Antonio=TX|Dallas=TX|Austin=TX|
  Columbus=OH|Charlotte=NC|Seattle=WA|Denver=CO|Boston=MA|Nashville=TN|Portland=OR|Portland=ME|Las Vegas=NV|
  Baltimore=MD|Atlanta=GA|Miami=FL|Minneapolis=MN|Tulsa=OK|Omaha=NE|Springfield=IL|Springfield=MO|Salem=OR
GB;7;en;AB# #CD;Ltd|Limited|Ltd.|PLC|LLP|plc|CIC;London=England|Birmingham=England|Manchester=England|Leeds=England|
  Glasgow=Scotland|Edinburgh=Scotland|Cardiff=Wales|Belfast=Northern Ireland|Bristol=England|Sheffield=England
BR;8;pt;#####-###;Ltda|Ltda.|S.A.|S/A|LTDA ME|EIRELI|Ltda - EPP|SA;São Paulo=SP|Rio de Janeiro=RJ|Belo Horizonte=MG|
  Brasília=DF|Curitiba=PR|Porto Alegre=RS|Salvador=BA|Recife=PE|Fortaleza=CE|Campinas=SP|Goiânia=GO|Manaus=AM|
  Ribeirão Preto=SP|Joinville=SC
DE;7;de;#####;GmbH|GmbH & Co. KG|AG|e.K.|GmbH & Co KG|KG|UG (haftungsbeschränkt)|eG|e.V.|SE;Berlin=Berlin|
  Hamburg=Hamburg|München=Bayern|Köln=Nordrhein-Westfalen|Frankfurt am Main=Hessen|Stuttgart=Baden-Württemberg|
  Düsseldorf=Nordrhein-Westfalen|Leipzig=Sachsen|Nürnberg=Bayern|Bremen=Bremen|Hannover=Niedersachsen
FR;5;fr;#####;SARL|SAS|SA|SASU|EURL|S.A.S.|SCI|SNC|S.A.;Paris=Île-de-France|Marseille=Provence|Lyon=Auvergne|
  Toulouse=Occitanie|Nice=Provence|Nantes=Pays de la Loire|Strasbourg=Grand Est|Lille=Hauts-de-France|Rennes=Bretagne
IT;3.5;it;#####;S.r.l.|SRL|S.p.A.|SpA|S.a.s.|S.n.c.|Srl|Soc. Coop.;Roma=Lazio|Milano=Lombardia|Napoli=Campania|
  Torino=Piemonte|Bologna=Emilia-Romagna|Firenze=Toscana|Verona=Veneto|Bari=Puglia
ES;3.5;es;#####;S.L.|S.A.|SL|S.L.U.|SA|S. Coop.|SLU;Madrid=Madrid|Barcelona=Cataluña|Valencia=Valencia|
  Sevilla=Andalucía|Zaragoza=Aragón|Málaga=Andalucía|Bilbao=País Vasco
MX;3.5;es;#####;S.A. de C.V.|SA de CV|S. de R.L. de C.V.|S.A.P.I. de C.V.|S.C.;Ciudad de México=CDMX|
  Guadalajara=Jalisco|Monterrey=Nuevo León|Puebla=Puebla|Tijuana=Baja California|Mérida=Yucatán
CA;3.5;en;A#A #A#;Inc.|Ltd.|Limited|Corp.|Inc|Ltée;Toronto=ON|Montréal=QC|Vancouver=BC|Calgary=AB|Edmonton=AB|
  Ottawa=ON|Winnipeg=MB|Halifax=NS
IN;4.5;hi;######;Pvt. Ltd.|Private Limited|Pvt Ltd|Limited|LLP|Ltd.;Mumbai=Maharashtra|Delhi=Delhi|
  Bengaluru=Karnataka|Hyderabad=Telangana|Chennai=Tamil Nadu|Kolkata=West Bengal|Pune=Maharashtra|Ahmedabad=Gujarat|
  Jaipur=Rajasthan
JP;2.5;ja;###-####;K.K.|Co., Ltd.|Kabushiki Kaisha|Corporation|G.K.|Co.,Ltd.;Tokyo=Tokyo|Osaka=Osaka|Nagoya=Aichi|
  Sapporo=Hokkaido|Fukuoka=Fukuoka|Kobe=Hyogo|Kyoto=Kyoto|Sendai=Miyagi
AU;2.5;en;####;Pty Ltd|Pty. Ltd.|Ltd|Limited|Proprietary Limited;Sydney=NSW|Melbourne=VIC|Brisbane=QLD|Perth=WA|
  Adelaide=SA|Hobart=TAS
NL;2.5;nl;#### AB;B.V.|BV|N.V.|VOF|Coöperatie U.A.|B.V;Amsterdam=Noord-Holland|Rotterdam=Zuid-Holland|
  Den Haag=Zuid-Holland|Utrecht=Utrecht|Eindhoven=Noord-Brabant|Groningen=Groningen
PL;2.5;pl;##-###;Sp. z o.o.|sp. z o.o.|S.A.|Sp. z o.o. Sp. k.|Sp. j.;Warszawa=Mazowieckie|Kraków=Małopolskie|
  Łódź=Łódzkie|Wrocław=Dolnośląskie|Poznań=Wielkopolskie|Gdańsk=Pomorskie
TR;2;tr;#####;Ltd. Şti.|A.Ş.|Limited Şirketi|Anonim Şirketi|Tic. Ltd. Şti.|San. ve Tic. A.Ş.;İstanbul=İstanbul|
  Ankara=Ankara|İzmir=İzmir|Bursa=Bursa|Antalya=Antalya|Gaziantep=Gaziantep
PT;1;pt;####-###;Lda|Lda.|S.A.|Unipessoal Lda|SGPS;Lisboa=Lisboa|Porto=Porto|Braga=Braga|Coimbra=Coimbra|
  Setúbal=Setúbal
AR;1.2;es;A####ABC;S.A.|S.R.L.|SA|S.A.S.;Buenos Aires=CABA|Córdoba=Córdoba|Rosario=Santa Fe|Mendoza=Mendoza
CO;1;es;######;S.A.S.|SAS|Ltda.|S.A.;Bogotá=Cundinamarca|Medellín=Antioquia|Cali=Valle del Cauca|
  Barranquilla=Atlántico
CL;0.8;es;#######;SpA|S.A.|Ltda.|Limitada;Santiago=Metropolitana|Valparaíso=Valparaíso|Concepción=Biobío
PE;0.6;es;#####;S.A.C.|S.A.|E.I.R.L.|SAC;Lima=Lima|Arequipa=Arequipa|Trujillo=La Libertad
UY;0.2;es;#####;S.A.|S.R.L.;Montevideo=Montevideo|Salto=Salto
AT;0.9;de;####;GmbH|Ges.m.b.H.|AG|KG|OG;Wien=Wien|Graz=Steiermark|Linz=Oberösterreich|Salzburg=Salzburg
CH;1.1;de;####;AG|GmbH|SA|Sàrl;Zürich=ZH|Genf=GE|Basel=BS|Bern=BE|Winterthur=ZH
BE;0.8;nl;####;BV|NV|BVBA|SRL;Brussel=Brussel|Antwerpen=Antwerpen|Gent=Oost-Vlaanderen|Brugge=West-Vlaanderen
IE;0.6;en;A## BC##;Ltd|Limited|DAC|plc;Dublin=Dublin|Cork=Cork|Galway=Galway
NZ;0.5;en;####;Limited|Ltd;Auckland=Auckland|Wellington=Wellington|Christchurch=Canterbury
ZA;0.7;en;####;(Pty) Ltd|Pty Ltd|Limited|CC;Johannesburg=Gauteng|Cape Town=Western Cape|Durban=KwaZulu-Natal
SG;0.6;en;######;Pte. Ltd.|Pte Ltd|Private Limited;Singapore=
HK;0.3;en;;Limited|Ltd|Co., Limited;Hong Kong=
AE;0.5;en;;LLC|L.L.C|FZE|FZ-LLC;Dubai=Dubai|Abu Dhabi=Abu Dhabi|Sharjah=Sharjah
NG;0.4;en;######;Limited|Ltd|Nig. Ltd|PLC;Lagos=Lagos|Abuja=FCT|Kano=Kano
KE;0.3;en;#####;Limited|Ltd;Nairobi=Nairobi|Mombasa=Mombasa
PH;0.4;en;####;Inc.|Corporation|Corp.;Manila=NCR|Cebu=Cebu|Davao=Davao
MY;0.4;en;#####;Sdn. Bhd.|Sdn Bhd|Bhd;Kuala Lumpur=KL|Penang=Penang|Johor Bahru=Johor
ID;0.4;en;#####;Tbk|Persero;Jakarta=Jakarta|Surabaya=Jawa Timur|Bandung=Jawa Barat
SE;0.7;de;### ##;AB|Aktiebolag|AB (publ)|HB;Stockholm=Stockholm|Göteborg=Västra Götaland|Malmö=Skåne
DK;0.5;de;####;A/S|ApS|I/S;København=Hovedstaden|Aarhus=Midtjylland|Odense=Syddanmark
NO;0.5;de;####;AS|ASA|A/S;Oslo=Oslo|Bergen=Vestland|Trondheim=Trøndelag
FI;0.4;en;#####;Oy|Oyj|Oy Ab|Ky;Helsinki=Uusimaa|Tampere=Pirkanmaa|Turku=Varsinais-Suomi
CZ;0.5;pl;### ##;s.r.o.|a.s.|spol. s r.o.;Praha=Praha|Brno=Jihomoravský|Ostrava=Moravskoslezský
RO;0.4;it;######;SRL|S.R.L.|S.A.;București=București|Cluj-Napoca=Cluj|Timișoara=Timiș
"""


def language(code: str) -> Language:
    """The pools of a language, the same ones each time."""
    whole, begins, ends = _FAMILIES[code]
    known = whole.split()
    made = [begin + end for begin, end in product(begins.split(), ends.split())]
    # Half of all are of the well-known families; the other half has a name of a thousand.
    families = known * (len(made) // len(known) + 1) + made
    words = [word.strip() for word in _WORDS[code].replace("\n", "|").split("|")]
    words = [word for place, word in enumerate(words) for _again in range(1 + 400 // (place + 12))]
    both, streets = _BOTH[code].split("|")[0], _STREETS[code].split("|")
    return Language(both, _OF.get(code, ""), words, families, _coined(code), _RECIPES[code].split(), streets)


def _coined(code: str) -> list[str]:
    random, count = Random(f"brands {code}"), _BRANDS.get(code, 18_000)  # noqa: S311  no secret
    made: list[str] = []
    for length, share in ((2, 0.2), (3, 0.6), (4, 0.2)):
        columns = [random.choices(_syllables(code), k=int(count * share)) for _each in range(length)]
        made += map("".join, zip(*columns, strict=True))
    random.shuffle(made)
    return [brand.capitalize() for brand in dict.fromkeys(made)]


def coined(random: Random, length: int, code: str = "en") -> str:
    """A brand of so many syllables, as it could be made up in the language."""
    return "".join(random.choices(_syllables(code), k=length)).capitalize()


@cache
def _syllables(code: str) -> list[str]:
    return _SYLLABLES[code].split()


def countries() -> list[Country]:
    lines = _COUNTRIES.strip().replace("\n  ", "").splitlines()  # an indented line goes on with the one before
    return [_country(line) for line in lines]


def _country(line: str) -> Country:
    code, weight, spoken, postal, forms, places = line.split(";")
    pairs = [(city, state) for city, state in (place.split("=") for place in places.split("|"))]
    return Country(code, float(weight), spoken, forms.split("|"), pairs, postal)
