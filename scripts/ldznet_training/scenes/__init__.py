"""Generated pictures with exact masks: emoji drawings on procedural backgrounds. The miniature is trained on them.

    vocabulary  the names of things and stuff (vocabulary.tsv)
    drawings    the things, by style; rendering makes them from free emoji art
    textures    the stuff: procedural sheets, made of patterns
    backgrounds regions of stuff behind the objects
    placement   drawings transformed and placed on a canvas
    scenes      a whole scene with its labels
    names       names that are true of a scene and names that are not
    cache       many scenes in arrays, for training
    photographs photographs with label maps, and their pack
    packs       many pictures in one file
    compositor  pictures of both worlds in batches on the device, from sprites and lighting

`python -m ldznet_training.scenes` makes a cache or a contact sheet.
"""
