// SPDX-License-Identifier: Apache-2.0
// One file by all ranks: plan, work, offsets, output.
#include "src/mpi/file_job.hpp"

#include <mpi.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <new>
#include <numeric>
#include <utility>
#include <vector>

#include "codec/frame/seek_table.hpp"
#include "src/mpi/frame_work.hpp"
#include "src/mpi/work_queue.hpp"

namespace ssmz::mpi {
namespace {

constexpr std::size_t most_io = std::size_t{1} << 30;  // MPI counts are int

int my_rank() {
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  return rank;
}

void say(const std::string& file, const std::string& text) {
  char host[MPI_MAX_PROCESSOR_NAME] = "";
  int length = 0;
  MPI_Get_processor_name(host, &length);
  std::fprintf(stderr, "ssmz-mpi: %s: %s (rank %d on %s)\n", file.c_str(), text.c_str(), my_rank(), host);
}

std::string text_of(const Status& status) {
  std::string text = to_string(status.code);
  if (status.detail != nullptr && *status.detail != '\0') text += std::string(": ") + status.detail;
  return text;
}

/// A file all ranks have open.
class SharedFile {
 public:
  SharedFile(const std::string& name, int mode) {
    // Errors of files are values in MPI unless asked otherwise.
    open_ = MPI_File_open(MPI_COMM_WORLD, name.c_str(), mode, MPI_INFO_NULL, &file_) == MPI_SUCCESS;
  }
  SharedFile(const SharedFile&) = delete;
  SharedFile& operator=(const SharedFile&) = delete;
  ~SharedFile() { static_cast<void>(close()); }

  [[nodiscard]] bool is_open() const noexcept { return open_; }
  [[nodiscard]] std::uint64_t size() {
    MPI_Offset size = 0;
    MPI_File_get_size(file_, &size);
    return static_cast<std::uint64_t>(size);
  }
  [[nodiscard]] Status read(std::uint64_t offset, std::span<std::uint8_t> to) {
    for (std::size_t at = 0; at < to.size();) {
      const int count = static_cast<int>(std::min(most_io, to.size() - at));
      MPI_Status status;
      int got = 0;
      if (MPI_File_read_at(file_, static_cast<MPI_Offset>(offset + at), to.data() + at, count, MPI_BYTE,
                           &status) != MPI_SUCCESS ||
          MPI_Get_count(&status, MPI_BYTE, &got) != MPI_SUCCESS || got <= 0) {
        return {Code::io_error, "the input cannot be read"};
      }
      at += static_cast<std::size_t>(got);
    }
    return {};
  }
  [[nodiscard]] Status write(std::uint64_t offset, std::span<const std::uint8_t> bytes) {
    for (std::size_t at = 0; at < bytes.size();) {
      const int count = static_cast<int>(std::min(most_io, bytes.size() - at));
      MPI_Status status;
      int written = 0;
      if (MPI_File_write_at(file_, static_cast<MPI_Offset>(offset + at), bytes.data() + at, count, MPI_BYTE,
                            &status) != MPI_SUCCESS ||
          MPI_Get_count(&status, MPI_BYTE, &written) != MPI_SUCCESS || written <= 0) {
        return {Code::io_error, "the output cannot be written"};
      }
      at += static_cast<std::size_t>(written);
    }
    return {};
  }
  /// Syncs and closes, by all ranks; false if what was written may not be there.
  [[nodiscard]] bool close() {
    if (!open_) return true;
    open_ = false;
    return MPI_File_close(&file_) == MPI_SUCCESS;
  }
  [[nodiscard]] bool sync() { return MPI_File_sync(file_) == MPI_SUCCESS; }

 private:
  MPI_File file_ = MPI_FILE_NULL;
  bool open_ = false;
};

/// Frames that this rank has coded and that have no place yet, in a file without a name.
class Spool {
 public:
  Status append(std::uint64_t task, const Bytes& bytes) {
    if (!file_) file_.reset(std::tmpfile());
    if (!file_ || std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) != bytes.size()) {
      return {Code::io_error, "no room for frames in the folder of temporary files"};
    }
    kept_.emplace_back(task, bytes.size());
    return {};
  }
  /// Gives all frames back in the order they came.
  template <class Take>
  Status give(const Take& take) {
    if (file_) std::rewind(file_.get());
    Bytes frame;
    for (const auto& [task, size] : kept_) {
      frame.resize(size);
      if (std::fread(frame.data(), 1, size, file_.get()) != size) {
        return {Code::io_error, "temporary files cannot be read"};
      }
      if (const Status status = take(task, frame); !status.ok()) return status;
    }
    return {};
  }

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::unique_ptr<std::FILE, Close> file_;
  std::vector<std::pair<std::uint64_t, std::size_t>> kept_;
};

class FileJob {
 public:
  FileJob(const std::string& input, SharedFile& in, SharedFile& out, const JobOptions& options)
      : input_(input), in_(in), out_(out), options_(options) {}

  bool run() {
    if (!all_agree(plan())) return false;
    const bool worked = run_tasks(
        tasks_.size(), [&](std::uint64_t task) { return work(task); },
        [&](std::uint64_t done) { progress(done); });
    if (!worked || options_.decompress) return worked;
    return all_agree(place_frames());
  }

 private:
  bool report(const Status& status, std::uint64_t task) {
    if (!status.ok()) say(input_, "frame " + std::to_string(task) + ": " + text_of(status));
    return status.ok();
  }

