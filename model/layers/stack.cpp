// SPDX-License-Identifier: Apache-2.0
// The generic residual stack.
#include "model/layers/stack.hpp"

#include "model/base/math.hpp"

namespace ssmz::model {
namespace {

constexpr float kNormEpsilon = 1e-5f;  // as the published models. FORMAT

/// A layer's name and options within the whole text.
struct Entry {
  std::string name;
  std::string options;
  std::size_t name_position;
  std::size_t options_position;
};

/// Cuts the text at '|' and ':'; spaces count for nothing.
std::vector<Entry> split(std::string_view text) {
  std::vector<Entry> entries(1, {"", "", 0, 0});
  bool in_options = false, fresh = true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '|') {
      entries.push_back({"", "", i + 1, i + 1});
      in_options = false;
      fresh = true;
    } else if (c == ':' && !in_options) {
      in_options = true;
      entries.back().options_position = i + 1;
    } else if (c != ' ') {
      if (fresh) entries.back().name_position = i;
      fresh = false;
      (in_options ? entries.back().options : entries.back().name) += c;
    }
  }
  return entries;
}

}  // namespace

std::string normal_stack_text(std::string_view text) {
  std::string out;
  for (const Entry& entry : split(text)) {
    if (!out.empty()) out += " | ";
    out += entry.options.empty() ? entry.name : entry.name + ":" + entry.options;
  }
  return out;
}

template <class Real>
Expected<Stack<Real>> Stack<Real>::create(std::string_view text, std::size_t d, std::size_t max_length,
                                          LayerCatalogue catalogue) {
  if (d < 16 || d > 8192 || d % 16 != 0) return Failure{"the width must be a multiple of 16 in 16..8192"};
  if (max_length < 1 || max_length > 256) return Failure{"the chunk length must be in 1..256"};
  Stack stack(d, max_length);
  for (const Entry& entry : split(text)) {
    if (entry.name.empty()) return Failure{"a layer's name is missing", entry.name_position};
    const LayerKind* kind = find_layer(catalogue, entry.name);
    if (kind == nullptr) return Failure{"there is no layer called '" + entry.name + "'", entry.name_position};
    LayerOptions options(entry.options, entry.options_position);
    const LayerPlace place{d, stack.memory_width(Offer::readout), stack.memory_width(Offer::summaries)};
    auto layer = kind->make<Real>(options, place);
    if (const auto failure = options.failure()) return *failure;
    stack.add(entry.name, std::move(layer));
  }
  stack.finish();
  return stack;
}

/// The last block so far with such an offer, or -1.
template <class Real>
int Stack<Real>::nearest(Offer offer) const {
  for (std::size_t i = blocks_.size(); i-- > 0;) {
    if (blocks_[i].memory > 0 && blocks_[i].offers == offer) return static_cast<int>(i);
  }
  return -1;
}

template <class Real>
std::size_t Stack<Real>::memory_width(Offer offer) const {
  const int block = nearest(offer);
  return block >= 0 ? blocks_[static_cast<std::size_t>(block)].memory : 0;
}

template <class Real>
void Stack<Real>::add(std::string_view name, std::unique_ptr<Layer<Real>> layer) {
  const std::string prefix = "blocks." + std::to_string(blocks_.size()) + ".";
  const LayerSizes need = layer->sizes(max_length_);
  ParameterList list;
  layer->declare(list);
  Block block;
  block.norm = parameters_.add(prefix + "norm", {d_});
  block.parameters = parameters_.append(prefix + std::string(name) + ".", list);
  block.state = sizes_.state;
  block.prepared = sizes_.prepared;
  block.memory = need.memory;
  block.offers = need.offers;
  for (const Block& lower : blocks_) block.memory_at += round_up16(lower.memory);
  block.memory_source = nearest(need.reads);
  block.layer = std::move(layer);
  sizes_.state += round_up16(need.state);
  sizes_.prepared += round_up16(need.prepared);
  blocks_.push_back(std::move(block));
  block_sizes_.push_back(need);
}

template <class Real>
void Stack<Real>::finish() {
  last_norm_ = parameters_.add("norm", {d_});
  sizes_.parameters = parameters_.total();
  std::size_t step = 0, chunk = 0;
  for (const LayerSizes& need : block_sizes_) {
    step = std::max(step, need.step_scratch);
    chunk = std::max(chunk, need.chunk_scratch);
    sizes_.surprise |= need.surprise;
    memories_ += round_up16(need.memory);
  }
  sizes_.step_scratch = 3 * d_ + 16 + memories_ + step;
  sizes_.chunk_scratch = max_length_ * (d_ + memories_) + chunk;
  Carver<Real> carver(nullptr);
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    blocks_[i].tape = carver.used();
    carve_piece(carver, i);
  }
  last_tape_ = carver.used();
  carve_piece(carver, blocks_.size());
  sizes_.tape = carver.used();
  no_surprise_.assign(max_length_, 0.0f);
}

