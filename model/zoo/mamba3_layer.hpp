// SPDX-License-Identifier: Apache-2.0
// Mamba-3: trapezoidal rule and rotating keys, single or multiple input and output (arXiv 2603.15569;
// LAYERS.md 4).
#pragma once

#include "model/layers/layer_kind.hpp"
#include "model/layers/layer_parts.hpp"
#include "model/zoo/linear_attention.hpp"
#include "model/zoo/ranked_output.hpp"

namespace ssmz::model {

inline constexpr double kMamba3Pi = 3.14159265358979323846;
inline constexpr float kMamba3LeastDecay = 1e-4f;  ///< Of A, so that nothing lasts for ever.

/// Sizes and switches of the layer.
struct Mamba3Shape {
  std::size_t d;                  ///< Width of the residual stream, a multiple of 16.
  std::size_t heads;              ///< H.
  std::size_t values;             ///< P, width of a head, a multiple of 16.
  std::size_t keys;               ///< N, a multiple of 16.
  std::size_t angles;             ///< Q pairs of a key rotate, 1 to N/2.
  std::size_t rank = 1;           ///< R, keys and queries of a token; above 1 the layer is MIMO.
  bool convolution = true;        ///< Short convolution on x, B and C; the published layer has none.
  bool heavy_tail = true;         ///< A = -(1 + p) or -1 / (1 - p); else A = -softplus(p).
  std::vector<float> half_lives;  ///< Initial half-lives in tokens, head by head, repeated; empty: A near -1.
};

/// (x, B, C, z, r, p, c, th) = u W_in. Per head: D = softplus(r + b_r), A = -f(p + b_p) <= -1e-4, lambda =
/// sigmoid(c), alpha = exp(D A), gamma = lambda D; angles phi += pi tanh(th) D; k, q = Rot(phi)(RMSNorm(B or
/// C) + bias). S <- alpha (S + (gamma_prev + (1 - lambda) D) k_prev v_prev^T); y = S^T q + gamma (q.k) v +
/// skip v: the trapezoidal rule with the last token kept out of S. out = (RMSNorm_head(y) o silu(z)) W_out.
///
/// MIMO: R rows B_r, C_r, hence k_r, q_r, turned by the same angles; v_r = x o m_x[r]; S takes all k_r v_r^T
/// at once, y_r = S^T q_r + gamma sum_s (q_r.k_s) v_s + skip v_r, and RankedOutputMap joins the y_r. The
/// chunk form sees R rows per token. The memory offered is the mean of the y_r.
template <class Real>
class Mamba3Layer final : public Layer<Real> {
 public:
  explicit Mamba3Layer(const Mamba3Shape& shape);

  void declare(ParameterList& list) const override { list.append("", list_); }
  [[nodiscard]] LayerSizes sizes(std::size_t length) const override;
  void initialise(Random& random, float residual_scale, Real* parameters) const override;
  void step(const StepContext<Real>& context, const LayerWeights<Real>& weights, Real* state, const Real* u,
            Real* out) const override;
  void forward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights, const Real* start,
               Real* end, const Real* u, Real* out, Real* tape) const override;
  void backward(const ChunkContext<Real>& context, const LayerWeights<Real>& weights, const Real* start,
                const Real* u, const Real* dout, Real* du, Real* gradient, Real* tape) const override;

