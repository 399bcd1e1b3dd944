#include "segment_object.hpp"

#include <cmath>
#include <stdexcept>

#include "jobs.hpp"

namespace engine {
namespace {

/// Multiplications a search may cost to be done at once on the caller's thread: a few microseconds, what a way to the pool costs.
constexpr std::size_t kInlineCost = 1 << 15;

template <typename Array>
Array typed_array(Napi::Value value, napi_typedarray_type type, char const* what) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != type)
    throw Napi::TypeError::New(value.Env(), std::string(what) + (type == napi_float32_array ? " must be a Float32Array" : " must be a Uint32Array"));
  return value.As<Array>();
}

std::size_t whole_number(Napi::Value value, double lowest, double highest, char const* what) {
  if (!value.IsNumber()) throw Napi::TypeError::New(value.Env(), std::string(what) + " must be a number");
  double const number = value.As<Napi::Number>().DoubleValue();
  if (!(number >= lowest && number <= highest) || number != std::floor(number))
    throw Napi::RangeError::New(value.Env(), std::string(what) + " is out of range");
  return std::size_t(number);
}

/// The body of a method that throws.
template <typename Body>
Napi::Value throwing(Napi::Env env, Body body) {
  try {
    return body();
  } catch (Napi::Error const&) {
    throw;
  } catch (...) {
    throw to_javascript(env, std::current_exception());
  }
}

/// The body of a method that gives a promise: every error rejects it.
template <typename Body>
Napi::Value promising(Napi::Env env, Body body) {
  auto const rejected = [env](Napi::Error const& error) {
    auto const deferred = Napi::Promise::Deferred::New(env);
    deferred.Reject(error.Value());
    return deferred.Promise();
  };
  try {
    return body();
  } catch (Napi::Error const& error) {
    return rejected(error);
  } catch (...) {
    return rejected(to_javascript(env, std::current_exception()));
  }
}

Napi::Object object_of(Napi::Value value, char const* what) {
  if (!value.IsObject()) throw Napi::TypeError::New(value.Env(), std::string(what) + " must be an object");
  return value.As<Napi::Object>();
}

EnvironmentData& data_of(Napi::Env env) { return *env.GetInstanceData<EnvironmentData>(); }

SearchRequest read_request(Napi::Value value, Segment const& segment) {
  // Numbers before arrays: reading a property may run JavaScript, which may detach a buffer. Nothing runs between a look at an array and
  // the copy of it.
  Napi::Object const given = object_of(value, "request");
  SearchRequest request;
  double const anything = 9007199254740991;
  request.k = whole_number(given.Get("k"), 1, anything, "k");
  request.expansion = whole_number(given.Get("expansion"), 0, anything, "expansion");
  request.allowed_count = whole_number(given.Get("allowedCount"), 0, anything, "allowedCount");
  Napi::Value const exact = given.Get("exact");
  if (!exact.IsBoolean()) throw Napi::TypeError::New(value.Env(), "exact must be a boolean");
  request.exact = exact.As<Napi::Boolean>();
  std::size_t const capacity = segment.options().capacity;
  request.k = std::min(request.k, capacity);
  request.expansion = std::min(request.expansion, capacity);
  Napi::Value const vector_value = given.Get("vector"), allowed_value = given.Get("allowed");

  auto const vector = typed_array<Napi::Float32Array>(vector_value, napi_float32_array, "vector");
  if (vector.ElementLength() != segment.options().dimension)
    throw Napi::RangeError::New(value.Env(), "the vector has " + std::to_string(vector.ElementLength()) + " dimensions instead of " +
                                                 std::to_string(segment.options().dimension));
  request.vector.assign(vector.Data(), vector.Data() + vector.ElementLength());
  auto const allowed = typed_array<Napi::Uint32Array>(allowed_value, napi_uint32_array, "allowed");
  std::size_t const words = std::min(allowed.ElementLength(), (capacity + 31) / 32);
  if (words > 0) request.allowed.assign(allowed.Data(), allowed.Data() + words);
  segment.normalise_query(request.vector);
  return request;
}

}  // namespace

SegmentOptions read_options(Napi::Value value) {
  Napi::Object const given = object_of(value, "options");
  auto const number = [&given](char const* name) { return std::uint32_t(whole_number(given.Get(name), 0, 4294967295.0, name)); };
  SegmentOptions const options{number("dimension"), Metric(number("metric")), number("capacity"), number("connectivity"),
                               number("expansionAdd"), Traversal(number("traversal"))};
  options.validate();
  return options;
}

std::string read_path(Napi::Value value) {
  if (!value.IsString()) throw Napi::TypeError::New(value.Env(), "path must be a string");
  std::string path = value.As<Napi::String>().Utf8Value();
  if (path.empty() || path.find('\0') != std::string::npos) throw Napi::TypeError::New(value.Env(), "path must name a file");
  return path;
}

