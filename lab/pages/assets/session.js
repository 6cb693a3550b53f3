// Who is signed in. A password lies in sessionStorage under Finesse's own key, so that a reload stays signed in; with
// single sign-on a refresh token lies there instead, and the access token of the hour in memory.
const KEY = "userFinesseAuth";
const REFRESH = "lab.refreshToken";
// What goes along to another node.
const MOVED_KEYS = [KEY, REFRESH, "lab.language"];
const RETRY = 1000;

let token = "";
let rotation = 0;

const kept = (name) => sessionStorage.getItem(name) ?? "";
const basic = () => ({ Authorization: `Basic ${kept(KEY)}` });
export const accessToken = () => token;
export const header = () => (token ? { Authorization: `Bearer ${token}` } : basic());
export const isKept = () => (kept(KEY) || kept(REFRESH)) !== "";

export function forget() {
  clearTimeout(rotation);
  token = "";
  for (const name of [KEY, REFRESH]) sessionStorage.removeItem(name);
}

export function keep(userId, password) {
  const bytes = new TextEncoder().encode(`${userId}:${password}`);
  sessionStorage.setItem(KEY, btoa(String.fromCharCode(...bytes)));
}

export const movedItems = () => Object.fromEntries(MOVED_KEYS.map((name) => [name, kept(name)]).filter(([, value]) => value));

export function unpack(carried) {
  for (const name of MOVED_KEYS) if (name in carried) sessionStorage.setItem(name, carried[name]);
}

// The session, or a word for why there is none: "wrong", "locked", "unreachable", or "elsewhere" with the way there.
// A fresh session begins with a sign-in, and not with a reload or another node.
export async function open({ fresh = false } = {}) {
  const refused = await renew();
  if (refused) return refused;
  const { answer, fault } = await ask(`/desktop/session${fresh ? "?fresh" : ""}`, { headers: header(), cache: "no-store" });
  if (fault) return fault;
  return answer.elsewhere ? { fault: "elsewhere", way: answer } : { session: answer };
}

// The next access token where single sign-on is on; nothing changes where it is off. Answers a fault, or null.
export async function renew() {
  const headers = { ...(kept(REFRESH) ? {} : basic()), "Content-Type": "application/json" };
  const body = JSON.stringify({ refreshToken: kept(REFRESH) });
  const { answer, fault } = await ask("/desktop/sso/token", { method: "POST", headers, body });
  if (fault) return fault;
  if (answer.elsewhere) return { fault: "elsewhere", way: answer };
  token = answer.token ?? "";
  if (!token) return null;
  sessionStorage.removeItem(KEY);
  sessionStorage.setItem(REFRESH, answer.refreshToken);
  rotate(answer.rotateAfter * 1000);
  return null;
}

function rotate(after) {
  clearTimeout(rotation);
  rotation = setTimeout(async () => (await renew())?.fault === "unreachable" && rotate(RETRY), after);
}

async function ask(path, options) {
  const answer = await fetch(path, options).catch(() => null);
  if (answer?.ok) return { answer: await answer.json() };
  if (answer?.status !== 401) return { fault: { fault: "unreachable" } };
  return { fault: { fault: (await answer.json()).locked ? "locked" : "wrong" } };
}

export async function signOut() {
  await fetch("/desktop/sign-out", { method: "POST", headers: header() }).catch(() => null);
  forget();
  location.assign("/desktop");
}
