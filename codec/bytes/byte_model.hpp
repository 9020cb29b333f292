// SPDX-License-Identifier: Apache-2.0
// Walks a byte's decisions and predicts each; for data that is not text.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "codec/base/processor.hpp"
#include "codec/bytes/byte_guess.hpp"
#include "codec/bytes/byte_selectors.hpp"
#include "codec/bytes/byte_ssm.hpp"
#include "codec/bytes/byte_state.hpp"
#include "codec/bytes/byte_tree.hpp"
#include "codec/predict/decision_model.hpp"
#include "codec/predict/symbol_path.hpp"

namespace ssmz::codec {

/// What a level gives the byte model.
struct ByteModelOptions {
  unsigned contexts = 92;           ///< n-gram contexts, in the order of byte_contexts.cpp.
  unsigned follower_contexts = 17;  ///< Contexts with followers, likewise.
  unsigned matches = 3;             ///< Match models, likewise.
  unsigned sets = 19;               ///< Mixer weight sets, likewise.
  unsigned finals = 4;              ///< Final mixers, 0..4; 0: the mean of the sets.
  unsigned apms = 3;                ///< APMs, 0..3.
  /// Of the mixer (DecisionModelShape). -9: the first 110,000 bytes of obj2 25,917 -> 25,850, obj1 7,441 ->
  /// 7,439, geo 43,139 -> 43,137, kennedy.xls's first 200,000 2,368 -> 2,370; kennedy.xls whole,
  /// with steps as short as byte_model.cpp has them, 8,061 -> 7,960.
  unsigned preconditioner_rank = 8;
  bool second_network = true;  ///< Whether there is a second network of mixers (DecisionModelShape).
  float mixer_rate = 0.02f;    ///< MixerRate's first, of the first layer.
  float least_error = 0.002f;  ///< Likewise.
  float usual_square = 1.5f;   ///< MixerRate's, of the first layer.
  /// A tree by frequencies is taken where bytes then take at most so many tenths of a decision; 0: never, and
  /// nothing is said of it.
  unsigned tree_tenths = 0;
  /// Where the likely byte is likelier than this, 16 bit, a byte begins with the question whether it is that
  /// one; 0: never. Not beside an SSM.
  unsigned ask_from = 0;
  unsigned history_log2 = 22;
  unsigned follower_slots_log2 = 18;
  unsigned match_table_log2 = 20;
  ByteSsmOptions ssm = {};
  bool second_ssm = false;        ///< Whether another one, as wide, reads followers (ByteSsmReads).
  bool drawing = false;           ///< Whether what comes are drawings: see ByteModel::set_drawing().
  bool floats = false;            ///< Whether arrays of floats are looked for. Not beside questions.
  unsigned bytes_before_ssm = 0;  ///< So many are coded before it begins.
  const FirstValues* first = FirstValuesFile::builtin().find("bytes");
};

/// Not thread-safe.
class ByteModel {
 public:
  ByteModel(SlotTable& table, const ByteModelOptions& options);
  /// For a copy: see DecisionModel::move_to().
  void move_to(SlotTable& table) noexcept { model_.move_to(table); }
  /// From here on the model is only copied.
  void freeze() {
    model_.freeze();
    for (ByteSsm& ssm : ssms_) ssm.freeze();
  }

  /// Bytes that a model takes beside the slot table.
  [[nodiscard]] static std::uint64_t memory(const ByteModelOptions& options);

  /// Before begin_block() of a block of Transform::instructions.
  void expect_instructions(Processor processor) noexcept { instructions_next_ = processor; }

  /// Before a block of `size` bytes, `content` (nothing for a decoder): the first one that is long enough
  /// says by which tree bytes are coded from here on.
  template <class Io>
  void begin_block(Io& io, std::span<const std::uint8_t> content, std::size_t size) {
    state_.begin_block(std::exchange(instructions_next_, std::nullopt));
    if (tree_known_ || tree_tenths_ == 0 || size < least_tree_block) return;
    tree_known_ = true;
    if (const auto coded = code_frequencies(io, frequencies_for(content, tree_tenths_)))
      tree_ = ByteTree(*coded);
  }

  /// Before each block of a drawing, with ByteModelOptions::drawing.
  void set_drawing(const DrawingLayout& layout) noexcept { state_.set_drawing(layout); }

