/**
 * The buckets of one limiter, as `token-bucket.ts` keeps them in a process: refilled continuously, peaks kept so that what comes back never
 * exceeds what a bucket without the draw would hold. One key holds them all, for as long as it says something.
 *
 * KEYS[1]: the limiter. ARGV[1]: `{ op, axes: { name: { capacity, perMs } }, … }` as JSON; ARGV[2]: milliseconds of the asker's clock, or
 * empty for the server's. Capacities below 0 are infinite. Answers JSON: `{ waitMs, draws, axes: { name: { level, capacity } }, blockedMs }`.
 */
export const BUCKET_SCRIPT = `
local ask = cjson.decode(ARGV[1])
local now = tonumber(ARGV[2])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
now = math.floor(now)
local stored = redis.call('GET', KEYS[1])
local all = stored and cjson.decode(stored) or { blockedUntil = 0, buckets = {} }
local longest = 1000

for name, axis in pairs(ask.axes) do
  local b = all.buckets[name]
  if not b then
    b = { capacity = axis.capacity, level = math.max(0, axis.capacity), at = now, draws = 0, peaks = {}, until_ = 0, pace = 0 }
    all.buckets[name] = b
  end
  b.perMs = axis.perMs
  if axis.capacity >= 0 and (b.capacity < 0 or b.capacity > axis.capacity) then
    b.capacity = axis.capacity
    b.level = math.min(b.level, b.capacity)
  end
  b.most = axis.capacity
end
for _, b in pairs(all.buckets) do
  if now > b.at then
    if b.capacity >= 0 then
      local paced = math.max(0, math.min(now, b.until_) - b.at)
      b.level = math.min(b.capacity, b.level + paced * b.pace + (now - b.at - paced) * b.capacity / b.perMs)
    end
    b.at = now
  end
  longest = math.max(longest, b.perMs * 2, b.until_ - now + b.perMs)
end

local function waitMs(b, amount)
  if b.capacity < 0 then return 0 end
  local missing = amount - b.level
  if missing <= 0 or missing <= b.capacity * 1e-9 then return 0 end
  local paced = math.max(0, b.until_ - now)
  if missing <= paced * b.pace then return missing / b.pace end
  return paced + (missing - paced * b.pace) / (b.capacity / b.perMs)
end
local function keepPeak(b)
  while #b.peaks > 0 and b.peaks[#b.peaks][2] <= b.level do table.remove(b.peaks) end
  table.insert(b.peaks, { b.draws, b.level })
  -- Two become one, which errs on the side of giving back less.
  if #b.peaks > 64 then
    b.peaks[2][2] = b.peaks[1][2]
    table.remove(b.peaks, 1)
  end
end
local function draw(b, amount)
  if b.capacity < 0 then return 0 end
  if amount > 0 then keepPeak(b) end
  b.level = b.level - amount
  b.draws = b.draws + 1
  return b.draws
end
local function correct(b, number, estimate, actual)
  if b.capacity < 0 then return end
  if actual > estimate then
    b.level = b.level - (actual - estimate)
    return
  end
  local fullest, since = b.level, 0
  for index, peak in ipairs(b.peaks) do
    if peak[1] >= number then
      since = index
      fullest = math.max(fullest, peak[2])
      break
    end
  end
  local returned = math.min(estimate - actual, math.max(0, b.capacity - fullest))
  b.level = b.level + returned
  if since > 0 then for index = since, #b.peaks do b.peaks[index][2] = b.peaks[index][2] + returned end end
end

local answer = { waitMs = math.max(0, all.blockedUntil - now), draws = {}, axes = {} }
if ask.op == 'draw' then
  for name, amount in pairs(ask.amounts) do answer.waitMs = math.max(answer.waitMs, waitMs(all.buckets[name], amount)) end
  if answer.waitMs <= 0 then
    for name, amount in pairs(ask.amounts) do answer.draws[name] = draw(all.buckets[name], amount) end
  end
elseif ask.op == 'end' then
  for name, each in pairs(ask.ends) do
    local b = all.buckets[name]
    if each.draw then
      -- A draw that the server has forgotten, with the bucket, is not given back.
      if each.draw <= b.draws then correct(b, each.draw, each.estimate, each.actual) end
    else
      draw(b, each.actual)
    end
  end
elseif ask.op == 'observe' then
  local b = all.buckets[ask.axis]
  keepPeak(b)
  if ask.limit and ask.limit > 0 then
    local was = b.capacity
    b.capacity = b.most >= 0 and math.min(b.most, ask.limit) or ask.limit
    b.level = was < 0 and b.capacity or math.min(b.level, b.capacity)
  end
  if ask.remaining and ask.remaining >= 0 and b.capacity >= 0 then
    b.level = math.min(b.level, ask.remaining)
    if ask.resetMs and ask.resetMs > 0 and ask.remaining < b.capacity then
      local pace = (b.capacity - ask.remaining) / ask.resetMs
      if pace < b.capacity / b.perMs then b.until_, b.pace = now + ask.resetMs, pace else b.until_, b.pace = 0, 0 end
    end
  end
elseif ask.op == 'block' then
  all.blockedUntil = math.max(all.blockedUntil, now + ask.ms)
end

answer.blockedMs = math.max(0, all.blockedUntil - now)
for name, b in pairs(all.buckets) do answer.axes[name] = { level = b.level, capacity = b.capacity } end
redis.call('SET', KEYS[1], cjson.encode(all), 'PX', math.ceil(math.max(longest, answer.blockedMs + 1000)))
return cjson.encode(answer)
`;