Napi::Function SegmentObject::define(Napi::Env env) {
  return DefineClass(env, "NativeSegment",
                     {InstanceMethod<&SegmentObject::put>("put"), InstanceMethod<&SegmentObject::get>("get"),
                      InstanceMethod<&SegmentObject::index>("index"), InstanceMethod<&SegmentObject::search>("search"),
                      InstanceMethod<&SegmentObject::save>("save"), InstanceMethod<&SegmentObject::count>("count"),
                      InstanceMethod<&SegmentObject::indexed_count>("indexedCount"), InstanceMethod<&SegmentObject::dispose>("dispose")});
}

Napi::Object SegmentObject::wrap(Napi::Env env, std::shared_ptr<Segment> segment) {
  Napi::Object const object = data_of(env).segment_class.New({});
  Unwrap(object)->segment_ = std::move(segment);
  return object;
}

SegmentObject::SegmentObject(Napi::CallbackInfo const& info) : Napi::ObjectWrap<SegmentObject>(info) {}

std::shared_ptr<Segment> const& SegmentObject::open_segment(Napi::Env env) const {
  if (!segment_) throw Napi::Error::New(env, "the segment is disposed");
  return segment_;
}

Napi::Value SegmentObject::put(Napi::CallbackInfo const& info) {
  Napi::Env const env = info.Env();
  return throwing(env, [&]() -> Napi::Value {
    Segment& segment = *open_segment(env);
    auto const slots = typed_array<Napi::Uint32Array>(info[0], napi_uint32_array, "slots");
    auto const vectors = typed_array<Napi::Float32Array>(info[1], napi_float32_array, "vectors");
    std::size_t const count = slots.ElementLength();
    if (vectors.ElementLength() != count * segment.options().dimension)
      throw Napi::RangeError::New(env, std::to_string(count) + " slots need " + std::to_string(count * segment.options().dimension) +
                                           " components, not " + std::to_string(vectors.ElementLength()));
    // Copied, because memory shared with another thread could change between the check of a slot and its use.
    std::vector<std::uint32_t> const copied(slots.Data(), slots.Data() + count);
    segment.put(copied, vectors.Data());
    return env.Undefined();
  });
}

Napi::Value SegmentObject::get(Napi::CallbackInfo const& info) {
  Napi::Env const env = info.Env();
  return throwing(env, [&]() -> Napi::Value {
    Segment const& segment = *open_segment(env);
    float const* const row = segment.get(std::uint32_t(whole_number(info[0], 0, 4294967295.0, "slot")));
    if (!row) return env.Undefined();
    auto copy = Napi::Float32Array::New(env, segment.options().dimension);
    std::copy(row, row + segment.options().dimension, copy.Data());
    return copy;
  });
}

Napi::Value SegmentObject::index(Napi::CallbackInfo const& info) {
  Napi::Env const env = info.Env();
  return promising(env, [&]() -> Napi::Value {
    auto const& segment = open_segment(env);
    std::size_t const limit = whole_number(info[0], 0, 9007199254740991.0, "limit");
    return start_indexing(env, data_of(env).completions, segment, limit);
  });
}

Napi::Value SegmentObject::search(Napi::CallbackInfo const& info) {
  Napi::Env const env = info.Env();
  return promising(env, [&]() -> Napi::Value {
    // A copy of the pointer: a getter of the request could dispose this object.
    std::shared_ptr<Segment> const segment = open_segment(env);
    SearchRequest request = read_request(info[0], *segment);
    auto const cost = segment->scan_cost(request);
    if (!cost || *cost > kInlineCost)
      return Job::start(env, search_job(env, data_of(env).completions, segment, std::move(request)), ThreadPool::Priority::kSearch);
    auto const deferred = Napi::Promise::Deferred::New(env);
    deferred.Resolve(hits_to_javascript(env, *segment, segment->scan(request)));
    return deferred.Promise();
  });
}

Napi::Value SegmentObject::save(Napi::CallbackInfo const& info) {
  Napi::Env const env = info.Env();
  return promising(env, [&]() -> Napi::Value {
    auto const& segment = open_segment(env);
    return Job::start(env, save_job(env, data_of(env).completions, segment, read_path(info[0])), ThreadPool::Priority::kBackground);
  });
}

Napi::Value SegmentObject::count(Napi::CallbackInfo const& info) {
  return Napi::Number::New(info.Env(), double(open_segment(info.Env())->count()));
}

Napi::Value SegmentObject::indexed_count(Napi::CallbackInfo const& info) {
  return Napi::Number::New(info.Env(), double(open_segment(info.Env())->indexed_count()));
}

Napi::Value SegmentObject::dispose(Napi::CallbackInfo const& info) {
  if (segment_) segment_->close();
  segment_.reset();
  return info.Env().Undefined();
}

}  // namespace engine
