"""Training of the miniature (`mini.py`), in stages.

clip, vae, ldm, match, heads   a network's loss each, as a function of the step number
hyperparameters                steps, batch, learning rate and picture size of every stage
stages                         what each stage of scripts/train.py does
loop                           optimiser, schedule, EMA weights, log, resuming
process_group                  device, precision, and processes that train together
weights                        reading and writing checkpoints of the stages
dataset, text_contexts         scenes and prompts as tensors
mini_bundle                    the bundle models/ldznet-mini, and its weights back from it
"""
