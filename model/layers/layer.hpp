// SPDX-License-Identifier: Apache-2.0
// The interface of every sequence layer: parameters, state, step form, chunk form and its exact backward.
//
// A layer maps one vector of d_model numbers per token to another. It owns no numbers: weights, states, tapes
// and scratch are flat arrays the caller (Stack) keeps, so that copying, saving and swapping them is one
// memcpy. Real is float in use and double in the tests of gradients; layers are written once for both, and
// take every loop over numbers from the kernel table.
//
// To add a layer: derive from ChunkFormLayer, or from Layer<Real> where a step is no chunk of one token,
// instantiate for float and double, define its LayerKind beside it, and name that in zoo/all_layers.cpp.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "model/base/aligned.hpp"
#include "model/base/random.hpp"
#include "model/kernels/kernels.hpp"
#include "model/layers/int8_weights.hpp"

namespace ssmz::model {

/// One named array among a model's parameters.
struct ParameterSpec {
  std::string name;                ///< For example "blocks.0.s6.in".
  std::vector<std::size_t> shape;  ///< Row-major.
  std::size_t offset;              ///< Of the first element in the flat array, a multiple of 16.
  std::size_t size;                ///< Product of the shape.
  float rate_scale;                ///< Multiplies the learning rate; 0 freezes.
  bool map = false;                ///< A matrix that the layer reads through apply_map() only.
};

/// Collects the parameters of a layer, or of all layers, and lays them out.
class ParameterList {
 public:
  /// Adds an array and returns its offset. Gaps between arrays are zeros and stay zeros.
  std::size_t add(std::string name, std::vector<std::size_t> shape, float rate_scale = 1.0f) {
    std::size_t size = 1;
    for (std::size_t n : shape) size *= n;
    const std::size_t offset = total_;
    specs_.push_back({std::move(name), std::move(shape), offset, size, rate_scale, false});
    total_ += round_up16(size);
    return offset;
  }

  /// Adds a matrix [rows x cols] that step and forward read through apply_map() only, so that inference may
  /// hold it in 8 bits.
  std::size_t add_map(std::string name, std::size_t rows, std::size_t cols) {
    const std::size_t offset = add(std::move(name), {rows, cols});
    specs_.back().map = true;
    return offset;
  }

  /// Adds a whole list behind this one, its names after `prefix`; returns the offset of its first element.
  std::size_t append(const std::string& prefix, const ParameterList& list) {
    const std::size_t offset = total_;
    for (ParameterSpec spec : list.specs_) {
      spec.name = prefix + spec.name;
      spec.offset += offset;
      specs_.push_back(std::move(spec));
    }
    total_ += list.total_;
    return offset;
  }

  [[nodiscard]] const std::vector<ParameterSpec>& specs() const noexcept { return specs_; }
  /// Elements of the flat array, a multiple of 16.
  [[nodiscard]] std::size_t total() const noexcept { return total_; }

 private:
  std::vector<ParameterSpec> specs_;
  std::size_t total_ = 0;
};

/// What layers hand to later layers of the stack.
enum class Offer : unsigned char {
  readout,    ///< What the layer's memory read for the token.
  summaries,  ///< Records of the pools below (PoolLayer).
};

/// How many elements of each kind a layer asks for. The caller gives arrays aligned to 64 bytes.
struct LayerSizes {
  std::size_t state = 0;          ///< Carried from token to token.
  std::size_t prepared = 0;       ///< Derived from the parameters once per update (see Layer::prepare).
  std::size_t step_scratch = 0;   ///< Used within one step.
  std::size_t tape = 0;           ///< Kept from a chunk's forward to its backward.
  std::size_t chunk_scratch = 0;  ///< Used within one forward or one backward.
  std::size_t memory = 0;  ///< Width of what the layer offers to later layers (LAYERS.md 11), 0 for nothing.
  Offer offers = Offer::readout;
  Offer reads = Offer::readout;  ///< Of the nearest lower layer that offers it, if the layer reads at all.
  bool surprise = false;         ///< Whether the layer reads what tokens cost.
};

/// A layer's weights as it sees them.
template <class Real>
struct LayerWeights {
  const Real* parameters;
  const Real* prepared;
};

/// What a step gets beside its input.
template <class Real>
struct StepContext {
  const KernelTable<Real>* kernels;
  Real* scratch;           ///< LayerSizes::step_scratch elements.
  std::uint64_t position;  ///< Tokens before this one.
  float surprise;          ///< Bits the token cost when it was coded; 0 if the caller does not say.
  const Real* memory_in;   ///< What the nearest lower layer with an offer of that kind wrote for this token,
                           ///< or nullptr.
  Real* memory_out;        ///< Where to write this layer's own, or nullptr.
};

/// What one step of several independent streams gets; arrays are [count x width].
template <class Real>
struct BatchContext {
  const KernelTable<Real>* kernels;
  Real* scratch;                   ///< What Layer::batch_scratch(count) says.
  std::size_t count;               ///< Streams.
  std::size_t width, state;        ///< Of u and out; elements of a stream's state.
  const std::uint64_t* positions;  ///< [count]: tokens before this one.
  const Real* memory_in;           ///< See StepContext; rows `memory_in_width` apart.
  std::size_t memory_in_width;
  Real* memory_out;  ///< Rows `memory_out_width` apart.
  std::size_t memory_out_width;
};

/// What a chunk's forward and backward get beside their inputs; arrays are [length x width].
template <class Real>
struct ChunkContext {
  const KernelTable<Real>* kernels;
  Real* scratch;           ///< LayerSizes::chunk_scratch elements.
  std::size_t length;      ///< Tokens, at most the length the layer was asked sizes for.
  std::uint64_t position;  ///< Tokens before the chunk.
  const float* surprise;   ///< [length].
  const Real* memory_in;
  Real* memory_out;                 ///< Written by forward, kept until backward.
  Real* memory_in_gradient;         ///< Backward adds to it.
  const Real* memory_out_gradient;  ///< Complete when backward is called.
};

/// Hands out pieces of a flat array, each a multiple of 16 elements. Made of nullptr it only counts.
template <class Real>
class Carver {
 public:
  explicit Carver(Real* base) noexcept : base_(base) {}
  Real* take(std::size_t n) noexcept {
    Real* piece = base_ == nullptr ? nullptr : base_ + used_;
    used_ += round_up16(n);
    return piece;
  }
  [[nodiscard]] std::size_t used() const noexcept { return used_; }

