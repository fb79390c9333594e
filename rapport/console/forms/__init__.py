"""The forms of the settings pages. They read what was typed; actions decide whether it can be."""
