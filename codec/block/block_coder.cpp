// SPDX-License-Identifier: Apache-2.0
// The frame's model: the content models over one slot table, driven by the range coder.
#include "codec/block/block_coder.hpp"

#include <new>
#include <utility>

#include "codec/block/registry.hpp"
#include "codec/levels/level_models.hpp"
#include "codec/transform/instructions.hpp"
#include "model/kernels/kernels.hpp"

namespace ssmz::codec {
namespace {

class ModelBlockCoder final : public BlockCoder {
 public:
  ModelBlockCoder(const ModelParameters& parameters, std::shared_ptr<const Vocabulary> vocabulary,
                  unsigned threads)
      : parameters_(parameters),
        vocabulary_(std::move(vocabulary)),
        threads_(threads),
        table_(std::make_unique<SlotTable>(table_bytes(parameters), of_known_size(parameters))),
        estimates_(vocabulary_, parameters.level),
        models_(content_kinds().size()) {}

  [[nodiscard]] bool valid() const noexcept { return table_->valid(); }

  [[nodiscard]] KindCosts kind_costs(std::span<const std::uint8_t> raw) override {
    return estimates_.of(raw);
  }

  Status encode(BlockType type, std::span<const std::uint8_t> raw, std::vector<std::uint8_t>& coded,
                const Progress& progress) override {
    if (type.kind == BlockKind::transformed) return encode_plain(type, raw, coded, progress);
    return encode_as(type, nullptr, raw, coded, progress);
  }

  Status decode(BlockType type, std::span<const std::uint8_t> coded, std::size_t raw_size,
                std::vector<std::uint8_t>& raw, const Progress& progress) override {
    if (type.kind == BlockKind::transformed) return decode_plain(type, coded, raw_size, raw, progress);
    return decode_as(type, nullptr, coded, raw_size, raw, progress);
  }

  Result<std::unique_ptr<BlockCoder>> make_image() override {
    for (const auto& model : models_)
      if (model && !model->copyable()) return std::unique_ptr<BlockCoder>();
    auto image = std::make_unique<ModelBlockCoder>(parameters_, vocabulary_, threads_);
    std::swap(table_, image->table_);
    std::swap(models_, image->models_);
    image->table_->freeze();
    for (const auto& model : image->models_)
      if (model) model->freeze();
    if (const Status status = start_from(*image); !status.ok()) return status;
    return std::unique_ptr<BlockCoder>(std::move(image));
  }

  Status start_from(const BlockCoder& image) override {
    const auto* const from = dynamic_cast<const ModelBlockCoder*>(&image);
    if (!from) return {Code::bad_argument, "no image of such a coder"};
    // The table stays where it is while models are over it.
    auto table = std::make_unique<SlotTable>(*from->table_);
    if (!table->valid()) return {Code::out_of_memory, "no memory for the n-gram table"};
    const ContentEnvironment environment{parameters_, vocabulary_, *table, threads_};
    std::vector<std::unique_ptr<ContentModel>> models(from->models_.size());
    for (std::size_t i = 0; i < models.size(); ++i)
      if (from->models_[i]) models[i] = from->models_[i]->copy(environment);
    models_ = std::move(models);
    table_ = std::move(table);
    return {};
  }

 private:
  // Blocks of any kind but transformed ones; `written`: how their bytes are written, nullptr: as they are.
  Status encode_as(BlockType type, const TransformLayout* written, std::span<const std::uint8_t> raw,
                   std::vector<std::uint8_t>& coded, const Progress& progress) {
    ContentModel* const model = begin(type, written);
    if (!model) return {Code::bad_argument, "blocks of this kind are not modelled"};
    const model::ScopedFloatMode mode;
    EncodeIo io(coded);
    const Status status = model->encode(io, raw, progress);
    io.finish();
    return status;
  }

  Status decode_as(BlockType type, const TransformLayout* written, std::span<const std::uint8_t> coded,
                   std::size_t raw_size, std::vector<std::uint8_t>& raw, const Progress& progress) {
    ContentModel* const model = begin(type, written);
    if (!model) return {Code::data_damaged, "no kind of block is of this type"};
    const model::ScopedFloatMode mode;
    DecodeIo io(coded);
    const Status status = model->decode(io, raw_size, raw, progress);
    if (!status.ok() || io.finished()) return status;
    return {Code::data_damaged, "block ends as no encoder ends it"};
  }

