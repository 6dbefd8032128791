"""The network as it serves: OpenVINO graphs built from the stored weights, called with NumPy arrays.

Nothing here needs torch. `engine.reference` holds the same network in torch, which training changes and the
runtime is held to (`python -m engine compare-runtime`).
"""
