"""Names that hardly any photograph of a source shows, and which its label maps do not cover.

Training takes them as absent. Without them nothing would teach what is not a panda on photographs of streets. A name
that may be there unlabelled, as a bottle beside a cat, is left open.
"""

from .vocabulary import vocabulary_of_both

# Names that may be there in photographs of any source.
EVERYWHERE = (
    "car, truck, bus, bike, motorbike, scooter, train, taxi, door, house, tree, palm tree, "
    "pine tree, bonsai, dog, cat, mouse, books, candle, light bulb, lamp, bottle, cup, jug, "
    "camera, phone, telephone, tv, laptop, umbrella, barrel, dining table, potted plant, chair, "
    "couch, bed, sign, pole"
)
# Groups whose names may be there in photographs of a source, and further names.
OPEN = {
    "voc": (
        "stuff, clothing, clothes, ball, plant, furniture, street, person",
        "tractor, racing car, sailboat, ship, tent, teddy bear, gift, bell, piano, headphones, "
        "chandelier, ceiling fan, alarm clock, pencil, key, fish, pigeon, rooster, bread, cheese, "
        "sandwich, pizza, apple, carrot, guitar, wild cat, goat, wheelchair",
    ),
    "clothing": (
        "stuff, clothing, clothes, plant, furniture, street, person, building",
        "key, gift, headphones, balloon, pigeon, apple, buddha, lipstick, diamond, sailboat, ship, "
        "chandelier, magnifying glass, guitar, alarm clock",
    ),
    "camvid": (
        "stuff, clothing, clothes, street, person, building",
        "police car, ambulance, fire truck, racing car, tractor, pigeon, wheelchair, tent, alarm clock, headphones",
    ),
    "horses": (
        "stuff, clothing, clothes, plant, person, street",
        "tent, tractor, castle, cow, sheep, goat",
    ),
    "objects": (
        "stuff, clothing, clothes, plant, person, building",
        "bear, lion, tiger, fish, tropical fish, gift, trophy, bell, pencil, key, money bag, "
        "sailboat, ship, castle, teapot, drum, violin, trumpet, telescope, racing car, pistol, cow, "
        "sheep, horse, goat, deer, tent, dragon, dinosaur, bat, lizard, turtle",
    ),
}


def names_elsewhere(source: str) -> frozenset[str]:
    """The names that photographs of a source are taken not to show; none for a source that this file does not know."""
    if source not in OPEN:
        return frozenset()
    groups, names = (text.split(", ") for text in OPEN[source])
    opened = {*EVERYWHERE.split(", "), *names}
    return frozenset(
        word.name for word in vocabulary_of_both().values() if word.group not in groups and word.name not in opened
    )
