// SPDX-License-Identifier: Apache-2.0
// What the adaptive parts of a decision model hold before the first decision: trained once, part of the
// format.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace ssmz::codec {

/// First weights of the mixers of one level's shape. Bytes of the file, read where they are needed.
struct MixerFirstValues {
  std::uint16_t contexts = 0, followers = 0, matches = 0, extra = 0, sets = 0, finals = 0;

  /// Vectors: a byte e, then a signed byte w for each weight, which is w / 2^e. First one for each phase,
  /// then one for each weight set (a first weight is the sum of its phase's and its set's), each of inputs()
  /// weights in the order of DecisionModel; then for each phase and final mixer one of `sets` weights.
  std::span<const std::uint8_t> vectors;

  [[nodiscard]] std::size_t inputs() const noexcept;
  /// `weights` has room for inputs().
  void phase_vector(unsigned phase, float* weights) const noexcept;
  void set_vector(unsigned phases, unsigned set, float* weights) const noexcept;
  /// `weights` has room for `sets`.
  void final_vector(unsigned phases, unsigned phase, unsigned final_mixer, float* weights) const noexcept;
};

/// First values of one decision model. Probabilities are stretches in sixteenths, as signed bytes; `unknown`:
/// never met in training, the default stays.
struct FirstValues {
  static constexpr int unknown = -128;
  /// Steps of one of a chain's weights of logits. Those and the constants are what is added to the default.
  static constexpr int chain_logit_steps = 64;

  std::uint16_t phases = 0, contexts = 0, kinds = 0;  ///< Of the maps of bit histories.
  std::uint16_t followers = 0, follower_entries = 0;  ///< Contexts with followers, entries of each's map.
  std::uint16_t matches = 0, match_entries = 0;       ///< Match models, entries of each's map.
  std::uint16_t chain_stages = 0;                     ///< Stages of all chains.
  /// Decisions about a token's attributes, and classes of the token before.
  std::uint16_t attributes = 0, attribute_classes = 0;
  std::span<const std::uint8_t> attribute_logits;   ///< [decision][class]: logit of a 1
  std::span<const std::uint8_t> phase_groups;       ///< [phase]: 1: context_histories apply, 0: not
  std::span<const std::uint8_t> phase_histories;    ///< [phase][kind]
  std::span<const std::uint8_t> context_histories;  ///< [context][kind], added to it
  std::span<const std::uint8_t> follower_maps;      ///< [context][entry]
  std::span<const std::uint8_t> match_maps;         ///< [match][entry]
  std::span<const std::uint8_t> chain_phases;       ///< [phase][kind] of HistoryChain's constants
  std::span<const std::uint8_t> chain_constants;    ///< [stage][kind], added to it
  std::span<const std::uint8_t> chain_logits;       ///< [stage][kind] of its weights of logits
  std::vector<MixerFirstValues> mixers;             ///< By rising number of contexts.

  /// The shape with the number of contexts and then of extra inputs nearest to what is asked for. nullptr if
  /// none is within an eighth: weights of a model with fewer inputs are too large for one with more.
  [[nodiscard]] const MixerFirstValues* mixer_for(unsigned model_contexts, unsigned extra) const noexcept;
};

/// The models of a file of first values (data/FIRST_VALUES.md), by name.
class FirstValuesFile {
 public:
  /// Keeps looking into `bytes`. nullopt if they are damaged. Costs a checksum of them.
  [[nodiscard]] static std::optional<FirstValuesFile> parse(std::span<const std::uint8_t> bytes);
  /// Of bytes that are known to be whole: the checksum is not looked at.
  [[nodiscard]] static std::optional<FirstValuesFile> parse_trusted(std::span<const std::uint8_t> bytes);
  /// The one that is embedded in the library, and its bytes.
  [[nodiscard]] static const FirstValuesFile& builtin();
  [[nodiscard]] static std::span<const std::uint8_t> builtin_bytes() noexcept;

  /// nullptr if the file has none for it: the parts start from their defaults.
  [[nodiscard]] const FirstValues* find(std::string_view model) const noexcept;
  /// XXH3-64 of the bytes before it.
  [[nodiscard]] std::uint64_t hash() const noexcept { return hash_; }

 private:
  struct Model {
    std::string_view name;
    FirstValues values;
  };
  std::vector<Model> models_;
  std::uint64_t hash_ = 0;
};

/// Probability of a 1, 16 bit, of a stretch in sixteenths: -256..255.
[[nodiscard]] std::uint16_t first_probability(int sixteenths) noexcept;

}  // namespace ssmz::codec
