-- One bid, decided in one script: atomic, durable with the next fsync, at most once a key.
--
-- KEYS: 1 the auction (hash: status, ends_at, opening, price, leader, maximum, bids), 2 the bidder (hash: available,
--       held), 3 the idempotency key of this bidder, 4 the auction's history (list)
-- ARGV: 1 the bidder's id, 2 the maximum, 3 how long the key is remembered in ms, 4 the channel of the auction,
--       5 what the keys of bidders start with
-- All keys share one hash tag, so the outbid leader's key, known only here, is in the same slot.
-- Returns the reply as JSON: {"result":{…}} or {"error":{…}}; INCREMENTS is filled in when the script is registered.

local INCREMENTS = {--[[INCREMENTS]]}

local function increment(price)
    for _, step in ipairs(INCREMENTS) do
        if price < step[1] then return step[2] end
    end
    return INCREMENTS[#INCREMENTS][2]
end

local function refuse(code, detail, value)
    return string.format('{"error":{"code":"%s","data":{"%s":%d}}}', code, detail, value)
end

local known = redis.call('GET', KEYS[3])
if known then return known end

local fields = redis.call('HMGET', KEYS[1], 'status', 'ends_at', 'opening', 'price', 'leader', 'maximum', 'bids')
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if not fields[1] then return refuse('unknown_auction', 'at', now) end
if fields[1] ~= 'open' then return refuse('auction_not_open', 'at', now) end
if now >= tonumber(fields[2]) then return refuse('auction_closed', 'at', now) end

local bidder, maximum = ARGV[1], tonumber(ARGV[2])
local price, leader = tonumber(fields[4]), fields[5]
local standing = tonumber(fields[6])
local raises = leader == bidder
local minimum = tonumber(fields[3])
if raises then
    minimum = standing + 1
elseif leader ~= '' then
    minimum = price + increment(price)
end
if maximum < minimum then return refuse('bid_too_low', 'minimum', minimum) end

local needed = raises and maximum - standing or maximum
local available = tonumber(redis.call('HGET', KEYS[2], 'available') or 0)
if available < needed then return refuse('insufficient_points', 'missing', needed - available) end

local leads = true
if raises then
    standing = maximum
elseif leader == '' then
    price, standing = minimum, maximum
elseif maximum > standing then
    local outbid = ARGV[5] .. leader
    redis.call('HINCRBY', outbid, 'available', standing)
    redis.call('HINCRBY', outbid, 'held', -standing)
    price = math.min(maximum, standing + increment(standing))
    standing = maximum
else
    price = math.min(standing, maximum + increment(maximum))
    leads = false
end
if leads then
    leader = bidder
    redis.call('HINCRBY', KEYS[2], 'available', -needed)
    redis.call('HINCRBY', KEYS[2], 'held', needed)
end

local number = tonumber(fields[7]) + 1
redis.call('HSET', KEYS[1], 'price', price, 'leader', leader, 'maximum', standing, 'bids', number)
redis.call('RPUSH', KEYS[4], string.format('[%d,"%s",%d,%d,%d]', number, bidder, maximum, price, now))
minimum = price + increment(price)
redis.call('PUBLISH', ARGV[4], string.format('{"bids":%d,"price":%d,"minimum":%d}', number, price, minimum))
local reply = string.format(
    '{"result":{"number":%d,"leading":%s,"price":%d,"maximum":%d,"minimum":%d,"ends_at":%s}}',
    number, tostring(leads), price, maximum, minimum, fields[2])
redis.call('SET', KEYS[3], reply, 'PX', ARGV[3])
return reply
