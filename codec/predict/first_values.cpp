// SPDX-License-Identifier: Apache-2.0
// Reads the file of first values.
#include "codec/predict/first_values.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <tuple>

#include "codec/base/checksum.hpp"
#include "codec/base/little_endian.hpp"
#include "codec/predict/logistic.hpp"

extern "C" {
extern const std::uint8_t ssmz_builtin_first_values_begin[];
extern const std::uint8_t ssmz_builtin_first_values_end[];
}

namespace ssmz::codec {
namespace {

constexpr std::string_view magic = "ssmzfst3";
constexpr std::size_t checksum_bytes = 8;
constexpr unsigned largest_exponent = 31;

// The vector at `at`: an exponent, then the weights.
void read_vector(const std::uint8_t* at, std::size_t count, float* weights) {
  const unsigned exponent = std::min<unsigned>(at[0], largest_exponent);
  const float unit = std::bit_cast<float>((127u - exponent) << 23);  // 2^-exponent
  for (std::size_t i = 0; i < count; ++i)
    weights[i] = static_cast<float>(static_cast<std::int8_t>(at[1 + i])) * unit;
}

MixerFirstValues read_mixer(ByteReader& reader, unsigned phases) {
  MixerFirstValues mixer;
  for (std::uint16_t* field :
       {&mixer.contexts, &mixer.followers, &mixer.matches, &mixer.extra, &mixer.sets, &mixer.finals})
    *field = static_cast<std::uint16_t>(reader.little_endian(2));
  const std::size_t vectors = phases + mixer.sets, final_vectors = std::size_t{phases} * mixer.finals;
  mixer.vectors = reader.bytes(vectors * (1 + mixer.inputs()) + final_vectors * (1u + mixer.sets));
  return mixer;
}

FirstValues read_values(ByteReader& reader) {
  FirstValues values;
  for (std::uint16_t* field : {&values.phases, &values.contexts, &values.kinds, &values.followers,
                               &values.follower_entries, &values.matches, &values.match_entries,
                               &values.chain_stages, &values.attributes, &values.attribute_classes})
    *field = static_cast<std::uint16_t>(reader.little_endian(2));
  values.attribute_logits = reader.bytes(std::size_t{values.attributes} * values.attribute_classes);
  values.phase_groups = reader.bytes(values.phases);
  values.phase_histories = reader.bytes(std::size_t{values.phases} * values.kinds);
  values.context_histories = reader.bytes(std::size_t{values.contexts} * values.kinds);
  values.follower_maps = reader.bytes(std::size_t{values.followers} * values.follower_entries);
  values.match_maps = reader.bytes(std::size_t{values.matches} * values.match_entries);
  const std::size_t chain_values = std::size_t{values.chain_stages} * values.kinds;
  values.chain_phases = reader.bytes(values.chain_stages ? std::size_t{values.phases} * values.kinds : 0);
  values.chain_constants = reader.bytes(chain_values);
  values.chain_logits = reader.bytes(chain_values);
  const auto mixers = reader.little_endian(1);
  for (std::uint64_t i = 0; i < mixers; ++i) values.mixers.push_back(read_mixer(reader, values.phases));
  return values;
}

}  // namespace

std::size_t MixerFirstValues::inputs() const noexcept {
  return std::size_t{3} * contexts + std::size_t{2} * followers + std::size_t{2} * matches + extra + 1;
}

void MixerFirstValues::phase_vector(unsigned phase, float* weights) const noexcept {
  read_vector(vectors.data() + phase * (1 + inputs()), inputs(), weights);
}

void MixerFirstValues::set_vector(unsigned phases, unsigned set, float* weights) const noexcept {
  phase_vector(phases + set, weights);
}

void MixerFirstValues::final_vector(unsigned phases, unsigned phase, unsigned final_mixer,
                                    float* weights) const noexcept {
  const std::size_t before = (phases + sets) * (1 + inputs());
  const std::size_t vector = std::size_t{phase} * finals + final_mixer;
  read_vector(vectors.data() + before + vector * (1u + sets), sets, weights);
}

const MixerFirstValues* FirstValues::mixer_for(unsigned model_contexts, unsigned extra) const noexcept {
  const auto distance = [&](const MixerFirstValues& mixer) {
    return std::tuple(std::abs(static_cast<int>(mixer.contexts) - static_cast<int>(model_contexts)),
                      std::abs(static_cast<int>(mixer.extra) - static_cast<int>(extra)));
  };
  const auto nearest = std::min_element(
      mixers.begin(), mixers.end(), [&](const auto& a, const auto& b) { return distance(a) < distance(b); });
  if (nearest == mixers.end()) return nullptr;
  const unsigned known = nearest->contexts;
  const unsigned apart = std::max(known, model_contexts) - std::min(known, model_contexts);
  return apart * 8 > known ? nullptr : &*nearest;
}

std::optional<FirstValuesFile> FirstValuesFile::parse(std::span<const std::uint8_t> bytes) {
  std::optional<FirstValuesFile> file = parse_trusted(bytes);
  if (file && file->hash_ != checksum(bytes.first(bytes.size() - checksum_bytes))) return std::nullopt;
  return file;
}

std::optional<FirstValuesFile> FirstValuesFile::parse_trusted(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < magic.size() + checksum_bytes) return std::nullopt;
  const std::span<const std::uint8_t> body = bytes.first(bytes.size() - checksum_bytes);
  ByteReader reader(bytes);
  if (!std::ranges::equal(reader.bytes(magic.size()), magic)) return std::nullopt;
  FirstValuesFile file;
  const auto models = reader.little_endian(1);
  for (std::uint64_t i = 0; i < models; ++i) {
    const std::span<const std::uint8_t> name = reader.bytes(reader.little_endian(1));
    file.models_.push_back({{reinterpret_cast<const char*>(name.data()), name.size()}, read_values(reader)});
    if (reader.state() != ByteReader::State::good) return std::nullopt;
  }
  if (reader.position() != body.size()) return std::nullopt;
  file.hash_ = reader.little_endian(checksum_bytes);
  return file;
}

std::span<const std::uint8_t> FirstValuesFile::builtin_bytes() noexcept {
  return {ssmz_builtin_first_values_begin, ssmz_builtin_first_values_end};
}

const FirstValuesFile& FirstValuesFile::builtin() {
  static const FirstValuesFile file = [] {
    auto parsed = parse_trusted(builtin_bytes());
    return parsed ? std::move(*parsed) : FirstValuesFile{};  // a test sees that they are whole
  }();
  return file;
}

const FirstValues* FirstValuesFile::find(std::string_view model) const noexcept {
  for (const Model& known : models_)
    if (known.name == model) return &known.values;
  return nullptr;
}

// Squashed by the table of steps of 1/64, whose values at each fourth are squash()'s own.
std::uint16_t first_probability(int sixteenths) noexcept {
  const int place = std::clamp(sixteenths, -256, 255);
  const float p = squash_near(static_cast<float>(place) * (1.0f / 16.0f)) * 65536.0f;
  return static_cast<std::uint16_t>(std::clamp(static_cast<int>(p), 16, 65520));
}

}  // namespace ssmz::codec
