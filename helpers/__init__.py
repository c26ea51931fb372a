"""The code beside the notebooks: the maths, the figures, the panels, and the authors' tools."""
