// SPDX-License-Identifier: Apache-2.0
// All options of the program: the one place that parsing, help, man page and completion agree with.
#pragma once

#include <span>
#include <string>

#include "src/options/option_row.hpp"
#include "src/options/options.hpp"

namespace ssmz::cli {

/// Options of compressing, decompressing, testing and listing.
[[nodiscard]] std::span<const OptionGroup<Options>> option_table();

/// Those of them that ssmz-mpi takes.
[[nodiscard]] std::span<const OptionGroup<Options>> cluster_option_table();

/// What is wrong with --ssm or --ssm-width at the level asked for, with the option's name, or nothing.
[[nodiscard]] std::string ssm_mistake(const Options& options);

/// Options of join.
[[nodiscard]] std::span<const OptionGroup<JoinOptions>> join_option_table();

/// Options of train-vocab.
[[nodiscard]] std::span<const OptionGroup<TrainOptions>> train_option_table();

/// Options of train-prime.
[[nodiscard]] std::span<const OptionGroup<TrainPrimeOptions>> train_prime_option_table();

}  // namespace ssmz::cli