  // A block of content that is written from plainer bytes: those are coded as a block of their own kind.
  Status encode_plain(BlockType written, std::span<const std::uint8_t> raw, std::vector<std::uint8_t>& coded,
                      const Progress& progress) {
    const TransformLayout layout = TransformLayout::unpacked(written.layout);
    const std::optional<std::vector<std::uint8_t>> plain =
        valid_transform_layout(written.layout) ? plain_of(layout, raw) : std::nullopt;
    if (!plain || plain->size() != layout.plain_size)
      return {Code::data_damaged, "content is not what its transform writes"};
    if (const BlockKind kind = modelled_kind(written); kind != BlockKind::stored)
      return encode_as(kind, &layout, *plain, coded, without_count(progress));
    coded.insert(coded.end(), plain->begin(), plain->end());
    return {};
  }

  Status decode_plain(BlockType written, std::span<const std::uint8_t> coded, std::size_t raw_size,
                      std::vector<std::uint8_t>& raw, const Progress& progress) {
    const Status damaged{Code::data_damaged, "a block's plain bytes are not written as it says"};
    if (!valid_transform_layout(written.layout)) return damaged;
    const TransformLayout layout = TransformLayout::unpacked(written.layout);
    if (!can_write(layout, raw_size)) return damaged;
    std::vector<std::uint8_t> plain;
    if (const BlockKind kind = modelled_kind(written); kind == BlockKind::stored) {
      plain.assign(coded.begin(), coded.end());
    } else {
      const Status status =
          decode_as(kind, &layout, coded, layout.plain_size, plain, without_count(progress));
      if (!status.ok()) return status;
    }
    const bool fits = plain.size() == layout.plain_size && append_written(layout, plain, raw_size, raw);
    if (!fits) return damaged;
    return {};
  }

  // The models are large: each is built when the first block of its kind comes.
  ContentModel* begin(BlockType type, const TransformLayout* written) {
    const ContentKind* const kind = find_kind(type.kind);
    if (!kind || !kind->make || !fits(*kind, type.layout)) return nullptr;
    std::unique_ptr<ContentModel>& model = models_[static_cast<std::size_t>(kind - content_kinds().data())];
    if (!model) model = kind->make({parameters_, vocabulary_, *table_, threads_});
    if (kind->valid_layout) model->set_layout(type.layout);
    if (written && written->transform == Transform::instructions)
      model->expect_instructions(processor_of(*written));
    return model.get();
  }

  ModelParameters parameters_;
  std::shared_ptr<const Vocabulary> vocabulary_;
  unsigned threads_;
  std::unique_ptr<SlotTable> table_;  // models refer to it
  KindEstimates estimates_;
  std::vector<std::unique_ptr<ContentModel>> models_;  // [row of the registry]
};

}  // namespace

std::uint64_t memory_needed(const ModelParameters& parameters, std::size_t lexemes) {
  // What the program, its buffers and a block's tokens take beside: at most 13 MiB (-1 to -9, text and a
  // program, either direction).
  constexpr std::uint64_t rest = std::uint64_t{16} << 20;
  // Copies want the content they reach back over, and to be found a sixteenth of it in fingerprints.
  const std::uint64_t reach = copy_reach(parameters);
  std::uint64_t sum = table_bytes(parameters) + Vocabulary::memory(lexemes) + reach + reach / 16 + rest;
  for (const ContentKind& kind : content_kinds())
    if (kind.memory) sum += kind.memory(parameters, lexemes);
  return sum;
}

Result<std::unique_ptr<BlockCoder>> BlockCoder::create(const ModelParameters& parameters,
                                                       std::shared_ptr<const Vocabulary> vocabulary,
                                                       unsigned threads) {
  if (!codec::valid(parameters) || !vocabulary)
    return Status{Code::bad_argument, "model parameters out of range"};
  try {
    auto coder = std::make_unique<ModelBlockCoder>(parameters, std::move(vocabulary), threads);
    if (!coder->valid()) return Status{Code::out_of_memory, "no memory for the n-gram table"};
    return Result<std::unique_ptr<BlockCoder>>(std::move(coder));
  } catch (const std::bad_alloc&) {
    return Status{Code::out_of_memory, "no memory for the model"};
  }
}

CoderFactory BlockCoder::factory(unsigned threads) {
  return [threads](const ModelParameters& parameters, std::shared_ptr<const Vocabulary> vocabulary) {
    return create(parameters, std::move(vocabulary), threads);
  };
}

}  // namespace ssmz::codec
