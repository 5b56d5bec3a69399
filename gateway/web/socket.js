/*
 * One connection to the gateway that heals itself.
 *
 * Topics that are watched are subscribed to again after every reconnect. A command carries a key and an instant
 * after which it must not be applied (`not_after`); while its answer is missing it is sent again, the same to the
 * last byte, so it happens at most once and is never taken for done before the gateway said so.
 */

import { learn, now } from "./clock.js";

const { OPEN } = WebSocket;
const CALL_TIME = 8_000;
const HEARTBEAT = 10_000;
const COMMAND_WINDOW = 60_000;
const LEAST_PAUSE = 400;
const LONGEST_PAUSE = 10_000;

/** A call that the gateway refused: `code` is the reason's name, `details` what comes with it. */
export class Refused extends Error {
  constructor({ message, data }) {
    super(message);
    this.code = data?.code ?? "internal";
    this.details = data ?? {};
  }
}

/** A question whose answer was lost with the connection. */
export class Lost extends Error {}

export class Connection {
  #socket = null;
  #calls = new Map();
  #unanswered = new Set();
  #topics = new Set();
  #subscribed = new Set();
  #attended = new Map();
  #nextId = 1;
  #attempt = 0;
  #live = false;
  #timers = {};
  #turn = 0;
  #options;

