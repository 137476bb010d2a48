"""The words of the micro world in English, Spanish and German: the tables as they are read.

Columns are separated by ``|``; the letters m, f and n are grammatical genders. Which thing lies in
which place, and what it is, looks like or is used for, are facts *of the micro world*.

The things of the micro world: name in three languages, kind, place, and colour or use.

Columns: English | Spanish, gender | German, gender | kind | place | colour or use. A thing has a
colour where the last word is a colour of `words.COLOURS`, else it has a use.
"""

KINDS = """
animal|animal m|Tier n
bird|pájaro m|Vogel m
fish|pez m|Fisch m
insect|insecto m|Insekt n
fruit|fruta f|Frucht f
vegetable|verdura f|Gemüse n
tool|herramienta f|Werkzeug n
vehicle|vehículo m|Fahrzeug n
instrument|instrumento m|Instrument n
garment|prenda f|Kleidungsstück n
toy|juguete m|Spielzeug n
furniture|mueble m|Möbelstück n
"""
"""English | Spanish, gender | German, gender."""

PLACES = """
farm|on the|granja f|Bauernhof|auf dem
forest|in the|bosque m|Wald|in dem
sea|in the|mar m|Meer|in dem
river|in the|río m|Fluss|in dem
lake|on the|lago m|See|auf dem
garden|in the|jardín m|Garten|in dem
field|in the|campo m|Feld|auf dem
park|in the|parque m|Park|in dem
beach|on the|playa f|Strand|an dem
desert|in the|desierto m|Wüste|in der
jungle|in the|selva f|Dschungel|in dem
savanna|in the|sabana f|Savanne|in der
mountain|on the|montaña f|Berg|auf dem
orchard|in the|huerto m|Obstgarten|in dem
market|at the|mercado m|Markt|auf dem
kitchen|in the|cocina f|Küche|in der
bedroom|in the|dormitorio m|Schlafzimmer|in dem
bathroom|in the|baño m|Badezimmer|in dem
cellar|in the|sótano m|Keller|in dem
garage|in the|garaje m|Garage|in der
workshop|in the|taller m|Werkstatt|in der
office|in the|oficina f|Büro|in dem
school|at the|escuela f|Schule|in der
library|in the|biblioteca f|Bibliothek|in der
hospital|in the|hospital m|Krankenhaus|in dem
church|in the|iglesia f|Kirche|in der
theatre|in the|teatro m|Theater|in dem
shop|in the|tienda f|Laden|in dem
street|in the|calle f|Straße|auf der
station|at the|estación f|Bahnhof|auf dem
harbour|in the|puerto m|Hafen|in dem
airport|at the|aeropuerto m|Flughafen|auf dem
stadium|in the|estadio m|Stadion|in dem
"""
"""English | its preposition | Spanish, gender | German | its preposition and article."""

COLOURS = """
white|blanco|weiß
black|negro|schwarz
brown|marrón|braun
grey|gris|grau
red|rojo|rot
green|verde|grün
yellow|amarillo|gelb
orange|naranja|orange
blue|azul|blau
pink|rosa|rosa
"""
"""English | Spanish | German."""

USES = """
cut|cortar|schneiden
eat|comer|essen
stir|remover|rühren
drink|beber|trinken
cook|cocinar|kochen
hit|golpear|schlagen
dig|cavar|graben
sweep|barrer|fegen
climb|subir|klettern
tie|atar|binden
open|abrir|öffnen
sew|coser|nähen
wash|lavar|waschen
dry|secar|trocknen
carry|llevar|tragen
write|escribir|schreiben
draw|dibujar|zeichnen
measure|medir|messen
read|leer|lesen
call|llamar|anrufen
look|mirar|schauen
sleep|dormir|schlafen
sit|sentarse|sitzen
ring|sonar|läuten
pay|pagar|bezahlen
heal|curar|heilen
weigh|pesar|wiegen
drive|conducir|fahren
travel|viajar|reisen
sail|navegar|segeln
row|remar|rudern
fly|volar|fliegen
dive|bucear|tauchen
play|tocar|musizieren
wear|vestir|anziehen
throw|lanzar|werfen
"""
"""English | Spanish | German (all verbs)."""

NEAR = (
    "animal bird fish insect",
    "tool instrument furniture toy",
    "fruit vegetable",
    "farm field market",
    "garden orchard park field",
    "lake river sea beach harbour",
    "street garage station",
    "forest mountain jungle",
    "desert savanna",
    "market shop",
    "school library office",
    "write draw",
    "look read measure",
    "drive travel sail row fly climb",
    "stir cook eat drink",
    "hit throw",
    "dive sail row",
)
"""Words of one line never stand beside each other as right and wrong choice: a reader would not
know which is meant."""


