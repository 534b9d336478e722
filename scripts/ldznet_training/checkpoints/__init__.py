"""Reads the published checkpoints `sd-v1-4.ckpt` and `LDZNet_txt2mask.ckpt`, and what copies of them look like.

stored           tensors in a file: shape and type at once, values when they are read
unpickling       pickles without running anything from them
torch_files      files of torch.save, today's and the first format
loading          the weights in a file of any format, by name
diffusers        a folder in the layout of the diffusers library
key_maps         which names belong to which network
sizes            network configurations from tensor shapes
published        the networks with their weights
tokenizer_files  vocab.json and merges.txt, or tokenizer.json
known_files      published files by their sha256
"""
