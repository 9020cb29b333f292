// SPDX-License-Identifier: Apache-2.0
// Output: written beside its name, given it when complete, and never in another file's place by accident.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "src/files/descriptor.hpp"
#include "src/files/output_place.hpp"
#include "ssmz/ssmz.hpp"

namespace ssmz::cli {

struct OutputRules {
  bool replace = false;          ///< What stands under the name.
  bool sync = false;             ///< File and folder are on the disk before commit() returns.
  bool sparse = false;           ///< Blocks of zeros become holes, where the file is our own.
  bool keep_unfinished = false;  ///< What is unfinished stays for a later run, and is gone on with.
};

/// Where output goes. Only one may be open at a time, because of the signal handlers.
class OutputFile {
 public:
  /// The standard output.
  [[nodiscard]] static OutputFile standard();
  /// Nothing is kept.
  [[nodiscard]] static OutputFile none();
  /// Opens, and for a file that is renamed later claims, the place. nullopt: `mistake` is set.
  [[nodiscard]] static std::optional<OutputFile> open(const OutputPlace& place, const OutputRules& rules,
                                                      std::string& mistake);

  /// An existing or new file that several runs fill, each its part: written where it is, nothing is cut off.
  [[nodiscard]] static std::optional<OutputFile> shared(const std::string& path, std::string& mistake);

  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&&) = delete;
  ~OutputFile();

  /// Errors: io_error with errno kept. Ends the program as a broken pipe does.
  Status write(std::span<const std::uint8_t> bytes);
  /// Forgets all that was written; false if that is not possible.
  [[nodiscard]] bool rewind();
  /// Goes on behind the first `size` bytes of what an earlier run left.
  [[nodiscard]] bool resume_at(std::uint64_t size);
  /// Goes to an offset of a shared() file; of others nothing changes. False: errno.
  [[nodiscard]] bool seek(std::uint64_t offset);
  /// Gives the file its name and, if `source` is there, the source's mode, times and, if allowed, owner.
  /// False: `mistake` is set.
  [[nodiscard]] bool commit(const struct stat* source, std::string& mistake);

  [[nodiscard]] std::uint64_t written() const noexcept { return written_; }
  /// To read back what was written, from offset 0; -1 if that is not possible.
  [[nodiscard]] int readable() const noexcept { return temporary_.empty() ? -1 : descriptor_.get(); }

 private:
  OutputFile() = default;
  bool write_out(std::span<const std::uint8_t> bytes);
  bool write_sparse(std::span<const std::uint8_t> bytes);
  bool give_name(std::string& mistake);

  Descriptor descriptor_;
  bool keep_ = true;
  bool shared_ = false;
  OutputRules rules_;
  std::string path_;
  std::string temporary_;
  std::uint64_t written_ = 0;
  std::uint64_t hole_ = 0;  ///< Zeros at the end that are not written yet.
};

}  // namespace ssmz::cli
