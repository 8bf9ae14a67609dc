"""About sixty customer accounts of many countries: linked entries, former names, parents, federal and MACC ones."""

import uuid

from accounts.enums import CustomerCategory
from accounts.models import CustomerAccount, Organization, User

M, U, O = CustomerCategory.MANAGED, CustomerCategory.UNMANAGED, CustomerCategory.OTHER  # noqa: E741  a table needs short names

# name, category, address, city, state, country, domain, D-U-N-S, flags, former names, linked group, parent
ROWS = [
    ("A. Datum Corporation", M, "500 Congress Ave", "Austin", "TX", "US", "adatum.example", "100000017", "macc", [], "adatum", ""),
    ("A. Datum Corp. West", M, "1 Market St", "San Francisco", "CA", "US", "adatum.example", "100000025", "", [], "adatum", ""),
    ("A. Datum Federal Systems", O, "1400 K St NW", "Washington", "DC", "US", "adatumfed.example", "100000033", "federal", [], "", ""),
    ("Adventure Works Cycles", M, "2425 Barnes Rd", "Portland", "OR", "US", "adventure-works.example", "100000041", "macc", ["Adventure Bicycle Works"], "", ""),
    ("Alpine Ski House", U, "Bahnhofstrasse 10", "Zürich", "ZH", "CH", "alpineskihouse.example", "480000058", "", [], "", ""),
    ("Bellows College", O, "12 College Rd", "Boston", "MA", "US", "bellowscollege.example", "100000066", "", [], "", ""),
    ("Best For You Organics Company", U, "77 Green St", "Denver", "CO", "US", "bestforyouorganics.example", "100000074", "", [], "", ""),
    ("City Power & Light", M, "800 Energy Way", "Chicago", "IL", "US", "citypowerlight.example", "100000082", "macc", ["Lakeside Electric"], "", ""),
    ("Coho Vineyard & Winery", U, "9 Vine Rd", "Napa", "CA", "US", "cohowinery.example", "100000090", "", [], "", ""),
    ("Consolidated Messenger", M, "31 Post Ln", "Toronto", "ON", "CA", "consolidatedmessenger.example", "200000107", "", [], "", ""),
    ("Fabrikam Seguros S.A.", M, "Av. Paulista 1000", "São Paulo", "SP", "BR", "fabrikam.example", "890000114", "macc", ["Companhia Fabrikam de Seguros"], "fabrikam", "Fabrikam Holding S.A."),
    ("Fabrikam Seguros Nordeste S.A.", M, "Rua da Aurora 55", "Recife", "PE", "BR", "fabrikam.example", "890000122", "", [], "fabrikam", "Fabrikam Holding S.A."),
    ("Fabrikam Holding S.A.", M, "Av. Faria Lima 3500", "São Paulo", "SP", "BR", "fabrikamholding.example", "890000130", "macc", [], "", ""),
    ("Fourth Coffee Ltda.", U, "Rua Augusta 210", "São Paulo", "SP", "BR", "fourthcoffee.example", "890000148", "", [], "", ""),
    ("Graphic Design Institute", O, "Rua do Ouro 18", "Lisboa", "", "PT", "graphicdesigninstitute.example", "530000155", "", [], "", ""),
    ("Humongous Insurance", M, "200 Insurance Plaza", "Hartford", "CT", "US", "humongousinsurance.example", "100000163", "macc", [], "", ""),
    ("Lamna Healthcare Company", M, "40 Care Blvd", "Atlanta", "GA", "US", "lamnahealthcare.example", "100000171", "", ["Lamna Clinics Inc."], "", ""),
    ("Liberty's Delightful Sinful Bakery & Cafe", U, "3 Bun Ct", "Bath", "", "GB", "libertysbakery.example", "210000188", "", [], "", ""),
    ("Litware, Inc.", M, "1-1 Umeda", "Osaka", "", "JP", "litware.example", "690000195", "", ["Litware Seisakusho K.K."], "", ""),
    ("Lucerne Publishing", U, "Pilatusstrasse 4", "Luzern", "LU", "CH", "lucernepublishing.example", "480000201", "", [], "", ""),
    ("Margie's Travel", U, "5 Harbour Rd", "Dublin", "", "IE", "margiestravel.example", "980000218", "", [], "", ""),
    ("Munson's Pickles and Preserves Farm", U, "Farm Rd 8", "Madison", "WI", "US", "munsonspickles.example", "100000225", "", [], "", ""),
    ("Nod Publishers", O, "8 Page St", "Melbourne", "VIC", "AU", "nodpublishers.example", "750000232", "", [], "", ""),
    ("Northwind Traders Ltd", M, "14 Canal Wharf", "Leeds", "", "GB", "northwindtraders.example", "210000249", "macc", ["Northwind Import-Export"], "northwind", ""),
    ("Northwind Traders GmbH", M, "Hafenstr. 7", "Hamburg", "", "DE", "northwindtraders.example", "310000256", "", [], "northwind", ""),
    ("Proseware GmbH", M, "Im Mediapark 5", "Köln", "NW", "DE", "proseware.example", "310000263", "", [], "", ""),
    ("School of Fine Art", O, "2 Easel Ln", "Edinburgh", "", "GB", "fineartschool.example", "210000270", "", [], "", ""),
    ("Southridge Video", U, "77 Reel Ave", "Los Angeles", "CA", "US", "southridgevideo.example", "100000287", "", [], "", ""),
    ("Tailspin Toys Pvt. Ltd.", M, "Senapati Bapat Rd", "Pune", "MH", "IN", "tailspintoys.example", "650000294", "", [], "tailspin", ""),
    ("Tailspin Toys (India) Private Limited", M, "MG Road 12", "Bengaluru", "KA", "IN", "tailspintoys.example", "650000301", "", [], "tailspin", ""),
    ("The Phone Company", M, "88 Signal St", "London", "", "GB", "thephonecompany.example", "210000318", "macc", ["General Telephony plc"], "", ""),
    ("Trey Research", M, "10 Lab Way", "Cambridge", "", "GB", "treyresearch.example", "210000325", "", [], "", ""),
    ("VanArsdel, Ltd.", M, "55 Mill Ln", "Manchester", "", "GB", "vanarsdel.example", "210000332", "", [], "", ""),
    ("Wide World Importers", M, "900 Pier Rd", "Seattle", "WA", "US", "wideworldimporters.example", "100000349", "macc", [], "", ""),
    ("Wingtip Toys", U, "12 Wing St", "Vancouver", "BC", "CA", "wingtiptoys.example", "200000356", "", [], "", ""),
    ("Woodgrove Bank", M, "Av. da Liberdade 100", "Lisboa", "", "PT", "woodgrovebank.example", "530000363", "macc", ["Banco Woodgrove & Filhos"], "", ""),
    ("Boulder Innovations", U, "Av. Reforma 222", "Ciudad de México", "", "MX", "boulderinnovations.example", "820000370", "", [], "", ""),
    ("Distribuidora Bosque Verde S.A. de C.V.", U, "Calle 60 No. 5", "Mérida", "YUC", "MX", "bosqueverde.example", "820000387", "", [], "", ""),
    ("Grupo Fabrikam México S.A. de C.V.", M, "Insurgentes Sur 1500", "Ciudad de México", "", "MX", "fabrikam.example", "820000394", "", [], "", "Fabrikam Holding S.A."),
    ("Café Tailwind S.A.S.", U, "Rue de Rivoli 12", "Paris", "", "FR", "tailwindtraders.example", "260000400", "", [], "", ""),
    ("Société Première Énergie", M, "Rue de la République 3", "Lyon", "", "FR", "premiereenergie.example", "260000417", "macc", [], "", ""),
    ("Łódzkie Zakłady Proseware Sp. z o.o.", U, "ul. Piotrkowska 1", "Łódź", "", "PL", "proseware.example", "420000424", "", [], "", "Proseware GmbH"),
    ("Bosphorus Lojistik A.Ş.", U, "Büyükdere Cd. 200", "İstanbul", "", "TR", "bosphoruslojistik.example", "560000431", "", [], "", ""),
    ("Andes Minería Ltda.", M, "Av. Apoquindo 4500", "Santiago", "", "CL", "andesmineria.example", "830000448", "", [], "", ""),
    ("Pampa Agro S.R.L.", U, "Av. Corrientes 800", "Buenos Aires", "", "AR", "pampaagro.example", "840000455", "", [], "", ""),
    ("First Up Consultants", O, "1 Start Sq", "Singapore", "", "SG", "firstupconsultants.example", "590000462", "", [], "", ""),
    ("Relevant Media Oy", U, "Mannerheimintie 5", "Helsinki", "", "FI", "relevantmedia.example", "540000479", "", [], "", ""),
    ("Nordwind Shipping AS", U, "Bryggen 3", "Bergen", "", "NO", "nordwindshipping.example", "520000486", "", [], "", ""),
    ("Van Dijk Bloemen B.V.", U, "Keizersgracht 40", "Amsterdam", "", "NL", "vandijkbloemen.example", "410000493", "", [], "", ""),
    ("Kaneko Shoji K.K.", U, "2-4 Marunouchi", "Tokyo", "", "JP", "kanekoshoji.example", "690000509", "", [], "", ""),
    ("شركة النور للتجارة", O, "King Fahd Rd 9", "Riyadh", "", "SA", "alnoor.example", "790000516", "", ["Al Noor Trading Company"], "", ""),
    ("Department of Public Works", O, "200 Civic Center", "Sacramento", "CA", "US", "publicworks.example", "100000523", "federal", [], "", ""),
    ("Federal Weather Bureau", O, "1325 East West Hwy", "Silver Spring", "MD", "US", "weatherbureau.example", "100000530", "federal", [], "", ""),
    ("Banco Cooperativo do Vale S.A.", M, "Rua XV de Novembro 50", "Blumenau", "SC", "BR", "coopvale.example", "890000547", "macc", [], "", ""),
    ("Hospital Santa Clara", U, "Rua das Flores 77", "Belo Horizonte", "MG", "BR", "santaclara.example", "890000554", "", [], "", ""),
    ("Usina Rio Claro Ltda.", U, "Rod. SP-310 km 170", "Rio Claro", "SP", "BR", "rioclaro.example", "890000561", "", [], "", ""),
    ("Construtora Horizonte S/A", O, "SCS Quadra 4", "Brasília", "DF", "BR", "horizonte.example", "890000578", "", [], "", ""),
    ("Transportes Bom Caminho ME", O, "Av. Brasil 900", "Curitiba", "PR", "BR", "bomcaminho.example", "890000585", "", [], "", ""),
    ("Blue Yonder Airlines", M, "1 Runway Rd", "Dallas", "TX", "US", "blueyonderairlines.example", "100000592", "macc", ["Yonder Regional Airways"], "", ""),
    ("International Manufacturing & Logistics Holdings of the Greater North-Eastern Region, Incorporated", U, "1 Very Long Industrial Park Road", "Albany", "NY", "US", "imlh.example", "100000608", "", [], "", ""),
]  # fmt: skip


def load_customers() -> None:
    """Write the accounts; the seller of the market is named on some of them."""
    parents: dict[str, CustomerAccount] = {}
    ordered = sorted(ROWS, key=lambda row: bool(row[11]))  # parents first
    for number, row in enumerate(ordered, start=1):
        name, category, address, city, state, country, domain, duns, flags, former, group, parent = row
        parents[name] = CustomerAccount(
            account_id=f"6-{number:06d}CS" if category != O else None,
            name=name, category=category, address=address, city=city, state=state, country=country, domain=domain,
            duns=duns, macc="macc" in flags, federal="federal" in flags, former_names=former,
            linked_group=uuid.uuid5(uuid.NAMESPACE_DNS, f"{group}.example") if group else None,
        )  # fmt: skip
        parents[name].parent = parents.get(parent)
        parents[name].save()
    lee = User.objects.get(email="lee.chan@microsoft.example")
    for name in ("A. Datum Corporation", "Wide World Importers"):
        parents[name].team.add(lee)
    CustomerAccount.objects.create(
        name="Padaria Três Irmãos",
        category=CustomerCategory.MANUAL,
        address="Rua Direita 3",
        city="Ouro Preto",
        country="BR",
        entered_by=Organization.objects.get(name="Contoso Data"),
    )
