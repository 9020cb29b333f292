// SPDX-License-Identifier: Apache-2.0
// The part of the Python package that is C++: ssmz._ssmz, over the public interface.
// codec/python/ssmz/__init__.py makes the package of it.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "ssmz/archive.hpp"
#include "ssmz/cursor.hpp"

namespace ssmz::python {
namespace {

namespace py = pybind11;
using Bytes = std::span<const std::uint8_t>;
using Output = std::vector<std::uint8_t>;

class CoderError : public std::runtime_error {
 public:
  explicit CoderError(const Status& status) : std::runtime_error(text_of(status)), code_(status.code) {}
  [[nodiscard]] Code code() const noexcept { return code_; }

 private:
  static std::string text_of(const Status& status) {
    std::string text = to_string(status.code);
    if (*status.detail != '\0') text += std::string(": ") + status.detail;
    return text;
  }
  Code code_;
};

void check(const Status& status) {
  if (!status.ok()) throw CoderError(status);
}

template <class T>
T value_of(Result<T> result) {
  check(result.status());
  return std::move(result).value();
}

/// Options of both directions.
struct Settings {
  int level = usual_level;
  unsigned threads = 1;
  std::uint64_t memory_limit = 0;
  std::uint64_t frame_size = 0;
  std::optional<std::uint64_t> output_limit;
  bool checksum = true;
  bool part_of_stream = false;
  std::vector<Vocabulary> vocabularies;  ///< To compress, the first.
  std::vector<Prime> primes;             ///< Likewise.

  [[nodiscard]] CompressOptions compress() const {
    CompressOptions options;
    options.level = level;
    options.threads = threads;
    options.memory_limit = memory_limit;
    options.frame_size = frame_size;
    options.checksum = checksum;
    if (!vocabularies.empty()) options.vocabulary = vocabularies.front();
    if (!primes.empty()) options.prime = primes.front();
    return options;
  }
  [[nodiscard]] DecompressOptions decompress() const {
    DecompressOptions options;
    options.threads = threads;
    options.memory_limit = memory_limit;
    if (output_limit) options.output_limit = *output_limit;
    options.part_of_stream = part_of_stream;
    options.vocabularies = vocabularies;
    options.primes = primes;
    return options;
  }
};

/// A bytes-like object, held as long as its bytes are used.
class View {
 public:
  explicit View(const py::buffer& data) : info_(data.request()) {
    if (info_.ndim > 1 || (info_.ndim == 1 && info_.shape[0] > 1 && info_.strides[0] != info_.itemsize))
      throw py::type_error("a contiguous bytes-like object is required");
  }
  [[nodiscard]] Bytes bytes() const {
    return {static_cast<const std::uint8_t*>(info_.ptr),
            static_cast<std::size_t>(info_.size * info_.itemsize)};
  }

