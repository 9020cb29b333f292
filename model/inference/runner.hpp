// SPDX-License-Identifier: Apache-2.0
// Moves sessions of one model on: one token, many tokens at once, or one token of many sessions.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "model/base/aligned.hpp"
#include "model/inference/model.hpp"

namespace ssmz::model {

/// One token of a tree of drafted continuations.
struct Draft {
  std::uint32_t token;
  std::int32_t parent;  ///< Index of the draft it follows, a smaller one; -1: it follows the session.
};

/// Owns the scratch of the passes: one per thread. Calls may throw std::bad_alloc. Where a call returns bool,
/// false means a row is not below Model::rows() or a session is of another model, and nothing has changed.
/// The calling thread's floating-point mode is set and restored within each call.
class Runner {
 public:
  /// `threads`, 1 to 64 with the caller's, share the products of each pass; results are equal to the bit.
  /// More than one is for wide models on processors that nothing else takes (bench/INFERENCE.md). Without
  /// `kernels`: those of this machine.
  explicit Runner(std::shared_ptr<const Model> model, const Kernels* kernels = nullptr,
                  std::size_t threads = 1);

  /// Consumes a token: its embedding row, or the sum of several rows.
  [[nodiscard]] bool step(Session& session, std::uint32_t token) { return step(session, {&token, 1}); }
  [[nodiscard]] bool step(Session& session, std::span<const std::uint32_t> rows);
  /// Consumes tokens in passes of Model::chunk() tokens: the numbers of as many steps up to rounding, at a
  /// fraction of their time because weights are read once a pass.
  [[nodiscard]] bool prefill(Session& session, std::span<const std::uint32_t> tokens) {
    return prefill(session, tokens, 1);
  }
  /// The same of tokens whose inputs are sums of `rows_each` rows, at least 1; false also if a token lacks
  /// some.
  [[nodiscard]] bool prefill(Session& session, std::span<const std::uint32_t> rows, std::size_t rows_each);
  /// One token for each of several sessions, all different: to the bit what single steps give. Weights of
  /// `s6` and `mlp` are read once for all.
  [[nodiscard]] bool step(std::span<Session* const> sessions, std::span<const std::uint32_t> tokens);

  /// The logit of one node: not clamped. NaN for a node that is not there.
  [[nodiscard]] float logit(const Session& session, std::uint32_t node) const;
  /// All logits, out [nodes].
  void logits(const Session& session, std::span<float> out) const;
  /// The node with the greatest logit, the lowest such.
  [[nodiscard]] std::uint32_t best(const Session& session);

  /// Checks drafted tokens against greedy decoding in one pass of the stack: the longest path of the tree
  /// whose tokens are each best() after the ones before. Moves the session along it, to the bit as steps
  /// would have, and returns its tokens. false in `valid` as for the others, or if a parent is not a smaller
  /// index.
  [[nodiscard]] std::vector<std::uint32_t> accept(Session& session, std::span<const Draft> tree, bool& valid);

  [[nodiscard]] const Model& model() const noexcept { return *model_; }
  /// Bytes it holds beside the model and its threads' stacks: scratch grows with the first prefill and with
  /// the largest batch and tree.
  [[nodiscard]] std::uint64_t memory() const noexcept;

 private:
  [[nodiscard]] bool fits(const Session& session) const noexcept;
  [[nodiscard]] bool known(std::span<const std::uint32_t> tokens) const noexcept;
  void pass(Session& session, std::span<const std::uint32_t> rows, std::size_t rows_each);
  /// The logits of the first nodes, as many as `out` has.
  void head_of(const float* hidden, std::span<float> out) const;
  std::uint32_t best_of(const float* hidden);
  /// The sum of rows, x [d].
  void embed(std::span<const std::uint32_t> rows, float* x);

  /// A kernel table, and what it names: the model's maps of 8 bits, and threads.
  struct Own {
    Kernels kernels;
    Int8Weights weights;
    Team team;
  };

  std::shared_ptr<const Model> model_;
  std::unique_ptr<Own> own_;
  const Kernels* kernels_;  // own_'s
  AlignedVector<float> step_scratch_, chunk_scratch_, tape_, batch_scratch_, x_, h_, row_;
  std::vector<float> logits_;
};

}  // namespace ssmz::model
