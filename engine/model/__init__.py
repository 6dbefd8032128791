"""The network: its layers, decoding, compilation for the processor, and its files."""
