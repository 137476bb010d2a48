"""The words of the micro world in English, Spanish and German: the tables as they are read.

Columns are separated by ``|``; the letters m, f and n are grammatical genders. Which thing lies in
which place, and what it is, looks like or is used for, are facts *of the micro world*.
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