template <class Real>
typename Stack<Real>::Piece Stack<Real>::carve_piece(Carver<Real>& carver, std::size_t block) const {
  Piece piece{};
  piece.residual = carver.take(max_length_ * d_);
  piece.scales = carver.take(max_length_);
  if (block == blocks_.size()) return piece;
  piece.normed = carver.take(max_length_ * d_);
  piece.layer = carver.take(block_sizes_[block].tape);
  piece.memory = carver.take(max_length_ * blocks_[block].memory);
  return piece;
}

template <class Real>
typename Stack<Real>::Piece Stack<Real>::piece(Real* tape, std::size_t block) const {
  Carver<Real> carver(tape + (block < blocks_.size() ? blocks_[block].tape : last_tape_));
  return carve_piece(carver, block);
}

template <class Real>
void Stack<Real>::initialise(Random& random, Real* parameters) const {
  std::fill_n(parameters, sizes_.parameters, Real{0});
  const float residual_scale = rsqrt(static_cast<float>(blocks_.size()));
  for (const Block& block : blocks_) {
    std::fill_n(parameters + block.norm, d_, Real{1});
    block.layer->initialise(random, residual_scale, parameters + block.parameters);
  }
  std::fill_n(parameters + last_norm_, d_, Real{1});
}

template <class Real>
void Stack<Real>::prepare(const KernelTable<Real>& kernels, const Real* parameters, Real* prepared) const {
  for (const Block& block : blocks_) {
    block.layer->prepare(kernels, parameters + block.parameters, prepared + block.prepared);
  }
}

template <class Real>
void Stack<Real>::reset(Real* state) const {
  std::fill_n(state, sizes_.state, Real{0});
  for (const Block& block : blocks_) block.layer->reset(state + block.state);
}

template <class Real>
void Stack<Real>::step(const KernelTable<Real>& kernels, const LayerWeights<Real>& weights, Real* state,
                       const Real* x, Real* h, Real* scratch, std::uint64_t position, float surprise) const {
  Carver<Real> carver(scratch);
  Real* residual = carver.take(d_);
  Real* normed = carver.take(d_);
  Real* out = carver.take(d_);
  Real* scale = carver.take(1);
  std::copy_n(x, d_, residual);
  Real* const all_memory = carver.take(memories_);
  Real* layer_scratch = carver.take(0);
  for (const Block& block : blocks_) {
    kernels.block.rms_norm(residual, weights.parameters + block.norm, normed, scale, 1, d_,
                           Real{kNormEpsilon});
    Real* own_memory = block.memory > 0 ? all_memory + block.memory_at : nullptr;
    const int source = block.memory_source;
    const Real* memory =
        source >= 0 ? all_memory + blocks_[static_cast<std::size_t>(source)].memory_at : nullptr;
    block.layer->step({&kernels, layer_scratch, position, surprise, memory, own_memory},
                      {weights.parameters + block.parameters, weights.prepared + block.prepared},
                      state + block.state, normed, out);
    kernels.linear.axpy(Real{1}, out, residual, d_);
  }
  kernels.block.rms_norm(residual, weights.parameters + last_norm_, h, scale, 1, d_, Real{kNormEpsilon});
}

template <class Real>
std::size_t Stack<Real>::batch_scratch(std::size_t count) const {
  std::size_t layer = 0, memories = 0;
  for (const Block& block : blocks_) {
    layer = std::max(layer, block.layer->batch_scratch(count));
    memories += round_up16(count * block.memory);
  }
  return 3 * count * d_ + round_up16(count) + memories + layer;
}

template <class Real>
void Stack<Real>::step_batch(const KernelTable<Real>& kernels, const LayerWeights<Real>& weights,
                             std::size_t count, const Real* const* starts, Real* const* ends,
                             const std::uint64_t* positions, const Real* x, Real* h, Real* scratch) const {
  Carver<Real> carver(scratch);
  Real* residual = carver.take(count * d_);
  Real* normed = carver.take(count * d_);
  Real* out = carver.take(count * d_);
  Real* scales = carver.take(count);
  std::vector<Real*> memories, own_ends(count);
  std::vector<const Real*> own_starts(count);
  for (const Block& block : blocks_) memories.push_back(carver.take(count * block.memory));
  std::copy_n(x, count * d_, residual);
  BatchContext<Real> context{&kernels, carver.take(0), count, d_, 0, positions, nullptr, 0, nullptr, 0};
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    const Block& block = blocks_[i];
    kernels.block.rms_norm(residual, weights.parameters + block.norm, normed, scales, count, d_,
                           Real{kNormEpsilon});
    const auto source = static_cast<std::size_t>(block.memory_source);
    context.memory_in = block.memory_source >= 0 ? memories[source] : nullptr;
    context.memory_in_width = block.memory_source >= 0 ? blocks_[source].memory : 0;
    context.memory_out = block.memory > 0 ? memories[i] : nullptr;
    context.memory_out_width = block.memory;
    context.state = block_sizes_[i].state;
    for (std::size_t j = 0; j < count; ++j) {
      own_starts[j] = starts[j] + block.state;
      own_ends[j] = ends[j] + block.state;
    }
    block.layer->step_batch(context,
                            {weights.parameters + block.parameters, weights.prepared + block.prepared},
                            own_starts.data(), own_ends.data(), normed, out);
    kernels.linear.axpy(Real{1}, out, residual, count * d_);
  }
  kernels.block.rms_norm(residual, weights.parameters + last_norm_, h, scales, count, d_, Real{kNormEpsilon});
}

