// SPDX-License-Identifier: Apache-2.0
// A residual stack of layers made from a short text: r <- r + layer(RMSNorm(r)) for each, then a last
// RMSNorm.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/base/expected.hpp"
#include "model/layers/layer_kind.hpp"

namespace ssmz::model {

/// How many elements of each kind a stack asks for; arrays must be aligned to 64 bytes.
struct StackSizes {
  std::size_t parameters = 0;
  std::size_t state = 0;
  std::size_t prepared = 0;
  std::size_t step_scratch = 0;
  std::size_t tape = 0;
  std::size_t chunk_scratch = 0;
  bool surprise = false;  ///< Whether a layer reads what tokens cost.
};

/// A chunk of tokens for forward and backward.
template <class Real>
struct StackChunk {
  const KernelTable<Real>* kernels;
  Real* scratch;           ///< StackSizes::chunk_scratch elements.
  Real* tape;              ///< StackSizes::tape elements, kept from forward to backward.
  std::size_t length;      ///< Tokens.
  std::uint64_t position;  ///< Tokens before the chunk.
  const float* surprise;   ///< [length], or nullptr for zeros.
};

/// A stack's text without what counts for nothing, so that equal stacks are equal texts: "s6|mlp : 64" is
/// "s6 | mlp:64".
[[nodiscard]] std::string normal_stack_text(std::string_view text);

/// Immutable after construction and safe to share between threads; all numbers are the caller's.
template <class Real>
class Stack {
 public:
  /// Reads for example "s6:e256,n16 | mlp:256"; layers are those of the catalogue, options as its
  /// layer_help() says. `d` is the width of the residual stream, a multiple of 16 in 16..8192; chunks have at
  /// most `max_length` tokens (1..256).
  static Expected<Stack> create(std::string_view text, std::size_t d, std::size_t max_length,
                                LayerCatalogue catalogue = core_layers());

  [[nodiscard]] const StackSizes& sizes() const noexcept { return sizes_; }
  [[nodiscard]] const ParameterList& parameters() const noexcept { return parameters_; }
  [[nodiscard]] std::size_t width() const noexcept { return d_; }

  /// Draws initial parameters (into StackSizes::parameters elements, overwritten).
  void initialise(Random& random, Real* parameters) const;
  /// Derives what depends on parameters only; call after each change of them.
  void prepare(const KernelTable<Real>& kernels, const Real* parameters, Real* prepared) const;
  /// Writes the state before the first token.
  void reset(Real* state) const;

  /// One token: x [d] in, h [d] out; advances `state`. Token number `position` cost `surprise` bits (0: not
  /// known).
  void step(const KernelTable<Real>& kernels, const LayerWeights<Real>& weights, Real* state, const Real* x,
            Real* h, Real* scratch, std::uint64_t position, float surprise) const;

  /// One token of each of `count` streams: x and h [count x d], from state starts[i] after positions[i]
  /// tokens to ends[i], see Layer::step_batch. To the bit what `count` steps would give. `scratch` has
  /// batch_scratch(count) elements. Surprise counts as not known.
  void step_batch(const KernelTable<Real>& kernels, const LayerWeights<Real>& weights, std::size_t count,
                  const Real* const* starts, Real* const* ends, const std::uint64_t* positions, const Real* x,
                  Real* h, Real* scratch) const;
  [[nodiscard]] std::size_t batch_scratch(std::size_t count) const;

  /// A chunk: x [length x d] in, h [length x d] out, from state `start`; writes the last state to `end`
  /// unless nullptr.
  void forward(const StackChunk<Real>& chunk, const LayerWeights<Real>& weights, const Real* start, Real* end,
               const Real* x, Real* h) const;

  /// Gradient of that forward, truncated at `start`: dh [length x d] in, dx [length x d] written, `gradient`
  /// added to.
  void backward(const StackChunk<Real>& chunk, const LayerWeights<Real>& weights, const Real* start,
                const Real* dh, Real* dx, Real* gradient) const;

 private:
  struct Block {
    std::shared_ptr<const Layer<Real>> layer;
    std::size_t norm, parameters, state, prepared;  // offsets
    std::size_t memory = 0;                         // LayerSizes::memory
    std::size_t memory_at = 0;                      // where it is among all blocks' of one token
    Offer offers = Offer::readout;                  // LayerSizes::offers
    int memory_source = -1;                         // the block whose memory it may read
    std::size_t tape = 0;                           // offset of its piece of a chunk's tape
  };
  /// A block's piece of a chunk's tape, laid out for the longest chunk. Of the last one, which stands for the
  /// stream after all blocks, only residual and scales are there.
  struct Piece {
    Real* residual;  ///< [length x d]: the stream before the block
    Real* scales;    ///< [length]
    Real* normed;    ///< [length x d]
    Real* layer;     ///< the layer's own tape
    Real* memory;    ///< [length x memory]
  };
  explicit Stack(std::size_t d, std::size_t max_length) : d_(d), max_length_(max_length) {}
  void add(std::string_view name, std::unique_ptr<Layer<Real>> layer);
  void finish();
  [[nodiscard]] int nearest(Offer offer) const;
  [[nodiscard]] std::size_t memory_width(Offer offer) const;
  /// Takes the piece of block `block`, or the last one, from where `carver` is.
  Piece carve_piece(Carver<Real>& carver, std::size_t block) const;
  Piece piece(Real* tape, std::size_t block) const;
  /// `memory_gradients`: where the blocks' are, [max_length x memory] each; nullptr: going forward.
  ChunkContext<Real> context(const StackChunk<Real>& chunk, std::size_t block, Real* scratch,
                             Real* memory_gradients) const;

  std::size_t d_, max_length_;
  std::vector<Block> blocks_;
  std::vector<LayerSizes> block_sizes_;  // for chunks of max_length_
  std::size_t last_norm_ = 0;
  std::size_t last_tape_ = 0;  // offset of the last piece
  std::size_t memories_ = 0;   // of all blocks, a token
  ParameterList parameters_;
  StackSizes sizes_;
  std::vector<float> no_surprise_;
};

extern template class Stack<float>;
extern template class Stack<double>;

}  // namespace ssmz::model
