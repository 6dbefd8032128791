"""Photos: decoding untrusted image bytes in isolated processes, and preprocessing for the network."""
