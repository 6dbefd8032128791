"""The network in torch: training changes it, inversion needs its gradients, the runtime is held to it."""