 private:
  py::buffer_info info_;
};

py::bytes to_bytes(const Output& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Runs `call` without the interpreter's lock and hands over what it gives.
template <class Call>
py::bytes unlocked(const Call& call) {
  Output out;
  {
    const py::gil_scoped_release released;
    out = call();
  }
  return to_bytes(out);
}

py::bytes train(const std::vector<py::buffer>& texts, std::size_t size,
                const std::vector<unsigned>& weights) {
  std::vector<View> views;
  std::vector<TrainingText> training;
  for (const py::buffer& text : texts) {
    const unsigned weight = views.size() < weights.size() ? weights[views.size()] : 1;
    training.push_back({views.emplace_back(text).bytes(), weight});
  }
  return unlocked(
      [&] { return value_of(train_vocabulary(training, size, [](const char*, double) { return true; })); });
}

py::bytes choose_prime(const std::vector<py::buffer>& samples, std::size_t size) {
  std::vector<View> views;
  std::vector<std::span<const std::uint8_t>> bytes;
  for (const py::buffer& sample : samples) bytes.push_back(views.emplace_back(sample).bytes());
  return unlocked([&] { return value_of(train_prime(bytes, size)); });
}

class Compressor {
 public:
  explicit Compressor(const Settings& settings) : encoder_(value_of(Encoder::create(settings.compress()))) {}
  Output compress(Bytes content) {
    return locked([&](Output& out) { return encoder_.update(content, out); });
  }
  /// Ends the frame, or the stream.
  Output flush(bool stream) {
    return locked([&](Output& out) {
      if (stream) return encoder_.finish(out);
      return encoder_.flush([&](Bytes bytes) {
        out.insert(out.end(), bytes.begin(), bytes.end());
        return Status{};
      });
    });
  }

 private:
  template <class Call>
  Output locked(const Call& call) {
    const std::lock_guard lock(mutex_);
    Output out;
    check(call(out));
    return out;
  }
  std::mutex mutex_;
  Encoder encoder_;
};

/// Decodes one stream and keeps what stands behind it.
class Decompressor {
 public:
  explicit Decompressor(const Settings& settings)
      : stream_(value_of(CursorDecompressor::create(settings.decompress()))) {}

  /// At most `most` bytes (below 0: all there are); the rest comes with later calls.
  Output decompress(Bytes frames, std::ptrdiff_t most) {
    const std::lock_guard lock(mutex_);
    input_.insert(input_.end(), frames.begin(), frames.end());
    Bytes in = input_;
    Output out;
    while (!ended_) {
      const std::size_t before = out.size();
      const std::size_t left = most < 0 ? piece : static_cast<std::size_t>(most) - before;
      out.resize(before + std::min(left, piece));
      auto room = std::span(out).subspan(before);
      const Result<StreamState> state = stream_.advance(in, room);
      out.resize(out.size() - room.size());
      check(state.status());
      ended_ = state.value() == StreamState::done;
      needs_input_ = state.value() == StreamState::need_input;
      if (needs_input_) break;
      if (state.value() == StreamState::need_output && most >= 0 &&
          out.size() == static_cast<std::size_t>(most))
        break;
    }
    input_.erase(input_.begin(), input_.end() - static_cast<std::ptrdiff_t>(in.size()));
    return out;
  }
  [[nodiscard]] bool ended() const noexcept { return ended_; }
  [[nodiscard]] bool needs_input() const noexcept { return needs_input_; }
  [[nodiscard]] py::bytes unused() const { return ended_ ? to_bytes(input_) : py::bytes(); }

 private:
  static constexpr std::size_t piece = std::size_t{1} << 16;
  std::mutex mutex_;
  CursorDecompressor stream_;
  Output input_;
  bool ended_ = false;
  bool needs_input_ = true;
};

/// (offset, size, content offset, content size) of each frame; `read` is called with an offset and a size.
py::list frames_of(std::uint64_t size, const py::function& read) {
  const ReadAt read_at = [&](std::uint64_t offset, std::span<std::uint8_t> out) -> Status {
    const py::object got = read(offset, out.size());
    const View view{py::buffer(got)};
    if (view.bytes().size() != out.size()) return {Code::io_error, "the file is shorter than it was"};
    std::copy(view.bytes().begin(), view.bytes().end(), out.begin());
    return {};
  };
  py::list list;
  const FrameIndex index = value_of(FrameIndex::read(size, read_at));
  for (const FrameIndex::Frame& frame : index.frames())
    list.append(py::make_tuple(frame.offset, frame.size, frame.content_offset, frame.content_size));
  return list;
}

py::dict as_dict(const FrameInfo& frame) {
  py::dict fields;
  fields["offset"] = frame.offset;
  fields["frame_size"] = frame.frame_size;
  fields["content_size"] = frame.content_size;
  fields["level"] = frame.level;
  fields["memory_needed"] = frame.memory_needed;
  fields["vocabulary"] = frame.vocabulary;
  fields["has_checksum"] = frame.has_checksum;
  fields["checksum"] = frame.checksum;
  return fields;
}

void define_coders(py::module_& module) {
  py::class_<Compressor>(module, "Compressor")
      .def(py::init<const Settings&>(), py::arg("settings"))
      .def("compress",
           [](Compressor& self, const py::buffer& data) {
             const View view(data);
             return unlocked([&] { return self.compress(view.bytes()); });
           })
      .def(
          "flush", [](Compressor& self, bool stream) { return unlocked([&] { return self.flush(stream); }); },
          py::arg("stream"));
  py::class_<Decompressor>(module, "Decompressor")
      .def(py::init<const Settings&>(), py::arg("settings"))
      .def(
          "decompress",
          [](Decompressor& self, const py::buffer& data, std::ptrdiff_t max_length) {
            if (self.ended()) {
              PyErr_SetString(PyExc_EOFError, "already at the end of the stream");
              throw py::error_already_set();
            }
            const View view(data);
            return unlocked([&] { return self.decompress(view.bytes(), max_length); });
          },
          py::arg("data"), py::arg("max_length"))
      .def_property_readonly("eof", &Decompressor::ended)
      .def_property_readonly("needs_input", &Decompressor::needs_input)
      .def_property_readonly("unused_data", &Decompressor::unused);
}

void define_values(py::module_& module) {
  py::class_<Vocabulary>(module, "Vocabulary")
      .def(py::init([](const py::buffer& file) { return value_of(Vocabulary::parse(View(file).bytes())); }))
      .def_static("builtin", [] { return value_of(Vocabulary::builtin()); })
      .def_property_readonly("hash", &Vocabulary::hash)
      .def("__len__", &Vocabulary::size);
  py::class_<Prime>(module, "Prime")
      .def(py::init([](const py::buffer& content, const std::string& name) {
             return value_of(Prime::create(View(content).bytes(), name));
           }),
           py::arg("content"), py::arg("name") = "")
      .def_property_readonly("hash", &Prime::hash);
  py::class_<Settings>(module, "Settings")
      .def(py::init<>())
      .def_readwrite("level", &Settings::level)
      .def_readwrite("threads", &Settings::threads)
      .def_readwrite("memory_limit", &Settings::memory_limit)
      .def_readwrite("frame_size", &Settings::frame_size)
      .def_readwrite("output_limit", &Settings::output_limit)
      .def_readwrite("checksum", &Settings::checksum)
      .def_readwrite("part_of_stream", &Settings::part_of_stream)
      .def_readwrite("vocabularies", &Settings::vocabularies)
      .def_readwrite("primes", &Settings::primes);
}

void define_functions(py::module_& module) {
  module.def("compress", [](const py::buffer& data, const Settings& settings) {
    const View view(data);
    return unlocked([&] { return value_of(compress(view.bytes(), settings.compress())); });
  });
  module.def("decompress", [](const py::buffer& data, const Settings& settings) {
    const View view(data);
    return unlocked([&] { return value_of(decompress(view.bytes(), settings.decompress())); });
  });
  module.def("train_prime", &choose_prime, py::arg("samples"), py::arg("size"));
  module.def("train_vocabulary", &train, py::arg("texts"), py::arg("size"), py::arg("weights"));
  module.def("peek", [](const py::buffer& start) { return as_dict(value_of(peek(View(start).bytes()))); });
  module.def("inspect", [](const py::buffer& frames) {
    py::list list;
    for (const FrameInfo& frame : value_of(inspect(View(frames).bytes()))) list.append(as_dict(frame));
    return list;
  });
  module.def("index", &frames_of, py::arg("size"), py::arg("read"));
  module.attr("version") = version_string();
  module.attr("format_version") = frame_format_version();
  module.attr("peek_size") = peek_size;
}

void define_error(py::module_& module) {
  // NOLINTNEXTLINE: as pybind11 registers exceptions
  static PyObject* const error = py::exception<CoderError>(module, "SsmzError").inc_ref().ptr();
  py::register_exception_translator([](std::exception_ptr thrown) {
    try {
      if (thrown) std::rethrow_exception(thrown);
    } catch (const CoderError& failure) {
      const bool memory = failure.code() == Code::out_of_memory;
      PyErr_SetString(memory ? PyExc_MemoryError : error, failure.what());
    }
  });
}

}  // namespace
}  // namespace ssmz::python

PYBIND11_MODULE(_ssmz, module) {
  ssmz::python::define_error(module);
  ssmz::python::define_values(module);
  ssmz::python::define_coders(module);
  ssmz::python::define_functions(module);
}
