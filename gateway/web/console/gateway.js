/*
 * The console's end of the gateway: questions that wait for a connection, commands that are sent until they are
 * answered, topics that views watch while they are shown.
 */

import { Connection, Lost } from "../socket.js";

export class Gateway {
  /** `phase` is connecting, live, lost or stopped; `since`: when the connection was there last (ms, 0: never). */
  status = { phase: "connecting", since: 0, words: "" };
  #connection;
  #watchers = new Map();
  #waiting = new Set();
  #onStatus;
  #onReturn = new Set();

  constructor(session, onStatus) {
    this.#onStatus = onStatus;
    this.#connection = new Connection({
      fetchToken: () => session.token(),
      onPush: (topic, state) => this.#tell(topic, state),
      onGone: (topic) => this.#drop(topic),
      onStatus: (status) => this.#setStatus(status),
    });
  }

  open() {
    this.#connection.open();
  }

  get live() {
    return this.status.phase === "live";
  }

  /** Asks as soon as there is a connection, and again if it was lost meanwhile. Throws `Refused`. */
  async ask(method, params = {}) {
    for (;;) {
      // Without a detour where there is one: what is asked before a command is sent is on its way before it.
      if (!this.live) await this.#becomeLive();
      try {
        return await this.#connection.ask(method, params);
      } catch (error) {
        if (!(error instanceof Lost)) throw error;
      }
    }
  }

  /** Rows of a list by its cursor, at most `most` of them: `{ rows, cursor }`, the cursor empty at the end. */
  async list(method, params, { field, cursor = "after", from = null, most = 1_000 }) {
    const rows = [];
    let next = from;
    do {
      const page = await this.ask(method, next ? { ...params, [cursor]: next } : params);
      rows.push(...page[field]);
      next = page.next;
    } while (next && rows.length < most);
    return { rows, cursor: next || null };
  }

  /** Sends until it is answered, the same to the last byte; throws `Refused`. */
  command(method, params) {
    return this.#connection.command(method, params, () => {});
  }

  /** Tells `take(state)` of a topic until the function that is returned is called; null: it is gone. */
  watch(topic, take) {
    const takers = this.#watchers.get(topic) ?? { latest: undefined, all: new Set(), gone: false };
    takers.all.add(take);
    this.#watchers.set(topic, takers);
    this.#watchAll();
    if (takers.latest !== undefined) take(takers.latest);
    return () => {
      takers.all.delete(take);
      if (takers.all.size || this.#watchers.get(topic) !== takers) return;
      this.#watchers.delete(topic);
      this.#watchAll();
    };
  }

  /** Calls `again` whenever a connection that was lost is back, until the function that is returned is called. */
  onReturn(again) {
    this.#onReturn.add(again);
    return () => this.#onReturn.delete(again);
  }

  #watchAll() {
    this.#connection.watch([...this.#watchers].filter(([, { gone }]) => !gone).map(([topic]) => topic));
  }

  /** What cannot be watched is not asked for again: a connection that asks for it in vain does not come back. */
  #drop(topic) {
    const takers = this.#watchers.get(topic);
    if (takers === undefined) return;
    takers.gone = true;
    this.#watchAll();
    this.#tell(topic, null);
  }

  #tell(topic, state) {
    const takers = this.#watchers.get(topic);
    if (takers === undefined) return;
    takers.latest = state;
    for (const take of [...takers.all]) take(state);
  }

  #setStatus({ phase, words = "" }) {
    const before = this.status;
    const since = phase === "live" || before.phase === "live" ? Date.now() : before.since;
    this.status = { phase, words, since };
    if (phase === "live" || phase === "stopped") {
      for (const settle of this.#waiting) settle();
      this.#waiting.clear();
    }
    if (phase === "live" && before.since) for (const again of [...this.#onReturn]) again();
    this.#onStatus(this.status);
  }

  #becomeLive() {
    return new Promise((resolve, reject) => {
      this.#waiting.add(() => (this.live ? resolve() : reject(new Lost(this.status.words))));
    });
  }
}
