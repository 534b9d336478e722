#include "bundle/graph/graph_nodes.h"

namespace ldznet {

using torch::jit::Node;

namespace {

void find_nodes(torch::jit::Block* block, c10::Symbol kind, std::vector<Node*>& found) {
  for (Node* node : block->nodes()) {
    if (node->kind() == kind) found.push_back(node);
    for (torch::jit::Block* inner : node->blocks()) find_nodes(inner, kind, found);
  }
}

}  // namespace

std::vector<Node*> find_nodes(torch::jit::Graph& graph, c10::Symbol kind) {
  std::vector<Node*> found;
  find_nodes(graph.block(), kind, found);
  return found;
}

void replace_node(Node* at, Node* replaced, c10::Symbol kind, const std::vector<torch::jit::Value*>& inputs) {
  Node* const node = at->owningGraph()->create(kind, inputs);
  node->insertBefore(at);
  replaced->output()->replaceAllUsesWith(node->output());
}

}  // namespace ldznet
