/*
 * Whether a draw is what it should be: the evidence, step by step, and what a browser leaves to others. Nothing here
 * trusts the page's own gateway beyond the bytes that it hands out; `livelot verify-draw` checks the rest.
 */

import { drawPlaces, hashEntries, hashLeaf, isSigned, rootFromPath, rootOf, sha256, toBytes, toHex } from "./draw.js";
import { t } from "./words.js";

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
  for (const [id, check] of STEPS) {
    const words = t(`check.${id}`);
    tell({ id, state: "running", words });
    const progress = (done) => tell({ id, state: "running", words: `${words} ${done}` });
    try {
      const { left = false, words: found } = await check(context, progress);
      tell({ id, state: left ? "left" : "passed", words: found });
    } catch (error) {
      if (!(error instanceof Failure) && !(error instanceof TypeError)) throw error;
      const found = error instanceof Failure ? error.message : t("check.not_like_evidence");
      tell({ id, state: "failed", words: found });
      return false;
    }
  }
  return true;
}

/** What remains to be believed, in sentences. */
export function describeTrust({ evidence }) {
  return [
    evidence.secret === null ? t("trust.beacon") : t("trust.secret"),
    evidence.timestamp ? t("trust.stamp") : t("trust.no_stamp"),
  ];
}

const STEPS = [
  ["lock", checkLock],
  ["signature", checkSignature],
  ["entries", checkEntries],
  ["own", checkOwn],
  ["randomness", checkRandomness],
  ["places", checkPlaces],
];

async function checkLock(context) {
  const { evidence, known } = context;
  require(evidence.format === FORMAT, "check.not_evidence");
  require(evidence.lock === known.lock, "check.other_lock");
  context.lock = JSON.parse(evidence.lock);
  const { number, entries, tickets } = context.lock;
  require(entries === evidence.entries.length, "check.entry_count", { lock: entries, file: evidence.entries.length });
  const values = { number, entries: t("count.entries", { count: entries }), tickets: t("count.tickets", { count: tickets }) };
  return { words: t("check.lock_holds", values) };
}

async function checkSignature({ evidence, known }) {
  require(evidence.key === known.key, "check.other_key");
  if (!evidence.signature) {
    require(evidence.void !== null, "check.never_signed");
    return { left: true, words: t("check.never_signed_void") };
  }
  const signed = await isSigned(evidence.key, evidence.signature, evidence.lock);
  if (signed === null) return { left: true, words: t("check.cannot_verify") };
  require(signed, "check.bad_signature");
  return { words: t("check.signature_holds") };
}

async function checkEntries(context, progress) {
  const { evidence, lock } = context;
  require(evidence.entries.every(([, tickets]) => Number.isSafeInteger(tickets) && tickets > 0), "check.no_ticket");
  const tickets = evidence.entries.reduce((sum, [, own]) => sum + own, 0);
  require(tickets === lock.tickets, "check.ticket_count", { file: tickets, lock: lock.tickets });
  const hashes = await hashEntries(evidence.entries, (done) => progress(t("check.progress", { done, all: lock.entries })));
  const root = toHex(await rootOf(hashes));
  require(root === lock.root, "check.other_entries");
  return { words: t("check.entries_hold", { root: `${root.slice(0, 16)}…` }) };
}

async function checkOwn({ lock, proof }) {
  if (proof === null) return { left: true, words: t("check.no_own") };
  for (const { entry, first, last, path } of proof.entries) {
    const leaf = await hashLeaf(proof.entrant, entry, first, last);
    const root = await rootFromPath(entry, lock.entries, leaf, path.map(toBytes));
    require(root !== null && toHex(root) === lock.root, "check.own_missing", { first, last });
  }
  const tickets = proof.entries.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  return { words: t("check.own_there", { count: tickets }) };
}

async function checkRandomness(context) {
  const { evidence, lock } = context;
  const { beacon } = lock;
  if (beacon.commitment) {
    const secret = toBytes(evidence.secret);
    require(toHex(await sha256(secret)) === beacon.commitment, "check.other_secret");
    context.randomness = secret;
    return { words: t("check.secret_holds") };
  }
  require(evidence.beacon.round === beacon.round, "check.other_round", { lock: beacon.round, file: evidence.beacon.round });
  context.randomness = await sha256(toBytes(evidence.beacon.signature));
  return { words: t("check.round_holds", { round: beacon.round }) };
}

async function checkPlaces({ evidence, lock, randomness }) {
  const seed = await sha256(encoder.encode(evidence.lock), randomness);
  const prizes = lock.prizes.flatMap(({ id, quantity }) => Array(Math.min(quantity, evidence.entries.length)).fill(id));
  const wanted = lock.prizes.reduce((sum, { quantity }) => sum + quantity, 0) + lock.reserves;
  const drawn = await drawPlaces(seed, evidence.entries, wanted);
  require(drawn.length === evidence.places.length, "check.place_count", { drawn: drawn.length, file: evidence.places.length });
  drawn.forEach(({ ticket, entry, entrant }, index) => {
    const place = evidence.places[index];
    const same = place.place === index + 1 && place.ticket === ticket && place.entry === entry && place.entrant === entrant;
    require(same && place.prize === (prizes[index] ?? ""), "check.other_place", { place: index + 1, ticket });
  });
  return { words: t("check.places_hold", { count: drawn.length }) };
}

/** Fails with the words of a key. */
function require(holds, key, values) {
  if (!holds) throw new Failure(t(key, values));
}
