// SPDX-License-Identifier: Apache-2.0
// Sets the contexts of a bank one after the other, as a model's list names them.
#pragma once

#include <cstdint>

#include "codec/base/hash.hpp"
#include "codec/predict/context_bank.hpp"

namespace ssmz::codec {

/// The n-th add() sets context n; what comes after the bank's last context is dropped.
class ContextLister {
 public:
  /// `salt` keeps models that share a table apart.
  ContextLister(ContextBank& bank, std::uint64_t salt) noexcept : bank_(bank), salt_(salt) {}

  template <class... Words>
  void add(Words... words) noexcept {
    set(false, words...);
  }
  /// A context shared by all separators and cases: what follows may stand anywhere in a line or sentence.
  template <class... Words>
  void add_shared(Words... words) noexcept {
    set(true, words...);
  }

  /// The coming symbol goes without the next `count` contexts.
  void leave_out(unsigned count) noexcept {
    for (; count > 0; --count, ++n_)
      if (n_ < bank_.count()) bank_.leave_out(n_);
  }

  [[nodiscard]] unsigned count() const noexcept { return n_; }  ///< Contexts added so far.
  /// What is added from here on is dropped: a list may end.
  [[nodiscard]] bool full() const noexcept { return n_ >= bank_.count(); }

 private:
  template <class... Words>
  void set(bool shared, Words... words) noexcept {
    if (n_ < bank_.count()) bank_.set(n_, hash_words(salt_ + n_ + 1, words...), shared);
    ++n_;
  }

  ContextBank& bank_;
  std::uint64_t salt_;
  unsigned n_ = 0;
};

}  // namespace ssmz::codec
