"""Steps from one version of the tables to the next; ``heatstream.store.upgrade`` takes them when the program starts."""