LIVING = """
cow|vaca f|Kuh f|animal|farm|brown
horse|caballo m|Pferd n|animal|farm|brown
sheep|oveja f|Schaf n|animal|farm|white
pig|cerdo m|Schwein n|animal|farm|pink
donkey|burro m|Esel m|animal|farm|grey
goat|cabra f|Ziege f|animal|mountain|white
dog|perro m|Hund m|animal|street|brown
cat|gato m|Katze f|animal|garden|black
mouse|ratón m|Maus f|animal|cellar|grey
rat|rata f|Ratte f|animal|harbour|grey
rabbit|conejo m|Kaninchen n|animal|field|white
fox|zorro m|Fuchs m|animal|forest|red
wolf|lobo m|Wolf m|animal|forest|grey
bear|oso m|Bär m|animal|forest|brown
deer|ciervo m|Hirsch m|animal|forest|brown
lion|león m|Löwe m|animal|savanna|yellow
zebra|cebra f|Zebra n|animal|savanna|white
giraffe|jirafa f|Giraffe f|animal|savanna|yellow
elephant|elefante m|Elefant m|animal|savanna|grey
tiger|tigre m|Tiger m|animal|jungle|orange
monkey|mono m|Affe m|animal|jungle|brown
camel|camello m|Kamel n|animal|desert|yellow
snake|serpiente f|Schlange f|animal|desert|green
lizard|lagarto m|Eidechse f|animal|desert|green
frog|rana f|Frosch m|animal|lake|green
turtle|tortuga f|Schildkröte f|animal|beach|green
crab|cangrejo m|Krabbe f|animal|beach|red
whale|ballena f|Wal m|animal|sea|blue
dolphin|delfín m|Delfin m|animal|sea|grey
crocodile|cocodrilo m|Krokodil n|animal|river|green
beaver|castor m|Biber m|animal|river|brown
hedgehog|erizo m|Igel m|animal|garden|brown
squirrel|ardilla f|Eichhörnchen n|animal|park|red
spider|araña f|Spinne f|animal|cellar|black
snail|caracol m|Schnecke f|animal|garden|grey
hen|gallina f|Henne f|bird|farm|brown
duck|pato m|Ente f|bird|lake|yellow
goose|ganso m|Gans f|bird|lake|white
swan|cisne m|Schwan m|bird|lake|white
flamingo|flamenco m|Flamingo m|bird|lake|pink
owl|búho m|Eule f|bird|forest|brown
parrot|loro m|Papagei m|bird|jungle|green
crow|cuervo m|Krähe f|bird|field|black
seagull|gaviota f|Möwe f|bird|harbour|white
dove|paloma f|Taube f|bird|park|grey
sparrow|gorrión m|Spatz m|bird|street|brown
vulture|buitre m|Geier m|bird|desert|black
shark|tiburón m|Hai m|fish|sea|grey
tuna|atún m|Thunfisch m|fish|sea|blue
salmon|salmón m|Lachs m|fish|river|pink
trout|trucha f|Forelle f|fish|river|brown
carp|carpa f|Karpfen m|fish|lake|grey
bee|abeja f|Biene f|insect|garden|yellow
wasp|avispa f|Wespe f|insect|orchard|yellow
ant|hormiga f|Ameise f|insect|field|black
butterfly|mariposa f|Schmetterling m|insect|garden|orange
beetle|escarabajo m|Käfer m|insect|forest|black
mosquito|mosquito m|Mücke f|insect|jungle|grey
apple|manzana f|Apfel m|fruit|orchard|red
pear|pera f|Birne f|fruit|orchard|green
cherry|cereza f|Kirsche f|fruit|orchard|red
plum|ciruela f|Pflaume f|fruit|orchard|blue
peach|melocotón m|Pfirsich m|fruit|orchard|orange
lemon|limón m|Zitrone f|fruit|market|yellow
banana|plátano m|Banane f|fruit|market|yellow
melon|melón m|Melone f|fruit|market|green
grape|uva f|Traube f|fruit|mountain|blue
strawberry|fresa f|Erdbeere f|fruit|garden|red
coconut|coco m|Kokosnuss f|fruit|beach|brown
carrot|zanahoria f|Karotte f|vegetable|garden|orange
potato|patata f|Kartoffel f|vegetable|field|brown
cabbage|col f|Kohl m|vegetable|field|green
pumpkin|calabaza f|Kürbis m|vegetable|field|orange
tomato|tomate m|Tomate f|vegetable|market|red
onion|cebolla f|Zwiebel f|vegetable|market|white
lettuce|lechuga f|Salat m|vegetable|market|green
cucumber|pepino m|Gurke f|vegetable|market|green
mushroom|seta f|Pilz m|vegetable|forest|brown
"""

