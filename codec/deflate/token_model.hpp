// SPDX-License-Identifier: Apache-2.0
// Codes tokens by what is predicted of them. FORMAT.
#pragma once

#include "codec/deflate/choice.hpp"
#include "codec/deflate/token_predictor.hpp"

namespace ssmz::codec {

/// Learns how a writer's tokens differ from those predicted. Takes some hundred kB.
class TokenModel {
 public:
  TokenModel();

  /// Encoders: codes `token`; decoders: gives what was coded, which may reach anywhere.
  DeflateToken code(DecisionIo& io, const TokenPrediction& prediction, DeflateToken token);

 private:
  bool code_is_match(DecisionIo& io, const TokenPrediction& prediction, bool is);
  unsigned code_length(DecisionIo& io, const TokenPrediction& prediction, unsigned length);
  bool code_is_first(DecisionIo& io, const TokenPrediction& prediction, bool is);
  /// Whether the length is that of a rank, if it is none before.
  bool code_is_option(DecisionIo& io, const TokenPrediction& prediction, std::size_t rank, bool is);
  unsigned code_distance(DecisionIo& io, const TokenPrediction& prediction, unsigned length,
                         unsigned distance);

  MixedChoice is_match_, is_length_, is_option_;
  Choice is_longest_, is_longer_, is_nearest_;
  NumberChoice lengths_, shorter_, distances_;
  unsigned matches_ = 0;       // of the last tokens, the latest lowest
  unsigned hits_ = 0;          // likewise, whether there was what was predicted
  unsigned last_lengths_ = 0;  // whether they were the predicted ones
  unsigned last_nearest_ = 0;
};

}  // namespace ssmz::codec
