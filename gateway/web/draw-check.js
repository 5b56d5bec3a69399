/*
 * Whether a draw is what it should be: the evidence, step by step, and what a browser leaves to others. Nothing here
 * trusts the page's own gateway beyond the bytes that it hands out; `livelot verify-draw` checks the rest.
 */

import { drawPlaces, hashEntries, hashLeaf, isSigned, rootFromPath, rootOf, sha256, toBytes, toHex } from "./draw.js";
import { count, formatPoints } from "./format.js";

const FORMAT = "livelot-evidence-1";
const encoder = new TextEncoder();

/** A step that fails: its words say why. */
class Failure extends Error {}

/**
 * Goes through the steps, in their order, up to the first that fails. `evidence` is the file's content, `known` what
 * this page was shown before it: `{ key, lock }`; `proof` proves the member's own entries, null where it has none.
 * `tell({ id, state, words })` is told of each step as it begins (`running`) and ends (`passed`, `failed`, `left`).
 * Returns whether none failed.
 */
export async function checkDraw({ evidence, known, proof }, tell) {
  const context = { evidence, known, proof };
  for (const [id, words, check] of STEPS) {
    tell({ id, state: "running", words });
    const progress = (done) => tell({ id, state: "running", words: `${words} ${done}` });
    try {
      const { left = false, words: found } = await check(context, progress);
      tell({ id, state: left ? "left" : "passed", words: found });
    } catch (error) {
      if (!(error instanceof Failure) && !(error instanceof TypeError)) throw error;
      const found = error instanceof Failure ? error.message : "The file is not what evidence looks like.";
      tell({ id, state: "failed", words: found });
      return false;
    }
  }
  return true;
}

/** What remains to be believed, in sentences. */
export function describeTrust({ evidence }) {
  const words = [];
  if (evidence.secret !== null) {
    words.push(
      "The randomness is a secret of the operator's own. That protects against a change after the fact, not against an operator who tries entries against a secret that it knows.",
    );
  } else words.push("The beacon's own signature is left to `livelot verify-draw`: browsers cannot check that kind.");
  words.push(
    evidence.timestamp
      ? "The outside time stamp is left to `livelot verify-draw`."
      : "The lock's time is the operator's word: there is no outside time stamp.",
  );
  return words;
}

const STEPS = [
  ["lock", "Comparing the lock with the one that was published…", checkLock],
  ["signature", "Checking the program's signature…", checkSignature],
  ["entries", "Hashing all entries…", checkEntries],
  ["own", "Looking for your own entries…", checkOwn],
  ["randomness", "Checking the randomness…", checkRandomness],
  ["places", "Drawing again…", checkPlaces],
];

async function checkLock(context) {
  const { evidence, known } = context;
  require(evidence.format === FORMAT, "The file is not evidence of a draw.");
  require(evidence.lock === known.lock, "The file's lock is another one than the one that was published.");
  context.lock = JSON.parse(evidence.lock);
  const { number, entries, tickets } = context.lock;
  require(entries === evidence.entries.length, `The lock counts ${entries} entries, the file has ${evidence.entries.length}.`);
  return { words: `Lock ${number}: ${count(entries, "entry").replace("entrys", "entries")}, ${count(tickets, "ticket")}, as it was published.` };
}

async function checkSignature({ evidence, known }) {
  require(evidence.key === known.key, "The file is signed with another key than the published lock.");
  if (!evidence.signature) {
    require(evidence.void !== null, "The lock was never signed.");
    return { left: true, words: "The lock was never signed; the raffle is void." };
  }
  const signed = await isSigned(evidence.key, evidence.signature, evidence.lock);
  if (signed === null) return { left: true, words: "This browser cannot check Ed25519 signatures." };
  require(signed, "The signature is not that of this lock and this key.");
  return { words: "The lock was signed with the program's key, and not a byte of it has changed." };
}

async function checkEntries(context, progress) {
  const { evidence, lock } = context;
  require(evidence.entries.every(([, tickets]) => Number.isSafeInteger(tickets) && tickets > 0), "An entry has no ticket.");
  const tickets = evidence.entries.reduce((sum, [, own]) => sum + own, 0);
  require(tickets === lock.tickets, `The entries have ${tickets} tickets, the lock counts ${lock.tickets}.`);
  const hashes = await hashEntries(evidence.entries, (done) => progress(`${formatPoints(done)} of ${formatPoints(lock.entries)}`));
  const root = toHex(await rootOf(hashes));
  require(root === lock.root, "The entries are not those that were locked: one was changed, left out or added.");
  return { words: `All entries together give the root that was published: ${root.slice(0, 16)}…` };
}

async function checkOwn({ lock, proof }) {
  if (proof === null) return { left: true, words: "You have no tickets in this raffle." };
  for (const { entry, first, last, path } of proof.entries) {
    const leaf = await hashLeaf(proof.entrant, entry, first, last);
    const root = await rootFromPath(entry, lock.entries, leaf, path.map(toBytes));
    require(root !== null && toHex(root) === lock.root, `Your tickets ${first} to ${last} are not in the lock.`);
  }
  const tickets = proof.entries.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  return { words: `${count(tickets, "ticket")} of yours ${tickets === 1 ? "is" : "are"} in the lock.` };
}

async function checkRandomness(context) {
  const { evidence, lock } = context;
  const { beacon } = lock;
  if (beacon.commitment) {
    const secret = toBytes(evidence.secret);
    require(toHex(await sha256(secret)) === beacon.commitment, "The secret is not the one that was committed to at the opening.");
    context.randomness = secret;
    return { words: "The secret is the one that was committed to at the opening." };
  }
  require(evidence.beacon.round === beacon.round, `The lock names round ${beacon.round}, the file has ${evidence.beacon.round}.`);
  context.randomness = await sha256(toBytes(evidence.beacon.signature));
  return { words: `Drawn from drand's round ${formatPoints(beacon.round)}, as the lock had named it.` };
}

async function checkPlaces({ evidence, lock, randomness }) {
  const seed = await sha256(encoder.encode(evidence.lock), randomness);
  const prizes = lock.prizes.flatMap(({ id, quantity }) => Array(Math.min(quantity, evidence.entries.length)).fill(id));
  const wanted = lock.prizes.reduce((sum, { quantity }) => sum + quantity, 0) + lock.reserves;
  const drawn = await drawPlaces(seed, evidence.entries, wanted);
  require(drawn.length === evidence.places.length, `${drawn.length} places are drawn, the file has ${evidence.places.length}.`);
  drawn.forEach(({ ticket, entry, entrant }, index) => {
    const place = evidence.places[index];
    const same = place.place === index + 1 && place.ticket === ticket && place.entry === entry && place.entrant === entrant;
    require(same && place.prize === (prizes[index] ?? ""), `Place ${index + 1} comes out otherwise: it goes to ticket ${ticket}.`);
  });
  return { words: `Drawn again here, all ${count(drawn.length, "place")} come out the same.` };
}

function require(holds, words) {
  if (!holds) throw new Failure(words);
}
