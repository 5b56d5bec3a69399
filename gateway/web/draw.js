/*
 * The draw, in the browser: everything of draw.md that WebCrypto and plain JavaScript can do. No document, no network.
 *
 * Functions take and give bytes as Uint8Array and hashes as lower-case hex. SHA-256 is WebCrypto's, which answers
 * later: long work goes in slices, and tells how far it is.
 */

const encoder = new TextEncoder();

/** How many entries are hashed at once, before the page gets its turn. */
const SLICE = 2_000;

const RANGE = 2n ** 128n;

export function toBytes(hex) {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

export function toHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export async function sha256(...parts) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", join(parts)));
}

/** The hash of an entry's leaf: canonical JSON, so its fields stand in the order of their names (RFC 8785). */
export function hashLeaf(entrant, entry, first, last) {
  const leaf = `{"entrant":"${entrant}","entry":${entry},"first":${first},"last":${last}}`;
  return sha256(Uint8Array.of(0), encoder.encode(leaf));
}

/** The root over leaf hashes (RFC 6962 §2.1): pairs from the left, an odd one goes up as it is. */
export async function rootOf(hashes) {
  if (!hashes.length) return sha256();
  let level = hashes;
  while (level.length > 1) level = await goUp(level);
  return level[0];
}

/** The root that an audit path leads to, from the leaf at `index` of `size`; null where it does not fit there. */
export async function rootFromPath(index, size, leaf, path) {
  let last = size - 1;
  let place = index;
  let hash = leaf;
  for (const sibling of path) {
    if (last === 0) return null;
    if (place % 2 || place === last) {
      hash = await hashNodes(sibling, hash);
      while (place % 2 === 0 && place !== 0) [place, last] = [place / 2, Math.floor(last / 2)];
    } else hash = await hashNodes(hash, sibling);
    [place, last] = [Math.floor(place / 2), Math.floor(last / 2)];
  }
  return last === 0 ? hash : null;
}

/** The leaf hashes of entries `[entrant, tickets]`, in their order; `progress(done)` is told how many there are. */
export async function hashEntries(entries, progress = () => {}) {
  const hashes = [];
  let first = 1;
  for (let start = 0; start < entries.length; start += SLICE) {
    const slice = entries.slice(start, start + SLICE).map(([entrant, tickets], place) => {
      const leaf = hashLeaf(entrant, start + place, first, first + tickets - 1);
      first += tickets;
      return leaf;
    });
    hashes.push(...(await Promise.all(slice)));
    progress(hashes.length);
    await pause();
  }
  return hashes;
}

/**
 * Draws `count` places among entries `[entrant, tickets]`: `{ ticket, entry, entrant }` each, fewer where there are
 * fewer entrants. An entrant leaves with all its tickets.
 */
export async function drawPlaces(seed, entries, count) {
  const remaining = new Tickets(entries.map(([, tickets]) => tickets));
  const own = new Map();
  entries.forEach(([entrant], entry) => own.set(entrant, [...(own.get(entrant) ?? []), entry]));
  const firsts = countFirsts(entries);
  const places = [];
  for (let block = 0; places.length < count && remaining.total > 0; ) {
    const drawn = await drawTicket(seed, block, remaining.total);
    block = drawn.next;
    const { entry, offset } = remaining.find(drawn.number);
    const entrant = entries[entry][0];
    places.push({ ticket: firsts[entry] + offset, entry, entrant });
    for (const leaving of own.get(entrant)) remaining.take(leaving, entries[leaving][1]);
  }
  return places;
}

/** One of `remaining` tickets, counted from 0, and the block to go on with; a block that would favour some is passed. */
export async function drawTicket(seed, block, remaining) {
  const modulus = BigInt(remaining);
  const limit = RANGE - (RANGE % modulus);
  for (let next = block; ; ) {
    const number = BigInt(`0x${toHex((await sha256(seed, bigEndian(next++))).subarray(0, 16))}`);
    if (number < limit) return { number: Number(number % modulus), next };
  }
}

/** Whether a signature (hex) over a text is that of an Ed25519 key (hex); null where this browser cannot tell. */
export async function isSigned(key, signature, text) {
  let imported;
  try {
    imported = await crypto.subtle.importKey("raw", toBytes(key), "Ed25519", false, ["verify"]);
  } catch {
    return null;
  }
  return crypto.subtle.verify("Ed25519", imported, toBytes(signature), encoder.encode(text));
}

/** Lets the page draw and be used. */
export function pause() {
  return new Promise((resolve) => setTimeout(resolve));
}

function hashNodes(left, right) {
  return sha256(Uint8Array.of(1), left, right);
}

async function goUp(level) {
  const above = [];
  for (let start = 0; start < level.length; start += 2 * SLICE) {
    const slice = [];
    for (let place = start; place < Math.min(start + 2 * SLICE, level.length); place += 2) {
      slice.push(place + 1 < level.length ? hashNodes(level[place], level[place + 1]) : level[place]);
    }
    above.push(...(await Promise.all(slice)));
    await pause();
  }
  return above;
}

function countFirsts(entries) {
  let next = 1;
  return entries.map(([, tickets]) => {
    const first = next;
    next += tickets;
    return first;
  });
}

function bigEndian(number) {
  return Uint8Array.of(number >>> 24, (number >>> 16) & 255, (number >>> 8) & 255, number & 255);
}

function join(parts) {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  parts.reduce((offset, part) => (bytes.set(part, offset), offset + part.length), 0);
  return bytes;
}

/** The tickets that remain of each entry, as a Fenwick tree: finding and taking cost a logarithm. */
class Tickets {
  #sums;

  constructor(counts) {
    this.total = counts.reduce((sum, count) => sum + count, 0);
    this.#sums = [0, ...counts];
    for (let place = 1; place < this.#sums.length; place++) {
      const above = place + (place & -place);
      if (above < this.#sums.length) this.#sums[above] += this.#sums[place];
    }
  }

  /** The entry that holds remaining ticket `number`, and which of its own that is; all from 0. */
  find(number) {
    let entry = 0;
    let offset = number;
    for (let step = 2 ** Math.ceil(Math.log2(this.#sums.length + 1)); step; step >>= 1) {
      const further = entry + step;
      if (further < this.#sums.length && this.#sums[further] <= offset) {
        entry = further;
        offset -= this.#sums[further];
      }
    }
    return { entry, offset };
  }

  take(entry, tickets) {
    this.total -= tickets;
    for (let place = entry + 1; place < this.#sums.length; place += place & -place) this.#sums[place] -= tickets;
  }
}
