#pragma once

// Precompiled header of all files that use LibTorch.
#include <torch/script.h>
