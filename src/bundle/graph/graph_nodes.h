#pragma once

#include <torch/csrc/jit/ir/ir.h>

#include <vector>

namespace ldznet {

/// All nodes of a kind, including those in branches and loops.
std::vector<torch::jit::Node*> find_nodes(torch::jit::Graph& graph, c10::Symbol kind);

/// Inserts a node of `kind` before `at` and redirects all uses of `replaced`'s output to it.
void replace_node(torch::jit::Node* at, torch::jit::Node* replaced, c10::Symbol kind,
                  const std::vector<torch::jit::Value*>& inputs);

}  // namespace ldznet
