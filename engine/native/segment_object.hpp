// The JavaScript object around a segment. Arguments come from a program that may be wrong: each is examined and copied before use, and a
// wrong one gives TypeError or RangeError. Disposing lets go of the segment; work under way keeps its own hold.
#pragma once

#include <napi.h>

#include <memory>
#include <string>

#include "completions.hpp"
#include "segment.hpp"

namespace engine {

struct EnvironmentData {
  std::shared_ptr<Completions> completions;
  Napi::FunctionReference segment_class;
};

SegmentOptions read_options(Napi::Value value);
std::string read_path(Napi::Value value);

class SegmentObject : public Napi::ObjectWrap<SegmentObject> {
 public:
  static Napi::Function define(Napi::Env env);
  static Napi::Object wrap(Napi::Env env, std::shared_ptr<Segment> segment);

  explicit SegmentObject(Napi::CallbackInfo const& info);

 private:
  Napi::Value put(Napi::CallbackInfo const& info);
  Napi::Value get(Napi::CallbackInfo const& info);
  Napi::Value index(Napi::CallbackInfo const& info);
  Napi::Value search(Napi::CallbackInfo const& info);
  Napi::Value save(Napi::CallbackInfo const& info);
  Napi::Value count(Napi::CallbackInfo const& info);
  Napi::Value indexed_count(Napi::CallbackInfo const& info);
  Napi::Value dispose(Napi::CallbackInfo const& info);

  std::shared_ptr<Segment> const& open_segment(Napi::Env env) const;

  std::shared_ptr<Segment> segment_;
};

}  // namespace engine