 private:
  Real* base_;
  std::size_t used_ = 0;
};

/// Elements that carve(carver) takes.
template <class Real, class Carve>
std::size_t carved_size(const Carve& carve) {
  Carver<Real> carver(nullptr);
  carve(carver);
  return carver.used();
}

/// Sizes of a layer whose scratch of a step is its tape of one token: carve(carver, tokens).
template <class Real, class Carve>
LayerSizes carved_sizes(std::size_t length, const Carve& carve) {
  LayerSizes sizes;
  sizes.step_scratch = carved_size<Real>([&](Carver<Real>& carver) { carve(carver, 1); });
  sizes.tape = carved_size<Real>([&](Carver<Real>& carver) { carve(carver, length); });
  return sizes;
}

/// One layer. Immutable after construction and safe to share between threads.
template <class Real>
class Layer {
 public:
  virtual ~Layer() = default;

  /// Adds the layer's parameters to an empty list; the offsets hold relative to LayerWeights::parameters.
  virtual void declare(ParameterList& list) const = 0;

  /// Sizes for chunks of at most `length` tokens.
  [[nodiscard]] virtual LayerSizes sizes(std::size_t length) const = 0;

  /// Draws initial parameters into zeroed memory. `residual_scale` multiplies the output map.
  virtual void initialise(Random& random, float residual_scale, Real* parameters) const = 0;

  /// Derives what only depends on the parameters; called after each change of them.
  virtual void prepare(const KernelTable<Real>& kernels, const Real* parameters, Real* prepared) const {
    (void)kernels, (void)parameters, (void)prepared;
  }

  /// The state before the first token.
  virtual void reset(Real* state) const { std::fill_n(state, sizes(1).state, Real{0}); }

  /// One token: reads u [d], writes out [d], advances `state`.
  virtual void step(const StepContext<Real>& context, const LayerWeights<Real>& weights, Real* state,
                    const Real* u, Real* out) const = 0;

  /// One token of each of `count` streams: to the bit what steps with copies of starts[i], kept in ends[i],
  /// and the rows of u and out would give one after the other, without surprise. ends[i] may be starts[i],
  /// and starts[i] an earlier stream's end: so a tree of tokens passes at once. Layers that read their
  /// weights once for all streams override it.
  virtual void step_batch(const BatchContext<Real>& context, const LayerWeights<Real>& weights,
                          const Real* const* starts, Real* const* ends, const Real* u, Real* out) const {
    const std::size_t d = context.width;
    for (std::size_t i = 0; i < context.count; ++i) {
      const Real* in =
          context.memory_in == nullptr ? nullptr : context.memory_in + i * context.memory_in_width;
      Real* offer =
          context.memory_out == nullptr ? nullptr : context.memory_out + i * context.memory_out_width;
      if (ends[i] != starts[i]) std::copy_n(starts[i], context.state, ends[i]);
      step({context.kernels, context.scratch, context.positions[i], 0.0f, in, offer}, weights, ends[i],
           u + i * d, out + i * d);
    }
  }
  /// Elements of scratch for it.
  [[nodiscard]] virtual std::size_t batch_scratch(std::size_t count) const {
    (void)count;
    return sizes(1).step_scratch;
  }

  /// A chunk: reads u [length x d] and the state `start`, writes out [length x d], the tape, and the state
  /// after it to `end` unless that is nullptr. Equals that many steps up to rounding.
  virtual void forward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights,
                       const Real* start, Real* end, const Real* u, Real* out, Real* tape) const = 0;

  /// The gradient of the forward that filled the tape, truncated at `start`: writes du [length x d] and adds
  /// to `gradient` (laid out as the parameters). The tape may be overwritten.
  virtual void backward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights,
                        const Real* start, const Real* u, const Real* dout, Real* du, Real* gradient,
                        Real* tape) const = 0;
};

}  // namespace ssmz::model