MADE = """
knife|cuchillo m|Messer n|tool|kitchen|cut
fork|tenedor m|Gabel f|tool|kitchen|eat
spoon|cuchara f|Löffel m|tool|kitchen|stir
cup|taza f|Tasse f|tool|kitchen|drink
bottle|botella f|Flasche f|tool|cellar|drink
pan|sartén f|Pfanne f|tool|kitchen|cook
oven|horno m|Ofen m|tool|kitchen|cook
hammer|martillo m|Hammer m|tool|workshop|hit
saw|sierra f|Säge f|tool|workshop|cut
needle|aguja f|Nadel f|tool|workshop|sew
shovel|pala f|Schaufel f|tool|garden|dig
broom|escoba f|Besen m|tool|cellar|sweep
ladder|escalera f|Leiter f|tool|garage|climb
rope|cuerda f|Seil n|tool|harbour|tie
key|llave f|Schlüssel m|tool|office|open
soap|jabón m|Seife f|tool|bathroom|wash
sponge|esponja f|Schwamm m|tool|bathroom|wash
towel|toalla f|Handtuch n|tool|bathroom|dry
mirror|espejo m|Spiegel m|furniture|bathroom|look
bucket|cubo m|Eimer m|tool|garage|carry
basket|cesta f|Korb m|tool|market|carry
scale|balanza f|Waage f|tool|market|weigh
coin|moneda f|Münze f|tool|shop|pay
pen|bolígrafo m|Stift m|tool|office|write
telephone|teléfono m|Telefon n|tool|office|call
pencil|lápiz m|Bleistift m|tool|school|draw
ruler|regla f|Lineal n|tool|school|measure
book|libro m|Buch n|tool|library|read
newspaper|periódico m|Zeitung f|tool|station|read
bell|campana f|Glocke f|tool|church|ring
microscope|microscopio m|Mikroskop n|tool|hospital|look
thermometer|termómetro m|Thermometer n|tool|hospital|measure
bandage|venda f|Verband m|tool|hospital|heal
bed|cama f|Bett n|furniture|bedroom|sleep
pillow|almohada f|Kissen n|tool|bedroom|sleep
chair|silla f|Stuhl m|furniture|school|sit
bench|banco m|Bank f|furniture|park|sit
sofa|sofá m|Sofa n|furniture|theatre|sit
car|coche m|Auto n|vehicle|garage|drive
lorry|camión m|Lastwagen m|vehicle|street|drive
tractor|tractor m|Traktor m|vehicle|farm|drive
ambulance|ambulancia f|Krankenwagen m|vehicle|hospital|drive
bus|autobús m|Bus m|vehicle|street|travel
bicycle|bicicleta f|Fahrrad n|vehicle|street|travel
train|tren m|Zug m|vehicle|station|travel
tram|tranvía m|Straßenbahn f|vehicle|station|travel
ship|barco m|Schiff n|vehicle|harbour|sail
raft|balsa f|Floß n|vehicle|river|sail
boat|bote m|Boot n|vehicle|lake|row
canoe|canoa f|Kanu n|vehicle|river|row
plane|avión m|Flugzeug n|vehicle|airport|fly
helicopter|helicóptero m|Hubschrauber m|vehicle|airport|fly
balloon|globo m|Ballon m|vehicle|mountain|fly
submarine|submarino m|Tauchboot n|vehicle|sea|dive
piano|piano m|Klavier n|instrument|theatre|play
organ|órgano m|Orgel f|instrument|church|play
guitar|guitarra f|Gitarre f|instrument|theatre|play
violin|violín m|Geige f|instrument|theatre|play
flute|flauta f|Flöte f|instrument|school|play
drum|tambor m|Trommel f|instrument|stadium|play
trumpet|trompeta f|Trompete f|instrument|stadium|play
hat|sombrero m|Hut m|garment|shop|wear
coat|abrigo m|Mantel m|garment|theatre|wear
shoe|zapato m|Schuh m|garment|shop|wear
glove|guante m|Handschuh m|garment|mountain|wear
sock|calcetín m|Socke f|garment|bedroom|wear
shirt|camisa f|Hemd n|garment|shop|wear
skirt|falda f|Rock m|garment|shop|wear
dress|vestido m|Kleid n|garment|shop|wear
scarf|bufanda f|Schal m|garment|stadium|wear
ball|pelota f|Ball m|toy|stadium|throw
dart|dardo m|Pfeil m|toy|park|throw
kite|cometa f|Drachen m|toy|beach|fly
doll|muñeca f|Puppe f|toy|bedroom|carry
sled|trineo m|Schlitten m|toy|mountain|travel
"""
