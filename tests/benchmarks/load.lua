-- Requests of wrk from a file: a path in each line, with a tab and an ETag if the request is conditional.
-- With "once" as the second argument, the run ends after the last line, so that no URL is requested twice.
local ffi = require("ffi")
ffi.cdef [[
  typedef struct { long seconds; long microseconds; } moment;
  int gettimeofday(moment *now, void *zone);
]]

local function now()
  local moment = ffi.new("moment")
  ffi.C.gettimeofday(moment, nil)
  return tonumber(moment.seconds) * 1e6 + tonumber(moment.microseconds)
end

local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(arguments)
  requests, position, once = {}, 0, arguments[2] == "once"
  for line in io.lines(arguments[1]) do
    local path, etag = line:match("^([^\t]*)\t?(.*)$")
    local headers = {}
    if etag ~= "" then headers["If-None-Match"] = etag end
    requests[#requests + 1] = wrk.format("GET", path, headers)
  end
  began, ended = 0, 0
end

function request()
  if began == 0 then began = now() end
  position = position + 1
  if position > #requests then
    if once then
      if ended == 0 then ended = now() end
      wrk.thread:stop()
    end
    position = 1
  end
  return requests[position]
end

function done(summary, latency, _)
  local thread = threads[1]
  local began, ended = thread:get("began"), thread:get("ended")
  local elapsed = summary.duration
  if ended > 0 then elapsed = ended - began end
  local failed = summary.errors
  io.write(string.format(
    '\n{"requests": %d, "seconds": %f, "failed": %d, "p50": %f, "p99": %f}\n',
    summary.requests, elapsed / 1e6,
    failed.connect + failed.read + failed.write + failed.status + failed.timeout,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