  bool plan() {
    const std::uint64_t size = in_.size();
    if (!options_.decompress) {
      const auto usual = usual_frame_size(options_.coder.level);
      const std::uint64_t frame_size = options_.coder.frame_size != 0 ? options_.coder.frame_size
                                       : usual.ok()                   ? usual.value()
                                                                      : 0;
      if (frame_size == 0) return false;
      tasks_ = plan_compression(size, frame_size);
      sizes_.assign(tasks_.size(), 0);
      return true;
    }
    auto index = FrameIndex::read(size, reader());
    if (index.ok()) {
      index_ = std::move(index).value();
      tasks_ = plan_decompression(index_);
    } else if (my_rank() == 0) {
      say(input_, text_of(index.status()));
    }
    return index.ok();
  }

  [[nodiscard]] ReadAt reader() {
    return [this](std::uint64_t offset, std::span<std::uint8_t> to) { return in_.read(offset, to); };
  }

  bool work(std::uint64_t number) {
    try {
      return report(do_task(number), number);
    } catch (const std::bad_alloc&) {
      return report({Code::out_of_memory, "no memory for a frame"}, number);
    }
  }

  Status do_task(std::uint64_t number) {
    const FrameTask& task = tasks_[number];
    if (options_.decompress) {
      std::uint64_t at = task.content_offset;
      return decompress_range(
          index_, reader(), at, task.content_size,
          [&](std::span<const std::uint8_t> bytes) {
            const Status status = out_.write(at, bytes);
            at += bytes.size();
            return status;
          },
          options_.decoder);
    }
    Bytes from(static_cast<std::size_t>(task.size));
    Bytes to;
    if (const Status status = in_.read(task.offset, from); !status.ok()) return status;
    if (const Status status = encode_frame(task, from, options_.coder, to); !status.ok()) return status;
    sizes_[number] = to.size();
    return spool_.append(number, to);
  }

  /// Where each frame stands is the sum of the sizes of those before it; then each rank writes its own.
  bool place_frames() {
    MPI_Allreduce(MPI_IN_PLACE, sizes_.data(), static_cast<int>(sizes_.size()), MPI_UINT64_T, MPI_SUM,
                  MPI_COMM_WORLD);
    std::vector<std::uint64_t> offsets(sizes_.size());
    std::exclusive_scan(sizes_.begin(), sizes_.end(), offsets.begin(), std::uint64_t{0});
    std::uint64_t last = 0;
    Status status = spool_.give([&](std::uint64_t task, const Bytes& frame) {
      last = task;
      return out_.write(offsets[task], frame);
    });
    if (status.ok() && my_rank() == 0 && tasks_.size() > 1) {
      std::vector<codec::SeekEntry> entries;
      for (std::size_t i = 0; i < tasks_.size(); ++i) entries.push_back({sizes_[i], tasks_[i].content_size});
      Bytes table;
      codec::append_seek_table(entries, table);
      status = out_.write(offsets.back() + sizes_.back(), table);
    }
    return report(status, last);
  }

  void progress(std::uint64_t done) const {
    if (options_.quiet || isatty(STDERR_FILENO) == 0) return;
    std::fprintf(stderr, "\r%s: frame %llu of %zu%s", input_.c_str(), static_cast<unsigned long long>(done),
                 tasks_.size(), done == tasks_.size() ? "\n" : "");
  }

  const std::string& input_;
  SharedFile& in_;
  SharedFile& out_;
  const JobOptions& options_;
  FrameIndex index_;  // of the input, to decompress
  std::vector<FrameTask> tasks_;
  std::vector<std::uint64_t> sizes_;  ///< Of the frames this rank has coded; 0 elsewhere.
  Spool spool_;
};

bool name_is_free(const std::string& output, bool force) {
  int free = 1;
  if (my_rank() == 0 && !force && access(output.c_str(), F_OK) == 0) {
    say(output, "already exists; --force replaces it");
    free = 0;
  }
  MPI_Bcast(&free, 1, MPI_INT, 0, MPI_COMM_WORLD);
  return free != 0;
}

/// Rank 0 gives the finished file its name.
bool give_name(const std::string& temporary, const std::string& output, bool good, bool force) {
  int named = good ? 1 : 0;
  if (my_rank() == 0) {
    if (good && force) named = std::rename(temporary.c_str(), output.c_str()) == 0 ? 1 : 0;
    if (good && !force) named = link(temporary.c_str(), output.c_str()) == 0 ? 1 : 0;
    if (good && named == 0) say(output, "cannot get its name");
    if (!force || named == 0) unlink(temporary.c_str());
  }
  MPI_Bcast(&named, 1, MPI_INT, 0, MPI_COMM_WORLD);
  return named != 0;
}

}  // namespace

bool all_agree(bool good) {
  int mine = good ? 1 : 0;
  int all = 0;
  MPI_Allreduce(&mine, &all, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
  return all != 0;
}

bool run_file(const std::string& input, const std::string& output, const JobOptions& options) {
  if (!name_is_free(output, options.force)) return false;
  SharedFile in(input, MPI_MODE_RDONLY);
  if (!all_agree(in.is_open())) {
    if (my_rank() == 0) say(input, "cannot be opened on every rank");
    return false;
  }
  const std::string temporary = output + ".ssmz-mpi";
  SharedFile out(temporary, MPI_MODE_WRONLY | MPI_MODE_CREATE | MPI_MODE_EXCL);
  if (!all_agree(out.is_open())) {
    if (my_rank() == 0)
      say(temporary, "cannot be made on every rank (left by a run that was killed? remove it)");
    return false;
  }
  bool good = FileJob(input, in, out, options).run();
  good = all_agree(out.sync() && good);
  good = all_agree(out.close() && good);
  return give_name(temporary, output, good, options.force);
}

}  // namespace ssmz::mpi