 private:
  using S = std::size_t;
  /// Pieces of the state, in this order.
  template <class Number>
  struct State {
    Number *memory, *tail, *value, *key, *gamma, *phase;
  };
  /// Rows are tokens; those with one row more start with the token before the chunk.
  struct Tape {
    typename InputMap<Real>::Tape in;
    typename OutputMap<Real>::Tape out;           ///< R = 1
    typename RankedOutputMap<Real>::Tape ranked;  ///< R > 1
    Real *b, *b_scale, *c, *c_scale;              ///< [R N], [R]: normed B and C
    Real *step_pre, *step, *decay_pre, *decay;    ///< [H]: r + b_r, D, p + b_p, -A
    Real *lambda, *alpha, *turn;                  ///< [H], [H], [Q]: turn = tanh(th)
    Real *sine, *cosine;                          ///< [H Q]
    Real *key, *query, *value, *gamma;            ///< [R H N] + 1, [R H N], [R E] + 1, [H] + 1
    Real* x;                                      ///< [E] + 1; the same as value if R = 1
    Real *weight, *written, *overlap, *y;         ///< [H]: alpha w; [R E]: weight v_prev; [H R R]: q.k; [R E]
    Real* phase;                                  ///< [H Q], after the chunk
    Real *qk, *between, *since, *weights,
        *read;                          ///< per head, L = T R: [L x L], [L x L], [L], [L x L], [L x P]
    Real *token_between, *token_since;  ///< per head: [T x T], [T]; if R = 1 those above
  };
  /// Gradients of what the tape holds.
  struct Gradients;
  template <class Number>
  State<Number> cut(Number* state) const {
    const S e = shape_.heads * shape_.values;
    State<Number> s;
    s.memory = state;
    s.tail = s.memory + shape_.keys * e;
    s.value = s.tail + in_.state();
    s.key = s.value + e;
    s.gamma = s.key + shape_.rank * shape_.heads * shape_.keys;
    s.phase = s.gamma + round_up16(shape_.heads);
    return s;
  }
  Tape carve(Carver<Real>& carver, S length, bool chunk) const;
  void carve_chunk(Carver<Real>& carver, S length, Tape& tape) const;
  Gradients carve_gradients(Carver<Real>& carver, S length) const;
  [[nodiscard]] const Real* mixed(const Tape& tape) const {
    return shape_.convolution ? tape.in.act : tape.in.proj;
  }
  [[nodiscard]] S mixed_stride() const { return shape_.convolution ? mixed_width_ : in_.width(); }
  void prepare_tokens(const KernelTable<Real>& kernels, const Real* p, S length, const Real* start,
                      const Tape& tape) const;
  void step_sizes(const KernelTable<Real>& kernels, const Real* p, S length, const Tape& tape) const;
  void turn_keys(const Real* p, S length, const Real* phase, const Tape& tape) const;
  void weigh_values(const KernelTable<Real>& kernels, S length, const Tape& tape) const;
  void fill_decays(S length, const Tape& tape) const;
  void write_out(const KernelTable<Real>& kernels, const Real* p, S length, Real* out, const Tape& tape,
                 Real* memory_out) const;
  void add_direct(const KernelTable<Real>& kernels, const Real* p, S length, const Tape& tape) const;
  void save(Real* end, S length, const Tape& tape) const;
  HeadChunk<Real> head_chunk(const Tape& tape, S head, S length, const Real* memory) const;
  HeadTape<Real> head_tape(const Tape& tape, S head, S length) const;
  void direct_backward(const KernelTable<Real>& kernels, const Real* p, S length, const Tape& tape,
                       const Gradients& g, Real* gradient) const;
  void out_backward(const KernelTable<Real>& kernels, const Real* p, S length, const Real* dout,
                    const Real* dmemory, const Tape& tape, const Gradients& g, Real* gradient) const;
  void memory_backward(const KernelTable<Real>& kernels, S length, const Real* start, const Tape& tape,
                       const Gradients& g) const;
  void weights_backward(const KernelTable<Real>& kernels, S length, const Tape& tape,
                        const Gradients& g) const;
  void values_backward(const KernelTable<Real>& kernels, const Real* p, S length, const Tape& tape,
                       const Gradients& g, Real* gradient) const;
  void turn_backward(S length, const Tape& tape, const Gradients& g, Real* gradient) const;
  void step_sizes_backward(const KernelTable<Real>& kernels, S length, const Tape& tape, const Gradients& g,
                           Real* gradient) const;
  void norms_backward(const KernelTable<Real>& kernels, const Real* p, S length, const Tape& tape,
                      const Gradients& g, Real* gradient) const;

  Mamba3Shape shape_;
  ParameterList list_;
  S mixed_width_;  ///< x, B and C
  S small_;        ///< Column of r, p, c (H each) and th (Q).
  InputMap<Real> in_;
  OutputMap<Real> out_;
  RankedOutputMap<Real> ranked_;
  S rank_values_ = 0;  ///< m_x
  S step_bias_, decay_bias_, b_norm_, c_norm_, b_bias_, c_bias_, skip_;
};

template <class Real>
struct Mamba3Layer<Real>::Gradients {
  Real *mixed, *proj;  ///< dact or part of dproj, and dproj
  Real *y, *written, *key, *query, *value, *x, *gamma;
  Real *step, *decay, *lambda, *log_alpha, *weight, *angle, *b, *c;
  Real *qk, *between, *since, *token_between, *token_since, *scratch;
};

extern template class Mamba3Layer<float>;
extern template class Mamba3Layer<double>;

/// Its row in the catalogues.
extern const LayerKind kMamba3Layer;

}  // namespace ssmz::model