template <class Real>
ChunkContext<Real> Stack<Real>::context(const StackChunk<Real>& chunk, std::size_t block, Real* scratch,
                                        Real* memory_gradients) const {
  const bool reads = blocks_[block].memory_source >= 0;
  const auto source = static_cast<std::size_t>(reads ? blocks_[block].memory_source : 0);
  const bool offers = blocks_[block].memory > 0;
  const auto gradient = [&](std::size_t of) {
    return memory_gradients + max_length_ * blocks_[of].memory_at;
  };
  ChunkContext<Real> out;
  out.kernels = chunk.kernels;
  out.scratch = scratch;
  out.length = chunk.length;
  out.position = chunk.position;
  out.surprise = chunk.surprise != nullptr ? chunk.surprise : no_surprise_.data();
  out.memory_in = reads ? piece(chunk.tape, source).memory : nullptr;
  out.memory_out = offers ? piece(chunk.tape, block).memory : nullptr;
  out.memory_in_gradient = reads && memory_gradients != nullptr ? gradient(source) : nullptr;
  out.memory_out_gradient = offers && memory_gradients != nullptr ? gradient(block) : nullptr;
  return out;
}

template <class Real>
void Stack<Real>::forward(const StackChunk<Real>& chunk, const LayerWeights<Real>& weights, const Real* start,
                          Real* end, const Real* x, Real* h) const {
  const KernelTable<Real>& kernels = *chunk.kernels;
  const std::size_t n = chunk.length * d_;
  Carver<Real> scratch(chunk.scratch);
  Real* out = scratch.take(n);
  Real* layer_scratch = scratch.take(0);
  std::copy_n(x, n, piece(chunk.tape, 0).residual);
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    const Block& block = blocks_[i];
    const Piece own = piece(chunk.tape, i);
    kernels.block.rms_norm(own.residual, weights.parameters + block.norm, own.normed, own.scales,
                           chunk.length, d_, Real{kNormEpsilon});
    block.layer->forward(context(chunk, i, layer_scratch, nullptr),
                         {weights.parameters + block.parameters, weights.prepared + block.prepared},
                         start + block.state, end == nullptr ? nullptr : end + block.state, own.normed, out,
                         own.layer);
    Real* next = piece(chunk.tape, i + 1).residual;
    std::copy_n(own.residual, n, next);
    kernels.linear.axpy(Real{1}, out, next, n);
  }
  const Piece last = piece(chunk.tape, blocks_.size());
  kernels.block.rms_norm(last.residual, weights.parameters + last_norm_, h, last.scales, chunk.length, d_,
                         Real{kNormEpsilon});
}

template <class Real>
void Stack<Real>::backward(const StackChunk<Real>& chunk, const LayerWeights<Real>& weights,
                           const Real* start, const Real* dh, Real* dx, Real* gradient) const {
  const KernelTable<Real>& kernels = *chunk.kernels;
  const std::size_t n = chunk.length * d_;
  Carver<Real> scratch(chunk.scratch);
  Real* du = scratch.take(n);
  Real* memory_gradients = scratch.take(max_length_ * memories_);
  for (const Block& block : blocks_) {
    std::fill_n(memory_gradients + max_length_ * block.memory_at, chunk.length * block.memory, Real{0});
  }
  Real* layer_scratch = scratch.take(0);
  std::fill_n(dx, n, Real{0});
  const Piece last = piece(chunk.tape, blocks_.size());
  kernels.block.rms_norm_backward(last.residual, weights.parameters + last_norm_, last.scales, dh, dx,
                                  gradient + last_norm_, chunk.length, d_);
  for (std::size_t i = blocks_.size(); i-- > 0;) {
    const Block& block = blocks_[i];
    const Piece own = piece(chunk.tape, i);
    block.layer->backward(context(chunk, i, layer_scratch, memory_gradients),
                          {weights.parameters + block.parameters, weights.prepared + block.prepared},
                          start + block.state, own.normed, dx, du, gradient + block.parameters, own.layer);
    kernels.block.rms_norm_backward(own.residual, weights.parameters + block.norm, own.scales, du, dx,
                                    gradient + block.norm, chunk.length, d_);
  }
}

template class Stack<float>;
template class Stack<double>;

}  // namespace ssmz::model
