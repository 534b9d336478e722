"""Reads the published checkpoints `sd-v1-4.ckpt` and `LDZNet_txt2mask.ckpt`.

loading    every tensor of a .ckpt or .safetensors file
key_maps   which names belong to which network
sizes      network configurations from tensor shapes
published  the networks with their weights
"""