  /// Codes one byte, as a walk down the tree; `io` as for TextModel. Distances in machine code are
  /// modelled as the addresses they lead to: the same call is then the same bytes (/usr/bin/git's first
  /// 400,000 bytes: see byte_contexts.cpp).
  template <class Io>
  std::uint8_t code(Io& io, std::span<const std::uint8_t> ahead) {
    const auto id_ahead = [&](std::size_t k) {
      return k < ahead.size() ? std::uint32_t{ahead[k]} : FollowerBank::none;
    };
    if (const std::optional<std::uint32_t> id = model_.repeated(io, id_ahead)) {
      const auto repeated = static_cast<std::uint8_t>(*id);
      // As it is: within a long repeat no distance becomes an address.
      if (model_.deep_in_repeat())
        state_.pass(repeated);
      else
        state_.push(repeated);
      return repeated;
    }
    begin();
    const std::uint8_t shift = state_.to_address();
    const auto byte = static_cast<std::uint8_t>((ahead.empty() ? 0 : ahead[0]) + shift);
    const std::uint8_t coded = asking_ && ask(io, byte) ? guess_byte() : walk(io, byte);
    end(coded);
    return static_cast<std::uint8_t>(coded - shift);
  }

  /// Within a long repeat, which no block ends in.
  [[nodiscard]] bool repeating() const noexcept { return model_.repeating(); }
  DecisionModel& decisions() noexcept { return model_; }
  [[nodiscard]] const DecisionModel& decisions() const noexcept { return model_; }

 private:
  static constexpr unsigned levels = 8;  // of the tree of bits: a phase for each of a byte's decisions

  // Whether the byte is the guess. If it is not, the walk to it follows.
  template <class Io>
  bool ask(Io& io, std::uint8_t byte) {
    at_ = {Stage::whole, tree_.path(guess_byte())};
    const unsigned right = model_.decide(
        io, byte == guess_byte(), at_, levels, [&] { return choose_for_question(); },
        [](unsigned yes) {
          return yes ? NextDecision{} : NextDecision{.enter_tree = byte_tree, .skip_first = true};
        });
    if (!right) model_.reject(guess_byte());
    return right;
  }

  // The byte's decisions, from the root of the tree on.
  template <class Io>
  std::uint8_t walk(Io& io, std::uint8_t byte) {
    at_ = Position{};
    const SymbolPath& known = tree_.path(byte);
    excluding_ = asking_;
    unsigned value = tree_.root();
    while (value < ByteTree::leaf) {
      const unsigned phase = byte_level(value) + (excluding_ ? levels + 1 : 0);
      const unsigned to_guess =
          excluding_ ? static_cast<unsigned>(tree_.path(guess_byte()).bits >> at_.taken.depth & 1u) : 0u;
      unsigned bit = to_guess ^ 1;
      if (excluding_ && tree_.child(value, to_guess) == ByteTree::leaf + guess_byte()) {
        model_.pass(bit, phase, tree_.child(value, bit) < ByteTree::leaf);
      } else {
        bit = model_.decide(
            io, (known.bits >> at_.taken.depth & 1u) != 0, at_, phase, [&] { return choose(value); },
            [&](unsigned coded) {
              return NextDecision{.same_tree = tree_.child(value, coded) < ByteTree::leaf};
            });
        for (ByteSsm& ssm : ssms_) ssm.learn(bit);
      }
      excluding_ = excluding_ && bit == to_guess;
      at_.taken.bits |= std::uint64_t{bit} << at_.taken.depth;
      ++at_.taken.depth;
      value = tree_.child(value, bit);
    }
    return static_cast<std::uint8_t>(value - ByteTree::leaf);
  }

  [[nodiscard]] std::uint8_t guess_byte() const noexcept { return static_cast<std::uint8_t>(guess_->byte()); }
  [[nodiscard]] unsigned first_tree();
  [[nodiscard]] DecisionContexts choose_for_question();
  void begin();
  void fill_extra(unsigned value);
  void step_ssm();
  [[nodiscard]] DecisionContexts choose(unsigned value);
  void end(std::uint8_t byte);

  // What a tree costs, 30 to 60 bytes, is then less than 0.5 %. FORMAT.
  static constexpr std::size_t least_tree_block = 16384;
  static constexpr unsigned byte_tree =
      1;  // to the contexts: any but the attributes; questions are behind it

  ByteSelectors selectors_, code_selectors_;
  ByteTree tree_;  // bit by bit, if no block said another
  bool tree_known_ = false;
  std::optional<Processor> instructions_next_;
  unsigned tree_tenths_;
  ByteState state_;
  bool floats_;  // whether there are inputs of floats
  DecisionModel model_;
  ByteSsmOptions ssm_options_;
  unsigned bytes_before_ssm_;                // that are still to be coded
  std::span<const ByteSsmReads> ssm_reads_;  // of each SSM that there will be
  std::vector<ByteSsm> ssms_;                // none before they begin
  std::optional<unsigned> place_;            // of the byte in hand
  std::optional<CodePlace> code_place_;      // likewise
  unsigned column_ = 0;                      // likewise
  Position at_;
  unsigned ask_from_;
  std::optional<ByteGuess> guess_;
  bool asking_ = false;     // of the byte in hand
  bool excluding_ = false;  // it is not the guess, and so far its way is the guess's
};

}  // namespace ssmz::codec
