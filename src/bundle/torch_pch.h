#pragma once

// The part of LibTorch that every file of the networks' half needs; compiled once.
#include <torch/script.h>
