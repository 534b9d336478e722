"""Training on drawings and photographs together, within a given time.

plan        the stages and their shares of the time
norms       group norm in narrow arithmetic
pool        pictures as latents, which several steps draw from
world       pictures, names and prompts that all stages train on
timed       the training loop whose schedule follows the clock
stages      what each stage computes
losses      cross-entropy over the names that a picture knows
trained     the networks that a run has trained, and their bundle
run         a whole run
validation  mean IoU on held-out photographs and on scenes with other backgrounds
comparison  heads that were trained alike on the same held-out pictures
semantic    what the semantic latents learn; calibration what is set afterwards
parts       all weights in a few small files
depthwise   convolutions with fast gradients on CPUs
samples     pictures that the denoiser makes
"""
