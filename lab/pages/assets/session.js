// Who is signed in. The credential lies in sessionStorage under Finesse's own key, so that a reload stays signed in.
const KEY = "userFinesseAuth";

export const header = () => ({ Authorization: `Basic ${sessionStorage.getItem(KEY) ?? ""}` });
export const isKept = () => sessionStorage.getItem(KEY) !== null;
export const forget = () => sessionStorage.removeItem(KEY);

export function keep(userId, password) {
  const bytes = new TextEncoder().encode(`${userId}:${password}`);
  sessionStorage.setItem(KEY, btoa(String.fromCharCode(...bytes)));
}

// The session, or a word for why there is none: "wrong", "locked" or "unreachable".
export async function open() {
  const answer = await fetch("/desktop/session", { headers: header(), cache: "no-store" }).catch(() => null);
  if (answer?.ok) return { session: await answer.json() };
  if (answer?.status !== 401) return { fault: "unreachable" };
  return { fault: (await answer.json()).locked ? "locked" : "wrong" };
}

export async function signOut() {
  await fetch("/desktop/sign-out", { method: "POST", headers: header() }).catch(() => null);
  forget();
  location.assign("/desktop");
}