  /**
   * `fetchToken()` gives a token, or throws (`{ final: true }` to give up). `onPush(topic, state, position)`,
   * `onGone(topic)`, for what cannot be watched any more, and `onStatus({ phase, words, retryAt })` are told; a
   * phase is live, lost or stopped.
   */
  constructor(options) {
    this.#options = options;
    addEventListener("online", () => this.#hurry());
    addEventListener("pageshow", () => this.#hurry());
    document.addEventListener("visibilitychange", () => document.hidden || this.#hurry());
  }

  /** Opens the connection, or opens it anew: as another member, say. */
  open() {
    this.#drop();
    this.#attempt = 0;
    this.#subscribed.clear();
    this.#connect();
  }

  /** Watches exactly these topics from now on. */
  watch(topics) {
    this.#topics = new Set(topics);
    if (this.#live) this.#synchroniseTopics();
  }

  /**
   * Watches a topic that takes parameters, such as the experiences whose prices are shown; other parameters take
   * the place of those before.
   */
  attend(topic, parameters) {
    if (JSON.stringify(this.#attended.get(topic)) === JSON.stringify(parameters)) return;
    this.#attended.set(topic, parameters);
    if (this.#live) this.#subscribeWith(topic, parameters);
  }

  /** Forgets commands that have no answer: their member is not ours any more. */
  abandon() {
    this.#unanswered.clear();
  }

  /** Asks once; throws `Refused`, or `Lost` if the connection goes first. */
  async ask(method, params) {
    return (await this.look(method, params)).result;
  }

  /** Asks as `ask` does; `{ result, position }`, the position that the answer speaks for. */
  look(method, params) {
    if (!this.#live) return Promise.reject(new Lost("There is no connection."));
    return this.#call(method, params);
  }

  /** Sends until there is an answer; `onDelay` is told when it has to be sent again. Throws `Refused`. */
  command(method, params, onDelay) {
    return new Promise((resolve, reject) => {
      const envelope = { key: makeKey(), not_after: Math.round(now() + COMMAND_WINDOW) };
      const command = { method, params: { ...params, ...envelope }, resolve, reject, onDelay };
      this.#unanswered.add(command);
      if (this.#live) this.#send(command);
      else onDelay();
    });
  }

  async #connect() {
    const turn = ++this.#turn;
    clearTimeout(this.#timers.retry);
    try {
      const socket = new WebSocket(socketUrl(), ["livelot.v1"]);
      this.#socket = socket;
      socket.onmessage = (event) => this.#receive(JSON.parse(event.data));
      socket.onclose = (event) => socket === this.#socket && this.#lose(event);
      const [token] = await Promise.all([this.#options.fetchToken(), opened(socket)]);
      if (turn !== this.#turn) return;
      const always = [...this.#topics].filter((topic) => !topic.includes(":"));
      // The gateway takes them in this order, so that none of them has to wait for the answer to the one before.
      const calls = [this.#call("authenticate", { token }), this.#ping()];
      if (always.length) calls.push(this.#call("subscribe", { topics: always }));
      await Promise.all(calls);
      if (turn !== this.#turn) return;
      this.#subscribed = new Set(always);
      this.#goLive();
    } catch (error) {
      if (turn === this.#turn) this.#lose({ code: 0, reason: error.message, final: error.final });
    }
  }

  #goLive() {
    this.#live = true;
    this.#attempt = 0;
    this.#timers.heartbeat = setInterval(() => this.#beat(), HEARTBEAT);
    this.#options.onStatus({ phase: "live" });
    this.#synchroniseTopics();
    for (const [topic, parameters] of this.#attended) this.#subscribeWith(topic, parameters);
    for (const command of [...this.#unanswered]) this.#send(command);
  }

  #lose({ code, reason, final = false }) {
    this.#drop();
    if (final) {
      this.#options.onStatus({ phase: "stopped", words: reason });
      return;
    }
    // 4003 says that we were far too fast; every other code may come back at once, with a fresh token.
    const least = code === 4003 ? LONGEST_PAUSE : LEAST_PAUSE;
    const longest = Math.min(LONGEST_PAUSE, least * 2 ** this.#attempt++);
    const pause = longest * (0.5 + Math.random() / 2);
    this.#options.onStatus({ phase: "lost", words: reason, retryAt: Date.now() + pause });
    this.#timers.retry = setTimeout(() => this.#connect(), pause);
  }

  #drop() {
    this.#turn++;
    this.#live = false;
    this.#subscribed.clear();
    clearInterval(this.#timers.heartbeat);
    clearTimeout(this.#timers.retry);
    const socket = this.#socket;
    this.#socket = null;
    if (socket !== null) {
      socket.onmessage = socket.onclose = null;
      socket.close();
    }
    for (const { reject } of this.#calls.values()) reject(new Lost("The connection was lost."));
    this.#calls.clear();
    for (const command of this.#unanswered) command.onDelay();
  }

  #hurry() {
    if (this.#live) this.#beat();
    else if (this.#socket === null && this.#attempt > 0) {
      this.#attempt = 0;
      this.#connect();
    }
  }

  async #beat() {
    const turn = this.#turn;
    try {
      await this.#ping();
    } catch {
      // A network that went away says nothing; a ping without an answer does.
      if (turn === this.#turn) this.#lose({ code: 0, reason: "The gateway does not answer." });
    }
  }

  async #ping() {
    const sent = performance.now();
    const { time } = (await this.#call("ping", {})).result;
    learn(sent, performance.now(), time);
  }

  async #send(command) {
    try {
      command.resolve((await this.#call(command.method, command.params)).result);
    } catch (error) {
      if (error instanceof Lost) return; // it stays, and goes again with the next connection
      command.reject(error);
    }
    this.#unanswered.delete(command);
  }

  #synchroniseTopics() {
    const more = [...this.#topics].filter((topic) => !this.#subscribed.has(topic));
    const fewer = [...this.#subscribed].filter((topic) => !this.#topics.has(topic));
    for (const topic of more) this.#subscribed.add(topic);
    for (const topic of fewer) this.#subscribed.delete(topic);
    if (fewer.length) this.#call("unsubscribe", { topics: fewer }).catch(() => {});
    if (more.length) this.#subscribe(more);
  }

  /** All in one call. An auction that is gone meanwhile must not keep the others out: half of them is tried, and so on. */
  async #subscribe(topics) {
    try {
      await this.#call("subscribe", { topics });
    } catch (error) {
      if (!(error instanceof Refused)) return;
      if (topics.length === 1) {
        this.#options.onGone(topics[0]);
        return;
      }
      const middle = Math.ceil(topics.length / 2);
      this.#subscribe(topics.slice(0, middle));
      this.#subscribe(topics.slice(middle));
    }
  }

  /** What cannot be watched is not told: its state stays what questions about it answered. */
  #subscribeWith(topic, parameters) {
    this.#call("subscribe", { topics: [topic], ...parameters }).catch(() => {});
  }

  #call(method, params) {
    // One that is closing says so soon; what is sent meanwhile would go nowhere.
    if (this.#socket?.readyState !== OPEN) return Promise.reject(new Lost("The connection is closing."));
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      const timer = setTimeout(() => this.#lose({ code: 0, reason: "The gateway does not answer." }), CALL_TIME);
      const settle = (action) => (value) => {
        clearTimeout(timer);
        action(value);
      };
      this.#calls.set(id, { resolve: settle(resolve), reject: settle(reject) });
      this.#socket.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
    });
  }

  #receive(message) {
    if (message.method === "push") {
      const { topic, state, position } = message.params;
      this.#options.onPush(topic, state, position);
      return;
    }
    const call = this.#calls.get(message.id);
    if (call === undefined) return;
    this.#calls.delete(message.id);
    if (message.error) call.reject(new Refused(message.error));
    else call.resolve(message);
  }
}

function socketUrl() {
  const url = new URL("/v1/socket", location.href);
  url.protocol = url.protocol.replace("http", "ws");
  return url;
}

function opened(socket) {
  return new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Lost("The gateway cannot be reached."));
  });
}

function makeKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return "page-" + Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
