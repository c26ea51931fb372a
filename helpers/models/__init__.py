"""What the panels of chapters 5 to 9 compute with the models: NumPy out, text in, a clear sentence for bad text.

The chapters write the same calls in the open; nothing is taught here. torch is imported when a function is used.
"""
