/*
 * Who uses the console. A token lives in this page's memory; only who asks for it has it kept in the tab, until the
 * tab is closed. It is never in an address, and never where another tab or a later visitor finds it.
 */

import { Refused } from "../socket.js";

const KEPT = "console-token";
const CARRIED = "console-token-carried";

/** Roles that the console is for. */
const ROLES = ["manager", "operator"];

export class Session {
  #token = "";
  who = "";
  role = "";
  expiresAt = 0;

  /** Takes up what the tab keeps, or was handed over: whether there was a token that still lasts. */
  resume() {
    const kept = sessionStorage.getItem(KEPT) ?? sessionStorage.getItem(CARRIED);
    sessionStorage.removeItem(CARRIED);
    if (kept === null) return false;
    this.#take(kept);
    if (this.expiresAt > Date.now()) return true;
    this.forget();
    return false;
  }

  /**
   * Signs in with a token that somebody pasted. Throws `Refused` if the gateway does not know it, and with
   * `not_staff` if it is a member's.
   */
  async signIn(token, keep) {
    const claims = readClaims(token);
    if (claims !== null && !ROLES.includes(claims.role)) throw refuse("not_staff", claims.role);
    const response = await fetch("/v1/program", { headers: { Authorization: `Bearer ${token}` } }).catch(() => {
      throw refuse("unreachable");
    });
    if (!response.ok) throw await readRefusal(response);
    this.#take(token);
    if (keep) sessionStorage.setItem(KEPT, token);
    else sessionStorage.removeItem(KEPT);
  }

  /** Signs in as somebody of the demo's staff; throws `Refused` where there is no demo. */
  async signInToDemo(staff, keep) {
    const response = await fetch("/demo/token", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ staff }),
    }).catch(() => {
      throw refuse("unreachable");
    });
    if (!response.ok) throw refuse(response.status === 404 ? "no_demo" : "forbidden");
    await this.signIn((await response.json()).token, keep);
  }

  /** Hands the token over to this page's next load, which takes it away again: it begins anew in another language. */
  carry() {
    sessionStorage.setItem(CARRIED, this.#token);
  }

  /** The token, for the connection; throws `{ final: true }` once it has expired. */
  token() {
    if (this.expiresAt > Date.now()) return this.#token;
    throw Object.assign(new Error("token_expired"), { final: true });
  }

  /** A file that only staff may have, as a `Blob`; throws `Refused`. */
  async fetchFile(path) {
    const response = await fetch(path, { headers: { Authorization: `Bearer ${this.token()}` } }).catch(() => {
      throw refuse("unreachable");
    });
    if (!response.ok) throw await readRefusal(response);
    return response.blob();
  }

  forget() {
    sessionStorage.removeItem(KEPT);
    this.#token = this.who = this.role = "";
    this.expiresAt = 0;
  }

  get isOperator() {
    return this.role === "operator";
  }

  #take(token) {
    const claims = readClaims(token) ?? {};
    this.#token = token;
    this.who = claims.sub ?? "";
    this.role = claims.role ?? "";
    this.expiresAt = (claims.exp ?? 0) * 1000;
  }
}

/** What a token says of itself (RFC 7519 §3), to show it: whether it is true is the gateway's to say. */
function readClaims(token) {
  try {
    const payload = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}

async function readRefusal(response) {
  const problem = await response.json().catch(() => ({}));
  return new Refused({ message: problem.detail ?? "", data: { ...problem, code: problem.code ?? "internal" } });
}

function refuse(code, detail = "") {
  return new Refused({ message: detail, data: { code } });
}
